"""What was measured of the proof: kept in one file, and shown on the page that tells of it."""

import contextlib
import json
import os
import platform
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tools" / "measured.json"
PAGE = "reference/how-checked.md"
# What becomes of a mutant, and how the page calls it.
CLASSES = {"caught": "Caught", "equivalent": "No mistake", "survived": "Unnoticed"}


def versions() -> list[str]:
    """What the site is proved on."""
    return [f"{name} {version(name)}" for name in ("keras", "tf_keras", "tensorflow")]


def read() -> dict[str, Any]:
    """What is kept, by part."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def keep(part: str, figures: Mapping[str, object]) -> None:
    """Write what was measured now, and on what; the other parts stay."""
    on = {
        "date": date.today().isoformat(),
        "commit": _commit(),
        "versions": ", ".join([f"Python {platform.python_version()}", *versions()]),
        "machine": f"{os.cpu_count()} processors ({platform.system()}, {platform.machine()})",
    }
    text = json.dumps(read() | {part: {"on": on, "figures": figures}}, indent=2)
    FILE.write_text(f"{text}\n", encoding="utf-8")


def _commit() -> str:
    """The commit that is checked out, and whether anything but the figures was changed since."""
    commit = _git("rev-parse", "--short", "HEAD") or "unknown"
    changes = _git("status", "--porcelain", "--", ".", ":!tools/measured.json")
    return commit + "+changes" * bool(changes)


def _git(*command: str) -> str:
    with contextlib.suppress(OSError):  # a copy may have no Git
        ran = subprocess.run(("git", *command), cwd=ROOT, capture_output=True, text=True)
        return ran.stdout.strip()
    return ""


def with_figures(markdown: str) -> str:
    """The page, with the figures of each part at the end of its section.

    Raises LookupError where a section is missing.
    """
    parts = read()
    for part, (heading, table) in SECTIONS.items():
        shown = "Not measured yet."
        if kept := parts.get(part):
            measured = "Measured on {date} at commit {commit}, with {versions}, on {machine}."
            shown = "\n".join([measured.format(**kept["on"]), "", *table(kept["figures"])])
        section = re.search(rf"(?ms)^## {re.escape(heading)}\n.*?(?=^## |\Z)", markdown)
        if not section:
            raise LookupError(f"{PAGE} needs the heading `## {heading}`, for its figures")
        at = section.end()
        markdown = f"{markdown[:at].rstrip()}\n\n{shown}\n\n{markdown[at:]}"
    return markdown


def _table(header: list[str], rows: Mapping[str, list[object]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|---{'|--:' * (len(header) - 1)}|"
    for name, cells in rows.items():
        yield f"| {' | '.join(map(str, [name, *cells]))} |"


def _mutants(operators: dict[str, dict[str, int]]) -> Iterator[str]:
    """What became of the mutants, by operator, and of all."""
    yield from (
        "The table counts all changes of answers and sentences, and at most 20 of each page's "
        "code; those of one kind with which a page can't even be read count only once per page. "
        "In it, a row is the first cell of a row that is run, and an answer another of its cells.",
        "",
    )
    total: Counter[str] = Counter()
    for counts in operators.values():
        total.update(counts)
    yield from _table(
        ["Change", "Made", *CLASSES.values()],
        {
            name: [sum(counts.values()), *(counts.get(one, 0) for one in CLASSES)]
            for name, counts in (operators | {"**All**": total}).items()
        },
    )


def _bench(runs: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    """What each tool takes, in multiples of what the floor takes."""
    yield from (
        "Time, and memory in brackets, in multiples of what the bare process (floor) takes:",
        "",
    )
    tools: dict[str, list[object]] = {}
    for took in runs.values():
        for tool, ratios in took.items():
            tools.setdefault(tool, []).append(f"{ratios['time']:.2f} ({ratios['memory']:.2f})")
    yield from _table(["Snippets", *runs], tools)


def _browser(figures: dict[str, str]) -> Iterator[str]:
    """What a reader of the built site waits for."""
    yield from _table(
        ["In Chromium, from a local server", "Median"], {k: [v] for k, v in figures.items()}
    )


SECTIONS: dict[str, tuple[str, Callable[[Any], Iterator[str]]]] = {
    "mutants": ("How do you know that the checks can fail?", _mutants),
    "bench": ("What does it cost?", _bench),
    "browser": ("How long does a reader wait?", _browser),
}
