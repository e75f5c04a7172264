"""Read a Markdown page strictly: its snippets, their outputs and tables, and the prose.

pytest-codeblocks parses the blocks. What it would silently pass over (another spelling of a
fence, an unknown comment, an output without a snippet) is refused here, with its line and the fix.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_codeblocks.main import CodeBlock, extract_from_buffer

from proof.fences import Fence, Refused, find_fences
from proof.generations import (
    KERAS_2,
    KERAS_3,
    PACKAGES,
    Tab,
    find_tabs,
    generations,
    in_keras_2,
    keras_packages,
    same_program,
    tab_sets,
)
from proof.outputs import MARKER, check_open_lines, find_outputs
from proof.sections import Section, find_sections
from proof.shape_comments import ShapeComment, find_comments
from proof.tables import Row, Table, split_tables

_READ_AT_IMPORT = re.compile(r"KERAS_BACKEND|KERAS_HOME|TF_USE_LEGACY_KERAS|TF_CPP_|CUDA_VISIBLE")
_FILTERS = re.compile(r"\b(?:simplefilter|filterwarnings|catch_warnings|resetwarnings)\b")


class PageError(Exception):
    """A page that can't be read as it was meant: `path:line: what is wrong; the fix`."""


@dataclass(frozen=True)
class Snippet:
    """A Python block with all that the page says of it, in one generation of Keras.

    `generation`: that one; None where the code isn't of one.
    `tab`: the tab that the block stands in; outside tabs, it is a snippet in each generation.
    `output`: what the page says that it shows, None for nothing.
    `comments`: its shape comments.
    `tables`: the tables that are run with its names.
    """

    code: str
    fence: Fence
    output: str | None
    output_fence: Fence | None
    comments: tuple[ShapeComment, ...]
    tables: tuple[Table, ...]
    generation: str | None
    tab: Tab | None

    @property
    def is_repeated(self) -> bool:
        """Whether this is the code of the snippet before it once more, with Keras 2."""
        return self.generation == KERAS_2 and not self.tab

    def key(self, row: Row) -> int:
        """A row as the worker knows it: by its distance, so that a result outlives a shift."""
        return row.line - self.fence.line


@dataclass(frozen=True)
class Page:
    """A page; `path` is what messages name.

    `blocks` are (language, text) in the order of the page, `prose` the numbered lines
    that no run compares, `tabs` and `sections` the tab and the section that each line stands in.
    """

    path: Path
    lines: tuple[str, ...]
    snippets: tuple[Snippet, ...]
    blocks: tuple[tuple[str, str], ...]
    prose: tuple[tuple[int, str], ...]
    tabs: dict[int, Tab | None]
    sections: dict[int, Section]


def read_page(path: Path, name: Path) -> Page:
    """Read the page at `path`, which messages call `name`. Raises PageError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PageError(f"{name}:{line}: this is not UTF-8; save the page as UTF-8") from None
    return parse_page(text.replace("\r\n", "\n"), name)


def parse_page(text: str, path: Path) -> Page:
    """Parse a page's text. Raises PageError for whatever can't be proved as it stands."""
    try:
        return _parsed(text, path)
    except Refused as refused:
        raise PageError(f"{path}:{refused.line}: {refused}") from None


def _parsed(text: str, path: Path) -> Page:
    """Parse a page's text. Raises Refused."""
    for character, message in (
        ("\r", "a line ends in a carriage return alone; end it with \\n"),
        ("\t", "a tab character, which a reader sees as something else; write spaces"),
        ("\ufeff", "a byte order mark; save the page as UTF-8 without one"),
    ):
        if character in text:
            raise Refused(text[: text.index(character)].count("\n") + 1, message)
    lines = text.split("\n")
    fences = find_fences(lines)
    inside = {n for fence in fences for n in range(fence.line, fence.end + 1)}
    outside = [(n, line) for n, line in enumerate(lines, 1) if n not in inside]
    tabs = find_tabs(lines, outside)
    outputs = find_outputs(outside, fences, tabs)
    shown = [fence for fence in fences if fence not in outputs.values()]
    by_generation = [fence for (_, generation), fence in outputs.items() if generation]
    buffer = _readable(lines, fences, by_generation)
    blocks = extract_from_buffer(buffer, max_num_lines=len(lines) + 1)
    if [(b.syntax, b.lineno) for b in blocks] != [(f.language, f.line) for f in shown]:
        raise Refused(1, "pytest-codeblocks reads other blocks than a reader sees")

    prose, tables = split_tables(outside)
    sections = find_sections(lines, outside)
    python = [fence for fence in shown if fence.language == "python"]
    owners = _owners(tables, python, tabs, sections)
    snippets: list[Snippet] = []
    for block, fence in zip(blocks, shown, strict=True):
        if fence.language == "python":
            snippets += _snippets(block, fence, lines, tabs, outputs, owners)
    for first in tab_sets(lines, tabs):
        _check_tabs([one for one in snippets if one.tab and one.tab.first == first])
    prose += [
        (number, lines[number - 1])
        for fence in fences
        if fence.language == "console"
        for number in range(fence.line + 1, fence.end)
    ]
    texts = {block.lineno: (block.syntax or "", block.code) for block in blocks}
    texts |= {s.output_fence.line: ("text", s.output or "") for s in snippets if s.output_fence}
    in_order = tuple(texts[line] for line in sorted(texts))
    return Page(path, tuple(lines), tuple(snippets), in_order, tuple(prose), tabs, sections)


