"""What `make mutants` and `make bench` measure is kept, and shown on its page."""

import json
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from mkdocs.exceptions import Abort

import measured
from project import DOCS, PAGES, ROOT
from site_hook import on_page_markdown
from test_mutants import counted

MUTANTS = {
    "answer: axes": {"caught": 34},
    "code: numbers": {"caught": 700, "equivalent": 50, "survived": 2},
}
BENCH = {"40 generated": {"this project": {"time": 1.239, "memory": 1.5}}}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of figures that isn't there yet."""
    monkeypatch.setattr(measured, "FILE", tmp_path / "measured.json")
    return measured.FILE


def shown(markdown: str) -> str:
    """What the site makes of the page's Markdown."""
    file = SimpleNamespace(src_uri=measured.PAGE, abs_src_path=DOCS / measured.PAGE)
    page = SimpleNamespace(file=file, meta={})
    return on_page_markdown(markdown, page, None, None)


def section(markdown: str, heading: str) -> str:
    """The text under a heading."""
    return re.split(r"(?m)^## ", markdown.split(f"## {heading}\n")[1])[0]


def test_the_page_shows_what_was_measured(file: Path) -> None:
    """Each part at the end of its section, with what it was measured on; nothing else changes."""
    text = (DOCS / measured.PAGE).read_text("utf-8")
    assert "Not measured yet." not in text
    assert shown(text).count("\n\nNot measured yet.\n") == len(measured.SECTIONS)
    measured.keep("mutants", MUTANTS)
    measured.keep("bench", BENCH)
    on = json.loads(file.read_text("utf-8"))["bench"]["on"]
    checks = section(shown(text), "How do you know that the checks can fail?")
    cost = section(shown(text), "What does it cost?")
    for part in (checks, cost):
        assert all(value in part for value in on.values())
    assert checks.rstrip().endswith(
        "| Change | Made | Caught | No mistake | Unnoticed |\n"
        "|---|--:|--:|--:|--:|\n"
        "| answer: axes | 34 | 34 | 0 | 0 |\n"
        "| code: numbers | 752 | 700 | 50 | 2 |\n"
        "| **All** | 786 | 734 | 50 | 2 |"
    )
    assert cost.rstrip().endswith(
        "| Snippets | 40 generated |\n|---|--:|\n| this project | 1.24 (1.50) |"
    )
    assert not set(text.splitlines()) - set(shown(text).splitlines())


def test_a_heading_that_is_gone_is_said() -> None:
    """Figures without their section stop the build."""
    with pytest.raises(Abort, match="needs the heading `## How do you know"):
        shown("# How is this site checked?\n\n## What does it cost?\n")


def test_one_part_leaves_the_other() -> None:
    """Measuring anew replaces the same part only."""
    measured.keep("mutants", MUTANTS)
    measured.keep("bench", {})
    measured.keep("bench", BENCH)
    parts = measured.read()
    assert {part: kept["figures"] for part, kept in parts.items()} == {
        "mutants": MUTANTS,
        "bench": BENCH,
    }


@pytest.fixture
def hooks(request: pytest.FixtureRequest) -> ModuleType:
    """The hooks that count what became of the mutants of a run."""
    plugin = request.config.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py"))
    assert isinstance(plugin, ModuleType)
    return plugin


def finished(
    hooks: ModuleType, counts: object, pages: int, *, code_mutants: int
) -> tuple[object, list[str]]:
    """End a run in which each of `pages` has these mutants: its exit status, and what is said."""
    reports = [
        pytest.TestReport(
            *(f"{page}", ("", 0, ""), {}, "passed", None, when),
            user_properties=[("mutants", (counts, []))],
        )
        for page in range(pages)
        for when in ("call", "teardown")
    ]
    said: list[str] = []
    terminal = SimpleNamespace(stats={"": reports}, write_line=said.append)
    terminal.config = SimpleNamespace(
        option=SimpleNamespace(code_mutants=code_mutants),
        pluginmanager=SimpleNamespace(get_plugin=lambda _: terminal),
    )
    session = SimpleNamespace(config=terminal.config, exitstatus=pytest.ExitCode.OK)
    hooks.pytest_sessionfinish(session)
    hooks.pytest_terminal_summary(terminal)
    return session.exitstatus, said


@pytest.mark.parametrize(
    ("pages", "code_mutants", "kept"),
    [(len(PAGES), 20, True), (len(PAGES), 2, False), (1, 20, False)],
    ids=["many", "few", "one page"],
)
def test_only_many_mutants_of_all_pages_are_kept(
    pages: int, code_mutants: int, kept: bool, hooks: ModuleType
) -> None:
    """The figures are those of a larger run, in which each page counts once."""
    _, said = finished(hooks, {"answer: axes": {"caught": 2}}, pages, code_mutants=code_mutants)
    assert said[0] == f"{2 * pages} mutants: {2 * pages} caught, 0 equivalent, 0 survived"
    figures = measured.read().get("mutants", {}).get("figures")
    assert figures == ({"answer: axes": {"caught": 2 * pages}} if kept else None)


@pytest.mark.parametrize(("survived", "fails"), [(1, False), (9, True)])
def test_a_whole_run_fails_if_too_many_changed_sentences_pass(
    survived: int, fails: bool, hooks: ModuleType
) -> None:
    """A machine decides only some of them; how many it leaves is bounded."""
    counts = {"sentence: generations": {"caught": 10 - survived, "survived": survived}}
    status, _ = finished(hooks, counts, len(PAGES), code_mutants=20)
    assert (status == pytest.ExitCode.TESTS_FAILED) is fails


def test_what_cannot_be_read_counts_once() -> None:
    """However many mutants of a page and an operator the parser refuses."""
    classes = ["refused", "refused", "caught", "equivalent", "refused"]
    counts = counted(["indentation"] * 4 + ["line dropped"], classes)
    assert counts == {
        "indentation": {"caught": 2, "equivalent": 1},
        "line dropped": {"caught": 1},
    }
