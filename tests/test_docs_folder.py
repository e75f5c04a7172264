"""A file in docs/ is a page that is proved, or an asset; anything else is refused by name."""

from pathlib import Path

import pytest

from project import DOCS, prove
from proof.docs_folder import misplaced

PAGE = "# Page\n"
LINK = "a symbolic link"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A docs folder with one good page, and what is no page but may be there."""
    folder = tmp_path / "docs"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "Any Name.svg").touch()
    (folder / "ruff.toml").touch()
    (folder / "good-page.md").write_text(PAGE)
    return folder


def test_a_good_folder_has_nothing_out_of_place(docs: Path) -> None:
    """Nor has ours."""
    assert not list(misplaced(docs))
    assert not list(misplaced(DOCS))


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("loop", ".", LINK),
        ("dangling.md", "none", LINK),
        ("PAGE.MD", PAGE, "not a page"),
        ("page.txt", PAGE, "not a page"),
        ("page.py", PAGE, "not a page"),
        (".hidden/page.md", PAGE, "not a name for an address"),
        ("a page.md", PAGE, "not a name for an address"),
        ("pagé.md", PAGE, "not a name for an address"),
        ("100%.md", PAGE, "not a name for an address"),
        ("empty.md", "", "a page begins with its heading"),
        ("front-matter.md", "---\na: b\n---\n", "a page begins with its heading"),
    ],
)
def test_what_is_out_of_place_is_named(
    name: str, content: str, fault: str, docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the function that the build asks, and by `pytest docs`, which ends at once."""
    path = docs / name
    if fault == LINK:
        path.symlink_to(content)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    message = f"docs/{name.split('/')[0]}:1: {fault}"
    assert [one for one in misplaced(docs) if one.startswith(message)]
    assert prove(docs.parent, docs) == pytest.ExitCode.USAGE_ERROR
    assert message in capsys.readouterr().err
