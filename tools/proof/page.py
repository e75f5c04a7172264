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

from proof.shape_comments import SHAPE, ShapeComment, find_comments

MARKER = "<!--pytest-codeblocks:expected-output-->"
LANGUAGES = ("python", "text", "console")
PACKAGES = {"Keras 3": "keras", "Keras 2": "tf_keras"}
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")

_FENCE = re.compile(r" *```(\w+)")
_HTML_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^>]*)?/?>")
_BARE_VALUE = re.compile(rf"[`*_\s]*(?:{SHAPE}|\d+)[`*_\s]*")
_TAB = re.compile(r' *=== "(Keras [23])"')
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+) *")
_READ_AT_IMPORT = re.compile(r"KERAS_BACKEND|KERAS_HOME|TF_USE_LEGACY_KERAS|TF_CPP_|CUDA_VISIBLE")
_FILTERS = re.compile(r"\b(?:simplefilter|filterwarnings|catch_warnings|resetwarnings)\b")
_DELIMITER_ROW = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")

Lines = list[tuple[int, str]]


class PageError(Exception):
    """A page that can't be read as it was meant: `path:line: what is wrong; the fix`."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Fence:
    """A fenced block: its opening and closing line, counted from 1."""

    language: str
    line: int
    end: int
    indent: str


@dataclass(frozen=True)
class Tab:
    """A tab: its line, and the generation of Keras that it is for."""

    line: int
    generation: str


@dataclass(frozen=True)
class Row:
    """A table row: its line and its cells, as they stand in the source."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table that is run: `headers[k]` is the code in the header of column k, or None."""

    headers: tuple[str | None, ...]
    rows: tuple[Row, ...]


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
        raise PageError(name, line, "this is not UTF-8; save the page as UTF-8") from None
    text = text.replace("\r\n", "\n")
    for character, message in (
        ("\r", "a line ends in a carriage return alone; end it with \\n"),
        ("\t", "a tab character, which a reader sees as something else; write spaces"),
        ("\ufeff", "a byte order mark; save the page as UTF-8 without one"),
    ):
        if character in text:
            raise PageError(name, text[: text.index(character)].count("\n") + 1, message)
    return parse_page(text, name)


def parse_page(text: str, path: Path) -> Page:
    """Parse a page's text. Raises PageError for whatever can't be proved as it stands."""
    lines = text.split("\n")
    fences = _fences(lines, path)
    inside = {n for fence in fences for n in range(fence.line, fence.end + 1)}
    outside = [(n, line) for n, line in enumerate(lines, 1) if n not in inside]
    outputs = _outputs(outside, fences, path)
    tabs = _tabs(lines, outside, path)
    shown = [fence for fence in fences if fence not in outputs.values()]
    blocks = extract_from_buffer(_padded(lines, fences), max_num_lines=len(lines) + 1)
    if [(b.syntax, b.lineno) for b in blocks] != [(f.language, f.line) for f in shown]:
        raise PageError(path, 1, "pytest-codeblocks reads other blocks than a reader sees")

    prose, tables = _split_tables(outside, path)
    owners = _owners(tables, [f for f in shown if f.language == "python"], tabs, path)
    snippets = []
    texts: list[tuple[str, str]] = []
    for block, fence in zip(blocks, shown, strict=True):
        texts.append((fence.language, block.code))
        if fence.language == "python":
            comments = _checked_comments(block.code, fence, tabs[fence.line], path)
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


def _fences(lines: list[str], path: Path) -> list[Fence]:
    """Find the fenced blocks. Raises PageError for every spelling but one."""
    fences = []
    opened: Fence | None = None
    for number, line in enumerate(lines, 1):
        if "--8<--" in line:
            raise PageError(path, number, "an included file isn't run; write the text here")
        if opened:
            if line == opened.indent + "```":
                fences.append(Fence(opened.language, opened.line, number, opened.indent))
                opened = None
            elif line.lstrip().startswith("```"):
                raise PageError(
                    path,
                    opened.line,
                    f"this fence is still open at line {number}; close it with ``` alone on a "
                    "line, indented like its opening",
                )
        elif "```" in line or "~~~" in line:
            match = _FENCE.fullmatch(line)
            if not match or match[1] not in LANGUAGES:
                raise PageError(
                    path,
                    number,
                    f"`{line.strip()}` opens no block that is run; write ```python, ```text "
                    "(under an output marker) or ```console, with nothing else on the line",
                )
            opened = Fence(match[1], number, number, line[: -len(line.lstrip())])
    if opened:
        raise PageError(path, opened.line, "this fence is never closed; end it with ```")
    return fences


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


