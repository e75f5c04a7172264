"""What a reader sees of a page's code: the blocks of its HTML, against those that were run.

Markdown, themes and plugins can change, add or lose code between the source and the page.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup, Tag
from markdown import Markdown
from mkdocs.config import load_config

from proof.page import Page

Blocks = list[tuple[str, str]]


@dataclass(frozen=True)
class MarkdownSettings:
    """The Markdown extensions of a site, and their options by extension."""

    extensions: list[str]
    options: dict[str, dict[str, Any]]

    @classmethod
    def of_site(cls, file: Path) -> "MarkdownSettings":
        """Read them from an `mkdocs.yml`, as MkDocs does."""
        logging.getLogger("mkdocs").setLevel(logging.ERROR)  # it warns of what isn't asked here
        config = load_config(str(file), plugins=[], hooks=[])
        return cls(config.markdown_extensions, config.mdx_configs)


def render(page: Page, settings: MarkdownSettings) -> str:
    """The page's article as HTML."""
    markdown = Markdown(extensions=settings.extensions, extension_configs=settings.options)
    body = markdown.convert("\n".join(page.lines))
    return f"<article>{body}</article>"


def misrendered(page: Page, settings: MarkdownSettings) -> Iterator[str]:
    """A message where a reader sees other code than is run, or an output without its snippet."""
    html = render(page, settings)
    pairs = zip_longest(blocks_in_html(html), proved_blocks(page), fillvalue=("", ""))
    different = next((pair for pair in pairs if pair[0] != pair[1]), None)
    if different:
        (_, shown), (_, run) = different
        if shown == run or (run and run not in shown):
            what = "this block doesn't reach a reader as it is written here; check its indentation"
            yield f"{page.path}:{_line(page, run)}: {what}"
        else:
            what = "a reader sees this as code, and it isn't run; make it a block of ```python"
            yield f"{page.path}:{_line(page, shown)}: {what}, or words"
        return
    for output in strayed_outputs(html):
        yield f"{page.path}:{_line(page, output)}: this output doesn't stand right under a snippet"


def _line(page: Page, block: str) -> int:
    """The line of a page on which a block begins, as far as its first line tells; else 1."""
    first = next((line.strip() for line in block.split("\n") if line.strip()), "")
    lines = enumerate(page.lines, 1)
    return next((number for number, line in lines if first and first in line), 1)


def proved_blocks(page: Page) -> Blocks:
    """The blocks of a page that a reader must see, and no others."""
    return [(language, text.strip("\n")) for language, text in page.blocks]


def blocks_in_html(html: str) -> Blocks:
    """The blocks of code in a page's article, as (language, text), in order.

    Code that has no language, or stands outside the markup of a block, is of language "?". Notes
    on other versions of Keras are left out: they show records, not the page.
    """
    article = BeautifulSoup(html, "html.parser").article
    if not article:
        return []
    for note in article.select("details.elsewhere"):
        note.decompose()
    shown = [*article.find_all("pre"), *article.find_all(["code", "textarea", "samp"])]
    return [
        (_language(element), _text(element))
        for element in sorted(shown, key=lambda element: (element.sourceline, element.sourcepos))
        if element.name == "pre" or (not element.find_parent("pre") and "\n" in element.get_text())
    ]


def strayed_outputs(html: str) -> list[str]:
    """The outputs in a page's article that don't stand right under a snippet or an output.

    An output may be the first thing in a tab, and the snippet right above the tabs.
    """
    strayed = []
    for output in BeautifulSoup(html, "html.parser").select("article .language-text.highlight"):
        above, tabs = output.find_previous_sibling(), output.find_parent(class_="tabbed-set")
        if not above and tabs:
            above = tabs.find_previous_sibling()
        if not above or not {"language-python", "language-text"} & {*_classes(above)}:
            strayed.append(_text(output))
    return strayed


def blocks_in_notebook(path: Path) -> Blocks:
    """The cells and the outputs of an executed notebook, as its page shows them; no plots."""
    blocks = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            blocks.append(("python", cell.source))
            for output in cell.outputs:
                if "image/svg+xml" in output.get("data", {}):
                    continue
                text = output.get("text") or output.get("data", {}).get("text/plain", "")
                blocks.append(("text", text))
    return [(language, text.strip("\n")) for language, text in blocks]


def _language(element: Tag) -> str:
    block = element.find_parent(class_="highlight")
    classes = _classes(block) if block else []
    return next((one.removeprefix("language-") for one in classes if "language-" in one), "?")


def _classes(element: Tag) -> list[str]:
    return list(element.get_attribute_list("class"))


def _text(element: Tag) -> str:
    return element.get_text().strip("\n")
