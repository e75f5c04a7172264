"""What compares another builder's pages with what was run."""

from pathlib import Path

from project import PAGES
from zensical_check import other_pages


def test_pages_with_other_blocks_are_named(site: Path, tmp_path: Path) -> None:
    """Of the site as it is built, none; of one without pages or code, those."""
    assert not list(other_pages(site))
    page = tmp_path / "learn" / "stacking" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>No code.</p>", encoding="utf-8")
    said = list(other_pages(tmp_path))
    assert len(said) == len(PAGES)
    assert "docs/learn/stacking.md: its blocks of code aren't those that were run" in said
    assert "docs/index.md: it wasn't built" in said
