"""A file in docs/ is a page that is proved, or an asset; anything else is refused by name."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from project import ROOT, prove, run
from proof.docs_folder import misplaced


def write(name: str, text: str = "# Page\n") -> Callable[[Path], object]:
    """A change of a docs folder: one more file."""

    def change(docs: Path) -> None:
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")

    return change


BAD = {
    "loop": (lambda docs: (docs / "loop").symlink_to(docs), "loop:1: a symbolic link"),
    "dangling": (lambda docs: (docs / "a.md").symlink_to("none"), "a.md:1: a symbolic link"),
    "capitals": (write("PAGE.MD"), "PAGE.MD:1: not a page"),
    "text": (write("page.txt"), "page.txt:1: not a page"),
    "python": (write("page.py"), "page.py:1: not a page"),
    "hidden": (write(".hidden/page.md"), ".hidden:1: not a name for an address"),
    "blank": (write("a page.md"), "a page.md:1: not a name for an address"),
    "accent": (write("pagé.md"), "pagé.md:1: not a name for an address"),
    "percent": (write("100%.md"), "100%.md:1: not a name for an address"),
    "empty": (write("empty.md", ""), "empty.md:1: a page begins with its heading"),
    "front matter": (write("a.md", "---\na: b\n---\n"), "a.md:1: a page begins with its heading"),
}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A docs folder with one good page, and what is no page but may be there."""
    folder = tmp_path / "docs"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "Any Name.svg").touch()
    (folder / "ruff.toml").touch()
    write("good-page.md")(folder)
    return folder


def test_a_good_folder_has_nothing_out_of_place(docs: Path) -> None:
    """Nor has ours."""
    assert not list(misplaced(docs))
    assert not list(misplaced(ROOT / "docs"))


@pytest.mark.parametrize("name", BAD)
def test_what_is_out_of_place_is_named(
    name: str, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the function that the build asks, and by `pytest docs`, which ends at once."""
    change, message = BAD[name]
    change(docs)
    assert [one for one in misplaced(docs) if message in one]
    assert prove(docs.parent, docs) == pytest.ExitCode.USAGE_ERROR
    assert f"docs/{message}" in capsys.readouterr().err


def test_the_build_stops_at_what_is_out_of_place(tmp_path: Path) -> None:
    """With the message alone, before it walks into a loop."""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for name in ("tools", "overrides", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "docs" / "loop").symlink_to(tmp_path / "docs")
    built = run("mkdocs", "build", "--strict", cwd=tmp_path)
    assert built.returncode != 0
    assert "docs/loop:1: a symbolic link" in built.stdout
    assert "Traceback" not in built.stdout
