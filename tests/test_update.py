"""One command repairs a page; on a true page it changes nothing."""

from pathlib import Path

import pytest

from project import DATA, prove

STALE, REPAIRED = ((DATA / name).read_text("utf-8") for name in ("stale.md", "repaired.md"))
SNIPPET = "# Page\n\n```python\n{}\n```\n"
OUTPUT = "\n<!--pytest-codeblocks:expected-output-->\n\n```text\n{}\n```\n"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page, to be written."""
    return tmp_path / "page.md"


def test_update_repairs_a_page_and_leaves_a_true_one(page: Path) -> None:
    """Outputs are added, changed, removed; comments and tables corrected; the rest is kept."""
    page.write_text(STALE, encoding="utf-8")
    assert prove(page.parent, page) == pytest.ExitCode.TESTS_FAILED
    assert page.read_text("utf-8") == STALE
    for arguments in (["--update"], ["--update"], []):
        assert prove(page.parent, page, *arguments) == pytest.ExitCode.OK
        assert page.read_text("utf-8") == REPAIRED


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("unit = 3\nprint(units)", "it raises NameError now; fix the snippet"),
        ("print(1", "it raises SyntaxError now; fix the snippet"),
        ("import kera", "it raises ModuleNotFoundError now; fix the snippet"),
        (
            "import numpy\n\nprint(numpy.random.rand())",
            "another run shows something else; set a seed",
        ),
        ("import os\n\nprint(os.getpid())", "another run shows something else"),
        ("print({str(n) for n in range(20)})", "sort what has no order"),
    ],
    ids=["name", "syntax", "module", "random", "process", "set"],
)
def test_update_accepts_no_mistake_and_nothing_that_changes(
    code: str, message: str, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a typing error raises, and what another run would not show."""
    page.write_text(SNIPPET.format(code), encoding="utf-8")
    assert prove(page.parent, page, "--update") == pytest.ExitCode.TESTS_FAILED
    said = capsys.readouterr().out
    assert "page.md:3: not updated: " in said
    assert message in said
    assert page.read_text("utf-8") == SNIPPET.format(code)


@pytest.mark.parametrize(
    ("code", "rest", "written", "message"),
    [
        ('x = "no shape"  # (8, 3)\nprint("written")', "", "written", "has no shape"),
        ("print(4 * 42)", OUTPUT.format(135) + "\nIt has `135`.\n", "168", "page.md:13: `135` is"),
        ("print(units)", OUTPUT.format("NameError: old words"), "NameError: name 'units' is", ""),
        (
            'import os\n\nprint(f"process {os.getpid()}")\nx = 4 * 42  # 135',
            OUTPUT.format("process …"),
            "process …\n",
            "",
        ),
        (
            'import os\n\nprint("more")\nprint(f"process {os.getpid()}")',
            OUTPUT.format("process …"),
            "more\nprocess …\n",
            "",
        ),
        ("import keras\n\nprint(keras.Input((3,)).shape)", "", "(None, 3)", ""),
        (
            'print("written")',
            "\n| Name `n` | Value `n()` |\n|---|---|\n| `lambda: unit` | `?` |\n",
            "written",
            "this row's code fails: NameError",
        ),
        ("import keras\n\nprint(keras.__name__)", "", "keras", "Keras 2 shows something else"),
    ],
    ids=[
        "comment",
        "sentence without support",
        "error that was shown",
        "open line",
        "open line that moved",
        "both",
        "mistake in a table",
        "Keras 3 only",
    ],
)
def test_update_writes_what_can_be_accepted(
    code: str, rest: str, written: str, message: str, page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be is named, and fails the run; a page may be about a mistake."""
    page.write_text(SNIPPET.format(code) + rest, encoding="utf-8")
    ends = pytest.ExitCode.TESTS_FAILED if message else pytest.ExitCode.OK
    assert prove(page.parent, page, "--update") == ends
    assert message in capsys.readouterr().out
    assert f"```text\n{written}" in page.read_text("utf-8")


def test_update_in_several_processes_is_refused(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each process would write its own edits over those of the others."""
    page.write_text(STALE, encoding="utf-8")
    ends = prove(page.parent, page, "--update", "--numprocesses=2")
    assert ends == pytest.ExitCode.USAGE_ERROR
    said = capsys.readouterr().err
    assert "--update writes pages in one process; leave out --numprocesses" in said
    assert page.read_text("utf-8") == STALE


def test_update_names_a_linked_page_that_cannot_be_read(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its file and line, without a traceback; the update is written."""
    monkeypatch.chdir(page.parent)
    page.with_name("other.md").write_text('# Other\n\n=== "Keras 3"\n', encoding="utf-8")
    section = SNIPPET.format("print(6)").replace("# Page", "## Six")
    link = "# Page\n\n## Link\n\n[Six](other.md#other) units.\n\n"
    page.write_text(link + section, encoding="utf-8")
    assert prove(page.parent, page, "--update") == pytest.ExitCode.TESTS_FAILED
    assert "other.md:3: " in capsys.readouterr().out
    assert OUTPUT.format(6) in page.read_text("utf-8")