def _outputs(outside: Lines, fences: list[Fence], path: Path) -> dict[int, Fence]:
    """Which fence is the output of the snippet opened on which line.

    Raises PageError for every comment that isn't the marker, a marker that doesn't stand between
    a snippet and a text block, and a text block that belongs to no snippet.
    """
    markers = []
    for number, line in outside:
        if tag := _HTML_TAG.search(CODE_SPAN.sub("", line)):
            raise PageError(path, number, f"what {tag[0]} shows isn't proved; write Markdown")
        if line.lstrip().startswith(">") and "|" in line:
            raise PageError(path, number, "a table in a quotation isn't run; take it out of it")
        if "<!" in line or ("-->" in line and "pytest" in line):
            if line.strip() != MARKER:
                raise PageError(path, number, f"no such comment here; the only one is {MARKER}")
            markers.append(number)

    blank = {number for number, line in outside if not line.strip()}
    outputs: dict[int, Fence] = {}
    by_start = {fence.line: fence for fence in fences}
    by_end = {fence.end: fence for fence in fences}
    for marker in markers:
        above, below = marker - 1, marker + 1
        while above in blank:
            above -= 1
        while below in blank:
            below += 1
        snippet, output = by_end.get(above), by_start.get(below)
        if snippet in outputs.values():
            raise PageError(path, marker, "a second output for one snippet; keep one block")
        if not snippet or snippet.language != "python":
            raise PageError(path, marker, "a marker without a snippet right above; delete it")
        if not output or output.language != "text":
            raise PageError(path, marker, "a marker without a ```text block right below; add it")
        if output.end == output.line + 1:
            raise PageError(path, output.line, "an empty output; delete the block and its marker")
        outputs[snippet.line] = output
    for fence in fences:
        if fence.language == "text" and fence not in outputs.values():
            raise PageError(
                path,
                fence.line,
                f"a text block that is no snippet's output; put {MARKER} between it and its "
                "snippet, or say it in prose",
            )
    return outputs


def _tabs(lines: list[str], outside: Lines, path: Path) -> dict[int, Tab | None]:
    """The tab that each line stands in.

    Raises PageError for another spelling of a tab, one without content, and an underlined heading.
    """
    heads: dict[int, Tab] = {}
    above = ""
    for number, line in outside:
        if line.lstrip().startswith("==="):
            match = _TAB.fullmatch(line)
            if not match:
                raise PageError(
                    path,
                    number,
                    'tabs are for generations: `=== "Keras 3"` and `=== "Keras 2"`',
                )
            heads[number] = Tab(number, match[1])
        elif above.strip() and "|" not in above and _UNDERLINE.fullmatch(line):
            raise PageError(path, number, "an underlined heading; write `## ` before its words")
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
            raise PageError(path, number, "an empty tab; indent its content by four spaces")
    return tabs


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _checked_comments(
    code: str, fence: Fence, tab: Tab | None, path: Path
) -> tuple[ShapeComment, ...]:
    """The shape comments of a snippet.

    Raises PageError for a comment that nothing checks, for what a run in a process with Keras
    imported can't show, and for another generation than the tab names.
    """
    comments, unchecked = find_comments(code)
    if unchecked:
        raise PageError(
            path,
            fence.line + unchecked[0],
            "nothing checks this comment; put `# (8, 2, 3)`, or `# (8, 2, 3): words`, or a count, "
            "at the end of an assignment, expression or return, or leave the number out",
        )
    for number, line in enumerate(code.splitlines(), fence.line + 1):
        if _FILTERS.search(line):
            raise PageError(path, number, "a snippet shows all its warnings; delete their filter")
        if _READ_AT_IMPORT.search(line):
            raise PageError(
                path, number, "this is read before Keras is imported, and it is; delete it"
            )
    for at, package in _keras_packages(code) if tab else ():
        if tab and package != PACKAGES[tab.generation]:
            message = f"this runs `{package}` in a tab for {tab.generation}"
            raise PageError(
                path, fence.line + at, f"{message}; import `{PACKAGES[tab.generation]}`"
            )
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


