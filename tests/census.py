"""Read the built site back, to see which blocks of code a reader really sees.

Themes, plugins and includes can change, add or lose code between the source and the page.
"""

from pathlib import Path

import nbformat
from bs4 import BeautifulSoup, Tag

Blocks = list[tuple[str, str]]


def blocks_in_html(html: str) -> Blocks:
    """The blocks of code in a page's article, as (language, text), in order.

    Code that has no language, or stands outside the markup of a block, is of language "?".
    """
    article = BeautifulSoup(html, "html.parser").article
    if not article:
        return []
    shown = [*article.find_all("pre"), *article.find_all(["code", "textarea", "samp"])]
    return [
        (_language(element), _text(element))
        for element in sorted(shown, key=lambda element: (element.sourceline, element.sourcepos))
        if element.name == "pre" or (not element.find_parent("pre") and "\n" in element.get_text())
    ]


def strayed_outputs(html: str) -> list[str]:
    """The outputs in a page's article that don't stand right under a snippet or an output."""
    soup = BeautifulSoup(html, "html.parser")
    return [
        _text(output)
        for output in soup.select("article .language-text.highlight")
        if not (above := output.find_previous_sibling())
        or not {"language-python", "language-text"} & set(above.get("class", []))
    ]


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
    classes = block.get("class", []) if block else []
    return next((one.removeprefix("language-") for one in classes if "language-" in one), "?")


def _text(element: Tag) -> str:
    return element.get_text().strip("\n")