def _snippets(
    block: CodeBlock,
    fence: Fence,
    lines: list[str],
    tabs: dict[int, Tab | None],
    outputs: dict[tuple[int, str | None], Fence],
    owners: list[tuple[Table, Fence, str | None]],
) -> Iterator[Snippet]:
    """A block as a snippet in each generation that it stands for."""
    tab, common = tabs[fence.line], outputs.get((fence.line, None))
    comments = _checked_comments(block.code, fence, tab)
    for generation in generations(block.code, fence.line, tab):
        output = outputs.get((fence.line, generation), common)
        text = None
        if output:
            inside = lines[output.line : output.end - 1]
            check_open_lines(list(enumerate(inside, output.line + 1)))
            text = "".join(line[len(output.indent) :] + "\n" for line in inside)
        own = tuple(t for t, owner, only in owners if owner == fence and only in (None, generation))
        code = block.code if tab or generation != KERAS_2 else in_keras_2(block.code)
        yield Snippet(code, fence, text, output, comments, own, generation, tab)


def _check_tabs(snippets: list[Snippet]) -> None:
    """Raise Refused where the snippets of two tabs, side by side, are one that stands for both."""
    by_generation = [[s for s in snippets if s.generation == one] for one in (KERAS_3, KERAS_2)]
    for one, other in zip(*by_generation, strict=False):
        if same_program(one.code, other.code):
            what = "the same code in both tabs; write it once, above them, outside tabs"
            same = one.output == other.output and not one.tables and not other.tables
            raise Refused(other.fence.line, what if same else f"{what}, and in them what differs")


def _readable(lines: list[str], fences: list[Fence], left_out: list[Fence]) -> io.StringIO:
    """The page as pytest-codeblocks can read it: a snippet has one output, or none.

    It takes the line break of an empty line in a block for indentation, and drops it; and the
    lines to highlight for a part of the language.
    """
    readable = list(lines)
    for fence in fences:
        readable[fence.line - 1] = f"{fence.indent}```{fence.language}"
        for index in range(fence.line, fence.end):
            if not readable[index].strip():
                readable[index] = readable[index].ljust(len(fence.indent))
    for fence in left_out:
        marker = max(n for n in range(fence.line) if MARKER in lines[n])
        readable[marker : fence.end] = [""] * (fence.end - marker)
    return io.StringIO("\n".join(readable))


def _checked_comments(code: str, fence: Fence, tab: Tab | None) -> tuple[ShapeComment, ...]:
    """The shape comments of a snippet.

    Raises Refused for a comment that nothing checks, for what a run in a process with Keras
    imported can't show, and for another generation than the tab names.
    """
    comments, unchecked = find_comments(code)
    if unchecked:
        raise Refused(
            fence.line + unchecked[0],
            "nothing checks this comment; put `# (8, 2, 3)`, or `# (8, 2, 3): words`, or a count, "
            "at the end of an assignment, expression or return, or leave the number out",
        )
    for number, line in enumerate(code.splitlines(), fence.line + 1):
        if _FILTERS.search(line):
            raise Refused(number, "a snippet shows all its warnings; delete their filter")
        if _READ_AT_IMPORT.search(line):
            raise Refused(number, "this is read before Keras is imported, and it is; delete it")
    for at, package in keras_packages(code) if tab else ():
        if tab and package != PACKAGES[tab.generation]:
            message = f"this runs `{package}` in a tab for {tab.generation}"
            raise Refused(fence.line + at, f"{message}; import `{PACKAGES[tab.generation]}`")
    return comments


def _owners(
    tables: list[Table],
    snippets: list[Fence],
    tabs: dict[int, Tab | None],
    sections: dict[int, Section],
) -> list[tuple[Table, Fence, str | None]]:
    """Each table with the snippet whose names it uses, and the only generation that it is for.

    The snippet is the nearest above it in its section: in the same tab, else outside tabs. A
    section without one uses the last of the page's opening that is for the table's generation.
    """
    owners = []
    for table in tables:
        line = table.rows[0].line
        tab = tabs[line]
        above = [(one, tabs[one.line]) for one in snippets if one.end < line]
        near = [(one, its) for one, its in above if sections[one.line] == sections[line]]
        first = [(one, its) for one, its in above if sections[one.line].is_opening]
        usable = (
            [one for one, its in near if its == tab]
            or [one for one, its in near if not its]
            or [one for one, its in first if not its or (tab and its.generation == tab.generation)]
        )
        if not usable:
            raise Refused(
                line - 2,
                "this table's code has no snippet above it, in the same tab or outside tabs, in "
                "its section or in the page's opening; write one that binds its names",
            )
        owners.append((table, usable[-1], tab.generation if tab else None))
    return owners
