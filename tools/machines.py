"""What machines read of the site: llms.txt, the Markdown of each page, robots.txt.

llms.txt lists the pages with what each answers, llms-full.txt holds them all, with their outputs.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

_LINK = re.compile(r"(\]\()(?!\w+:|#)([^)\s#]+)")


@dataclass(frozen=True)
class Source:
    """A page: its section in the navigation, its source's path, what it asks and answers."""

    section: str
    path: str
    question: str
    answer: str
    markdown: str

    @property
    def address(self) -> str:
        """Where the site has its Markdown, from the root: `learn/stacking/index.md`."""
        name = posixpath.splitext(self.path)[0]
        return f"{name}.md" if posixpath.basename(name) == "index" else f"{name}/index.md"


def files(sources: list[Source], name: str, says: str, root: str) -> Iterator[tuple[str, str]]:
    """The path and the text of each file; `root` is the site's address, or empty."""
    addresses = {source.path: source.address for source in sources}
    for source in sources:
        yield source.address, moved(source, addresses)
    yield "llms.txt", "\n".join(index(sources, name, says, root)) + "\n"
    yield "llms-full.txt", "\n\n".join(source.markdown.strip() for source in sources) + "\n"
    sitemap = f"\nSitemap: {root}sitemap.xml\n" if root else ""
    yield "robots.txt", f"User-agent: *\nAllow: /\n{sitemap}"


def index(sources: list[Source], name: str, says: str, root: str) -> Iterator[str]:
    """The lines of llms.txt: the pages by section, each with the sentence that answers."""
    yield from (f"# {name}", "", f"> {says}")
    section = None
    for source in sources:
        if source.section != section:
            section = source.section
            yield from ("", f"## {section}", "")
        yield f"- [{source.question}]({root}{source.address}): {source.answer}"


def moved(source: Source, addresses: dict[str, str]) -> str:
    """The page's Markdown with links that lead on from where the site has it."""
    here, there = posixpath.dirname(source.path), posixpath.dirname(source.address)

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, match[2]))
        target = addresses.get(target, target)
        return match[1] + posixpath.relpath(target, there or ".")

    return _LINK.sub(link, source.markdown)


def markdown_of(notebook: NotebookNode) -> str:
    """The Markdown of an executed example: its words, its code and what it printed, no pictures."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source.replace("](../docs/", "](../"))  # as the pages stand
            continue
        parts.append(f"```python\n{cell.source}\n```")
        printed = "".join(output.get("text", "") for output in cell.outputs)
        if printed:
            parts.append(f"```text\n{printed.rstrip()}\n```")
    return "\n\n".join(parts)
