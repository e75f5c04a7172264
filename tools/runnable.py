"""Which snippets a reader can run in the browser: those that show there what their page shows.

They are run, at build, by the same Keras that a browser gets. Nothing is listed by hand.
"""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

from matrix import versions
from node import run_node
from proof.compare import compare
from proof.generations import KERAS_2
from proof.page import Page, Snippet
from proof.protocol import Result
from proof.tables import Table

ROOT = Path(__file__).parents[1]
PLAYGROUND = ROOT / ".cache" / "playground"
BUNDLE = PLAYGROUND / "dist"
KEPT = PLAYGROUND / "results.json"
RUN = ROOT / "playground" / "build" / "run.mjs"
_BLOCK = re.compile(r'<div class="language-python highlight\b')

Job = dict[str, Any]


class BundleError(Exception):
    """Keras for the browser isn't there, or doesn't run; its text says what to do."""


def marked(html: str, runs: dict[int, str]) -> str:
    """The page's HTML with `data-run` on each Python block that can be run, as `runnable` says.

    Its value names the tables that are run with it, by their place among the page's run tables.
    """
    blocks = count()

    def mark(block: re.Match[str]) -> str:
        tables = runs.get(next(blocks))
        return block[0] if tables is None else f'<div data-run="{tables}"{block[0][4:]}'

    return _BLOCK.sub(mark, html)


def runnable(pages: Iterable[Page]) -> dict[Path, dict[int, str]]:
    """Of each page, which of its Python blocks can be run, and with which of its run tables.

    Blocks and tables are numbered from 0, in the order of the page. Raises BundleError.
    """
    pages = list(pages)
    asked = [(page, *one) for page in pages for one in candidates(page)]
    results = results_of([job_of(snippet) for *_, snippet in asked])
    found: dict[Path, dict[int, str]] = {page.path: {} for page in pages}
    for (page, block, snippet), result in zip(asked, results, strict=True):
        if not list(compare(page, snippet, as_proved(snippet, result))):
            tables = _run_tables(page)
            found[page.path][block] = " ".join(str(tables.index(one)) for one in snippet.tables)
    return found


def candidates(page: Page) -> list[tuple[int, Snippet]]:
    """The snippets that aren't of Keras 2, each with its place among the page's Python blocks.

    The tables of the compatibility page show all versions, so there are none on it.
    """
    if page.path == Path("docs", versions.PAGE):
        return []
    lines = sorted({snippet.fence.line for snippet in page.snippets})
    return [
        (lines.index(snippet.fence.line), snippet)
        for snippet in page.snippets
        if snippet.generation != KERAS_2
    ]


def _run_tables(page: Page) -> list[Table]:
    tables = {table.rows[0].line: table for snippet in page.snippets for table in snippet.tables}
    return [tables[line] for line in sorted(tables)]


def job_of(snippet: Snippet) -> Job:
    """What a browser is asked to run."""
    tables = [
        {"headers": table.headers, "rows": [row.cells[0].strip("`") for row in table.rows]}
        for table in snippet.tables
    ]
    return {"code": snippet.code, "tables": tables}


def as_proved(snippet: Snippet, result: Job) -> Result:
    """A browser's result, with its rows named as in a result of the proof."""
    keys = [snippet.key(row) for table in snippet.tables for row in table.rows]
    return Result(
        result["output"],
        {int(line): one["is"] for line, one in result["comments"].items()},
        {keys[int(number)]: cells for number, cells in result["cells"].items()},
        {keys[int(number)]: why for number, why in result["failures"].items()},
        result["raised_at"],
    )


def results_of(jobs: list[Job]) -> list[Job]:
    """What each job shows in the bundle's Keras; what ran before in this bundle is kept.

    Raises BundleError.
    """
    try:
        bundle = hashlib.sha256((BUNDLE / "keras.zst").read_bytes()).hexdigest()
    except OSError:
        raise BundleError("Keras for the browser isn't built; run: make build") from None
    before = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
    kept: dict[str, Job] = before["results"] if before.get("bundle") == bundle else {}
    texts = [json.dumps(job) for job in jobs]
    new = list(dict.fromkeys(text for text in texts if text not in kept))
    if new:
        try:
            shown = run_node(RUN, [json.loads(text) for text in new], BUNDLE)
        except (OSError, subprocess.CalledProcessError) as error:
            raise BundleError(f"Keras for the browser doesn't run: {error}") from None
        kept |= zip(new, json.loads(shown), strict=True)
        KEPT.write_text(json.dumps({"bundle": bundle, "results": kept}), encoding="utf-8")
    return [kept[text] for text in texts]
