"""The index of the paste box: each heading under which messages stand, and their texts.

The entries of the error pages come first; a section of another page has the messages that no entry
is known by.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown.extensions.toc import slugify

from proof.page import Page, Snippet, read_page

FEWEST = 6  # words that are a message by themselves, without the place that it came from
# What tells a message from others: its first sentence, unless that is short; not its whole length.
_BEGINNING = re.compile(r"[\s\S]{90,165}?(?=\. |\n|\[<|: \[|tf\.Tensor|$)|[\s\S]{1,165}")

_QUOTED = re.compile(r'"([^"]{12,})"')
_SHAPES = re.compile(r"[(\[](?:None|\d+)(?:, ?(?:None|\d+))*,?[)\]]|\d{2,}")
# As docs/assets/paste.js does with what is pasted.
_NAMES = re.compile(r"(?i)\b(layer|model|name) [\"'`][^\"'`\n]*[\"'`]")
_PLACE = re.compile(r"^(?:in user code:\s+\w+: )?(?:Exception encountered when calling .*\s+)?")
_MESSAGE = re.compile(r"(?m)^(?:\w*(?:Error|Warning|Exit)): ")
_ARGUMENTS = re.compile(r"\n+(?:Call arguments|Arguments) received by .*", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """An error: its page's folder, its heading, and the messages by which it is known.

    The folder is seen from that of the error pages.
    """

    page: str
    heading: str
    texts: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where the entry stands, from the folder of the error pages."""
        return f"{self.page}/#{slugify(self.heading.replace('`', ''), '-')}"


def entries(folder: Path) -> Iterator[Entry]:
    """Every entry of the pages in `folder`; an entry is a heading of the second level."""
    for path in sorted(folder.glob("*.md")):
        if path.stem != "index":
            yield from _entries(read_page(path, path), path.stem)


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
                shown[line][text] = None
        for line, texts in shown.items():
            yield Entry(f"../{folder.as_posix()}", page.lines[line - 1].lstrip("# "), tuple(texts))


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


def raised_by(page: Page, heading: str) -> list[Snippet]:
    """The snippets of an entry that raise or warn."""
    start, end = next((s, e) for s, e in _sections(page) if page.lines[s - 1] == f"## {heading}")
    return [
        snippet
        for snippet in page.snippets
        if start < snippet.fence.line < end and messages(snippet.output or "")
    ]


def _sections(page: Page) -> list[tuple[int, int]]:
    """First line, and the line after the last, of each section of the second level."""
    starts = [number for number, line in page.prose if line.startswith("## ")]
    return list(zip(starts, [*starts[1:], len(page.lines) + 1], strict=True))


def _entries(page: Page, name: str) -> Iterator[Entry]:
    for start, end in _sections(page):
        heading = page.lines[start - 1].removeprefix("## ")
        words = [line for number, line in page.prose if start < number < end and line[:1] != "="]
        raised = [
            message
            for snippet in raised_by(page, heading)
            for message in messages(snippet.output or "")
        ]
        quoted = [
            text
            for line in words
            for text in _QUOTED.findall(line)
            if not any(text in one for one in raised)
        ]
        texts = dict.fromkeys(shortened(text) for text in [*raised, *quoted])
        yield Entry(name, heading, tuple(texts))


def shortened(text: str) -> str:
    """What the box needs of a text: its first words, with shapes only where it compares them."""
    beginning = _BEGINNING.match(text)
    text = _NAMES.sub(r"\1", beginning[0] if beginning else "")
    if "expected shape=" in text:
        return text
    return " ".join(re.findall(r"ndim=\d|[^\W\d]\w*", _SHAPES.sub(" ", text)))


def messages(output: str) -> list[str]:
    """The errors and warnings in an output, without their types, places and arguments."""
    parts = [_ARGUMENTS.sub("", part).strip() for part in _MESSAGE.split(output)[1:]]
    return [
        bare if len(bare.split()) >= FEWEST else part
        for part in parts
        for bare in [_PLACE.sub("", part)]
    ]


def index(docs: Path) -> str:
    """The entries as JSON: page → its entries, each a list of its heading and its texts."""
    pages: dict[str, list[list[str]]] = {}
    own = list(entries(docs / "errors"))
    for one in (*own, *sections(docs, own)):
        pages.setdefault(one.page, []).append([one.heading.replace("`", ""), *one.texts])
    return json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
