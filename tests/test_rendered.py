"""What a theme, a plugin or Markdown itself does to the code of a page is found."""

from dataclasses import replace
from pathlib import Path

import pytest

from project import ROOT
from proof.page import parse_page
from proof.rendered import MarkdownSettings, blocks_in_html, proved_blocks, render, strayed_outputs

MARKER = "<!--pytest-codeblocks:expected-output-->"
PAGE = f"# Page\n\n```python\nprint(168)\n```\n\n{MARKER}\n\n```text\n168\n```\n"
SETTINGS = MarkdownSettings.of_site(ROOT / "mkdocs.yml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(168)", "print(169)"),
        ("168\n```", "169\n```"),
        ("```python\nprint(168)\n```", ""),
        ("```text\n168\n```", ""),
        ("# Page", "# Page\n\n```python\nimport keras\n```"),
        (MARKER, "Words between."),
    ],
    ids=["code", "output", "no code", "no output", "one more", "output strayed"],
)
def test_code_that_is_changed_on_its_way_is_found(old: str, new: str) -> None:
    """Code changed, lost, added or parted from its output between the source and the HTML."""
    page = parse_page(PAGE, Path("page.md"))
    assert old in PAGE
    html = render(replace(page, lines=tuple(PAGE.replace(old, new).split("\n"))), SETTINGS)
    assert blocks_in_html(html) != proved_blocks(page) or strayed_outputs(html)
