"""Read a Markdown page strictly: its snippets, their outputs and tables, and the prose.

pytest-codeblocks parses the blocks. What it would silently pass over (another spelling of a
fence, an unknown comment, an output without a snippet) is refused here, with its line and the fix.
"""

import ast
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pytest_codeblocks.main import extract_from_buffer

from proof.fences import Fence, Lines, Refused, find_fences, find_outputs
from proof.shape_comments import ShapeComment, find_comments
from proof.tables import Row, Table, split_tables

PACKAGES = {"Keras 3": "keras", "Keras 2": "tf_keras"}

_TAB = re.compile(r' *=== "(Keras [23])"')
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+) *")
_READ_AT_IMPORT = re.compile(r"KERAS_BACKEND|KERAS_HOME|TF_USE_LEGACY_KERAS|TF_CPP_|CUDA_VISIBLE")
_FILTERS = re.compile(r"\b(?:simplefilter|filterwarnings|catch_warnings|resetwarnings)\b")


class PageError(Exception):
    """A page that can't be read as it was meant: `path:line: what is wrong; the fix`."""


@dataclass(frozen=True)
class Tab:
    """A tab: its line, and the generation of Keras that it is for."""

    line: int
    generation: str


@dataclass(frozen=True)
class Snippet:
    """A Python block with all that the page says of it.

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

    def key(self, row: Row) -> int:
        """A row as the worker knows it: by its distance, so that a result outlives a shift."""
        return row.line - self.fence.line


@dataclass(frozen=True)
class Page:
    """A page; `path` is what messages name.

    `blocks` are (language, text) in the order of the page, `prose` the numbered lines
    that no run compares.
    """

    path: Path
    lines: tuple[str, ...]
    snippets: tuple[Snippet, ...]
    blocks: tuple[tuple[str, str], ...]
    prose: tuple[tuple[int, str], ...]


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
    outputs = find_outputs(outside, fences)
    tabs = _tabs(lines, outside)
    shown = [fence for fence in fences if fence not in outputs.values()]
    blocks = extract_from_buffer(_padded(lines, fences), max_num_lines=len(lines) + 1)
    if [(b.syntax, b.lineno) for b in blocks] != [(f.language, f.line) for f in shown]:
        raise Refused(1, "pytest-codeblocks reads other blocks than a reader sees")

    prose, tables = split_tables(outside)
    owners = _owners(tables, [f for f in shown if f.language == "python"], tabs)
    snippets = []
    texts: list[tuple[str, str]] = []
    for block, fence in zip(blocks, shown, strict=True):
        texts.append((fence.language, block.code))
        if fence.language == "python":
            comments = _checked_comments(block.code, fence, tabs[fence.line])
            own = tuple(table for table, owner in owners if owner == fence)
            output, output_fence = block.expected_output, outputs.get(fence.line)
            snippets.append(Snippet(block.code, fence, output, output_fence, comments, own))
            if output is not None:
                texts.append(("text", output))
    prose += [
        (number, lines[number - 1])
        for fence in fences
        if fence.language == "console"
        for number in range(fence.line + 1, fence.end)
    ]
    return Page(path, tuple(lines), tuple(snippets), tuple(texts), tuple(prose))


def _padded(lines: list[str], fences: list[Fence]) -> io.StringIO:
    """The page with the empty lines of its blocks indented like the block.

    pytest-codeblocks takes the line break of an empty line for indentation, and drops it.
    """
    padded = list(lines)
    for fence in fences:
        for index in range(fence.line, fence.end):
            if not padded[index].strip():
                padded[index] = padded[index].ljust(len(fence.indent))
    return io.StringIO("\n".join(padded))


def _tabs(lines: list[str], outside: Lines) -> dict[int, Tab | None]:
    """The tab that each line stands in.

    Raises Refused for another spelling of a tab, one without content, and an underlined heading.
    """
    heads: dict[int, Tab] = {}
    above = ""
    for number, line in outside:
        if line.lstrip().startswith("==="):
            match = _TAB.fullmatch(line)
            if not match:
                raise Refused(
                    number,
                    'tabs are for generations: `=== "Keras 3"` and `=== "Keras 2"`',
                )
            heads[number] = Tab(number, match[1])
        elif above.strip() and "|" not in above and _UNDERLINE.fullmatch(line):
            raise Refused(number, "an underlined heading; write `## ` before its words")
        above = line
    tabs: dict[int, Tab | None] = {}
    tab: Tab | None = None
    for number, line in enumerate(lines, 1):
        if tab and line.strip() and _indent(line) < _indent(lines[tab.line - 1]) + 4:
            tab = None
        tabs[number] = tab
        tab = heads.get(number, tab)
    filled = {tabs[number] for number, line in enumerate(lines, 1) if line.strip()}
    for number, head in heads.items():
        if head not in filled:
            raise Refused(number, "an empty tab; indent its content by four spaces")
    return tabs


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


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
    for at, package in _keras_packages(code) if tab else ():
        if tab and package != PACKAGES[tab.generation]:
            message = f"this runs `{package}` in a tab for {tab.generation}"
            raise Refused(fence.line + at, f"{message}; import `{PACKAGES[tab.generation]}`")
    return comments


@lru_cache(maxsize=4096)
def _keras_packages(code: str) -> tuple[tuple[int, str], ...]:
    """The lines on which code takes Keras from a package, and that package."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    packages = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and node.attr == "keras":
            names = [f"{ast.unparse(node.value)}.keras"]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
        for name in names:
            first, *others = name.split(".")
            if first in PACKAGES.values() or "keras" in others:
                package = first if first in PACKAGES.values() else f"{first}.keras"
                packages.append((getattr(node, "lineno", 1), package))
    return tuple(packages)


def _owners(
    tables: list[Table],
    snippets: list[Fence],
    tabs: dict[int, Tab | None],
) -> list[tuple[Table, Fence]]:
    """Each table with the snippet whose names it uses: the nearest above it, in the same tab."""
    owners = []
    for table in tables:
        line = table.rows[0].line
        above = [one for one in snippets if one.end < line and tabs[one.line] == tabs[line]]
        if not above:
            raise Refused(
                line - 2,
                "this table's code has no snippet above it, in the same tab; write one that binds "
                "its names",
            )
        owners.append((table, above[-1]))
    return owners