def _split_tables(outside: Lines, path: Path) -> tuple[Lines, list[Table]]:
    """The prose, with the words of tables, and the tables that are run. Raises PageError."""
    prose: Lines = []
    tables: list[Table] = []
    index = 0
    while index < len(outside):
        number, line = outside[index]
        after = outside[index + 1] if index + 1 < len(outside) else (0, "")
        if not ("|" in line and after[0] == number + 1 and _DELIMITER_ROW.fullmatch(after[1])):
            prose.append((number, line))
            index += 1
            continue
        if prose and prose[-1][0] == number - 1 and prose[-1][1].strip():
            raise PageError(path, number, "text right above makes this no table; add an empty line")
        rows = []
        while index < len(outside) and "|" in outside[index][1]:
            rows.append(Row(outside[index][0], _cells(outside[index][1])))
            index += 1
        number, line = outside[index] if index < len(outside) else (0, "")
        if number == rows[-1].line + 1 and line.strip():
            message = "a row of the table above, without its bars; add them, or an empty line"
            raise PageError(path, number, message)
        header, body = rows[0], rows[2:]
        table = Table(tuple(_only_code(cell) for cell in header.cells), tuple(body))
        _check_table(table, header, path)
        is_run = table.headers[0] is not None
        if is_run:
            tables.append(table)
        for row in (header, *body):
            cells = zip(table.headers, row.cells, strict=True)
            words = [cell for code, cell in cells if not (is_run and code)]
            prose.append((row.line, " | ".join(words)))
    return prose, tables


def _cells(line: str) -> tuple[str, ...]:
    """Split a table row at its bars, except inside code."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    parts = re.split(r"(?<!\\)\|(?=(?:[^`]*`[^`]*`)*[^`]*$)", inner)
    return tuple(part.strip() for part in parts)


def _only_code(cell: str) -> str | None:
    """The code in a header, None where it has none, or several."""
    spans = [match[2] for match in CODE_SPAN.finditer(cell)]
    return spans[0] if len(spans) == 1 else None


def _check_table(table: Table, header: Row, path: Path) -> None:
    """Raise PageError for a table that is run for nothing, or states a value and isn't run."""
    name = table.headers[0]
    if not table.rows:
        raise PageError(path, header.line, "a table without a row; add one, or delete it")
    for cell, code in zip(header.cells, table.headers, strict=True):
        if not code and "`" in cell and name:
            raise PageError(path, header.line, f"{cell} is not run; write one code span in it")
        if not (name and code):
            continue
        if not name.isidentifier():
            raise PageError(
                path,
                header.line,
                f"`{name}` is not a name; the code in the first header names each row's value",
            )
        if not re.search(rf"\b{name}\b", code):
            raise PageError(
                path, header.line, f"`{code}` is the same in each row; use `{name}` in it"
            )
    for row in table.rows:
        if len(row.cells) != len(header.cells):
            message = f"{len(row.cells)} cells under {len(header.cells)} headers; write as many"
            raise PageError(path, row.line, message)
        for code, cell in zip(table.headers, row.cells, strict=True):
            if name and code:
                if not re.fullmatch(r"`[^`]+`", cell):
                    raise PageError(
                        path, row.line, f"`{code}` is run for this cell; write one code span in it"
                    )
            elif _BARE_VALUE.fullmatch(cell):
                raise PageError(
                    path,
                    row.line,
                    f"nothing proves {cell}; put code in this table's headers, so that its rows "
                    "are run (CONTRIBUTING.md, Tables)",
                )


def _owners(
    tables: list[Table],
    snippets: list[Fence],
    tabs: dict[int, Tab | None],
    path: Path,
) -> list[tuple[Table, Fence]]:
    """Each table with the snippet whose names it uses: the nearest above it, in the same tab."""
    owners = []
    for table in tables:
        line = table.rows[0].line
        above = [one for one in snippets if one.end < line and tabs[one.line] == tabs[line]]
        if not above:
            raise PageError(
                path,
                line - 2,
                "this table's code has no snippet above it, in the same tab; write one that binds "
                "its names",
            )
        owners.append((table, above[-1]))
    return owners
