"""A file in docs/ is a page that is proved, or an asset; anything else is refused by name."""

from pathlib import Path

import pytest

from project import prove
from proof.docs_folder import misplaced

PAGE = "# Page\n"
LINK = "a symbolic link"


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
    name: str, content: str, fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone, by the function that the build asks, and by `pytest docs`, which ends at once."""
    docs = tmp_path / "docs"
    (docs / "assets").mkdir(parents=True)
    (docs / "assets" / "Any Name.svg").touch()
    (docs / "ruff.toml").touch()
    (docs / "good-page.md").write_text(PAGE)
    path = docs / name
    if fault == LINK:
        path.symlink_to(content)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    message = f"docs/{name.split('/')[0]}:1: {fault}"
    assert [one[: len(message)] for one in misplaced(docs)] == [message]
    assert prove(tmp_path, docs) == pytest.ExitCode.USAGE_ERROR
    assert message in capsys.readouterr().err
