"""The index of the paste box: each heading under which messages stand, and their texts.

The entries of the error pages come first; a section of another page has the messages that no entry
is known by.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown.extensions.toc import slugify

from proof.page import Page, Snippet, read_page

LONGEST = 320  # letters of a message that tell it from others
ENOUGH = 126  # where no entry is about it

_QUOTED = re.compile(r'"((?:(?!\]\()[^"]){12,})"')  # without links: they stand between quotes
# As docs/assets/errors/find.js does with what is pasted.
_NAMES = re.compile(r"(?i)\b(model|name) [\"'`][^\"'`\n]*[\"'`]")
_GRAPH = re.compile(r"Detected at node .* defined at \(most recent call last\):\s+")
_MESSAGE = re.compile(r"(?m)^(?:\w*(?:Error|Warning|Exit)): ")
_ARGUMENTS = re.compile(r"\s*\n\s*(?:Call arguments|Arguments) received by .*", re.DOTALL)


@dataclass(frozen=True)
class Cause:
    """A cause of an error: its heading, or none, and the messages by which it is known."""

    heading: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """An error: its page's folder, its heading, and its causes.

    The folder is seen from that of the error pages.
    """

    page: str
    heading: str
    causes: tuple[Cause, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The messages by which the entry is known."""
        return tuple(text for cause in self.causes for text in cause.texts)

    @property
    def address(self) -> str:
        """Where the entry stands, from the folder of the error pages."""
        return self.address_of(self.heading)

    def address_of(self, heading: str) -> str:
        """Where a heading of its page stands."""
        return f"{self.page}/#{slugify(heading.replace('`', ''), '-')}"


# What a snippet of a page raises in other versions of Keras.
Others = Callable[[Page, Snippet], Iterable[str]]


def _none(page: Page, snippet: Snippet) -> Iterable[str]:
    return ()


def entries(folder: Path, others: Others = _none) -> Iterator[Entry]:
    """Every entry of the pages in `folder`; an entry is a heading of the second level.

    `others`: the outputs of a snippet in other versions, which count as well.
    """
    for path in sorted(folder.glob("*.md")):
        if path.stem != "index":
            yield from _entries(read_page(path, path), path.stem, others)


def sections(docs: Path, own: Iterable[Entry]) -> Iterator[Entry]:
    """The sections of the other pages, with the messages that no entry of `own` is known by."""
    known = {text for one in own for text in one.texts}
    for path in sorted(docs.rglob("*.md")):
        if path.parent.name == "errors":
            continue
        page, folder = read_page(path, path), path.relative_to(docs).with_suffix("")
        shown: defaultdict[int, dict[str, None]] = defaultdict(dict)
        for line, text in _shown(page):
            if not any(text in one for one in known):
                shown[line][text[:ENOUGH]] = None
        for line, texts in shown.items():
            heading = page.lines[line - 1].lstrip("# ")
            yield Entry(f"../{folder.as_posix()}", heading, (Cause("", tuple(texts)),))


def _shown(page: Page) -> Iterator[tuple[int, str]]:
    """The messages of a page, and the line of the heading that each stands under.

    A heading may quote one itself. What a folded question shows stands under no heading.
    """
    for snippet in page.snippets:
        section = page.sections[snippet.fence.line]
        if page.lines[section.start - 1].startswith("#"):
            yield from ((section.start, shortened(one)) for one in messages(snippet.output or ""))
    for line, text in page.prose:
        if text.startswith("#"):
            yield from ((line, shortened(quoted)) for quoted in _QUOTED.findall(text))


def raised_by(page: Page, start: int, end: int) -> list[Snippet]:
    """The snippets between two lines that raise or warn."""
    return [
        snippet
        for snippet in page.snippets
        if start < snippet.fence.line < end and messages(snippet.output or "")
    ]


def _entries(page: Page, name: str, others: Others) -> Iterator[Entry]:
    """The entries of an error page, in their order."""
    for section in dict.fromkeys(page.sections.values()):
        if section.level == 2:
            heading = page.lines[section.start - 1].removeprefix("## ")
            yield Entry(name, heading, tuple(_causes(page, section.start, section.end, others)))


def _causes(page: Page, start: int, end: int, others: Others) -> Iterator[Cause]:
    """The causes of an entry; what stands before the first one is known by the entry itself."""
    starts = [line for line, text in page.prose if start < line < end and text.startswith("### ")]
    for first, last in pairwise([start, *starts, end]):
        heading = "" if first == start else page.lines[first - 1].removeprefix("### ")
        if texts := dict.fromkeys(map(shortened, _texts(page, first, last, others))):
            yield Cause(heading, tuple(texts))


def _texts(page: Page, start: int, end: int, others: Others) -> Iterator[str]:
    """What is raised between two lines, and what is quoted there and isn't raised."""
    raised = [
        message
        for snippet in raised_by(page, start, end)
        for output in (snippet.output or "", *others(page, snippet))
        for message in messages(output)
    ]
    yield from raised
    for line, text in page.prose:
        if start < line < end and text[:1] != "=":
            for quoted in _QUOTED.findall(text):
                if not any(quoted in one for one in raised):
                    yield quoted


def shortened(text: str) -> str:
    """What the box needs of a text: its first words, without the names of models."""
    return " ".join(_NAMES.sub(r"\1", _GRAPH.sub("", text)[:LONGEST]).split())


def messages(output: str) -> list[str]:
    """The errors and warnings in an output, without their types and the arguments of layers."""
    return [_ARGUMENTS.sub("", part).strip() for part in _MESSAGE.split(output)[1:]]


def index(docs: Path, others: Others = _none) -> str:
    """The entries as JSON: page → its entries, each its heading, and a list for each cause.

    A cause is its heading and its texts.
    """
    pages: dict[str, list[list[str | list[str]]]] = {}
    own = list(entries(docs / "errors", others))
    for one in (*own, *sections(docs, own)):
        causes = [[cause.heading.replace("`", ""), *cause.texts] for cause in one.causes]
        pages.setdefault(one.page, []).append([one.heading.replace("`", ""), *causes])
    return json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
