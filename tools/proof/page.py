"""Read a Markdown page strictly.

pytest-codeblocks parses the blocks. What it would pass over in silence (another
spelling of a fence, an unknown comment, an output without a snippet) is refused
here, with its place and the mend.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pytest_codeblocks.main import extract_from_buffer

from proof.drawing import FIGURES
from proof.shape_comments import SHAPE, claims_in, numbers_in

MARKER = "<!--pytest-codeblocks:expected-output-->"
LANGUAGES = ("python", "text", "console")

_FENCE = re.compile(r" *```(\w+)")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ADDRESS = re.compile(r"(?<=\])\([^)]*\)|<https?:[^>]*>|^\s*\[[^\]]+\]:\s.*|\{:?\s*[.#][^{}]*\}")
_FIGURE = re.compile(r"!\[[^\]]*\]\((?:[^()]*/)?([\w-]+\.svg)\)")
_DRAWN_TEXT = re.compile(r"<text\b[^>]*>([^<]*)<")
_SECTION = re.compile(r"#{1,6} |\?\?\?\+? ")
_HTML_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^>]*)?/?>")
_BARE_VALUE = re.compile(rf"[`*_\s]*(?:{SHAPE}|\d+)[`*_\s]*")
_TAB = re.compile(r' *=== "(Keras [23])"')
_IMPORTS = {"Keras 3": "keras", "Keras 2": "tf_keras"}
_READ_AT_IMPORT = re.compile(r"KERAS_BACKEND|KERAS_HOME|TF_USE_LEGACY_KERAS|TF_CPP_|CUDA_VISIBLE")
_FILTERS = re.compile(r"\b(?:simplefilter|filterwarnings|catch_warnings|resetwarnings)\b")
_DELIMITER_ROW = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")


class PageError(Exception):
    """A page that can't be read as it was meant: `path:line: what is wrong; the mend`."""

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
class Row:
    """A table row: its line and its cells, as they stand in the source."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table that is run: `codes[k]` is the code in the header of column k, or None."""

    codes: tuple[str | None, ...]
    rows: tuple[Row, ...]


@dataclass
class Snippet:
    """A Python block, and what the page says that it shows, None for nothing."""

    code: str
    fence: Fence
    output: str | None = None
    output_fence: Fence | None = None
    tables: list[Table] = field(default_factory=list)


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


def read_page(path: Path, shown: Path) -> Page:
    """Read the page at `path`, which messages call `shown`. Raises PageError."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PageError(shown, line, "this is not UTF-8; save the page as UTF-8") from None
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise PageError(shown, line, "a line ends in a carriage return alone; end it with \\n")
    return parse_page(text, shown)


def parse_page(text: str, path: Path) -> Page:
    """Parse a page's text. Raises PageError for whatever can't be proved as it stands."""
    lines = text.split("\n")
    fences = _fences(lines, path)
    inside = {n for fence in fences for n in range(fence.line, fence.end + 1)}
    outside = [(n, line) for n, line in enumerate(lines, 1) if n not in inside]
    outputs = _outputs(outside, fences, path)
    shown = [fence for fence in fences if fence not in outputs.values()]
    blocks = extract_from_buffer(_padded(lines, fences), max_num_lines=len(lines) + 1)
    if [(b.syntax, b.lineno) for b in blocks] != [(f.language, f.line) for f in shown]:
        raise PageError(path, 1, "pytest-codeblocks reads other blocks than a reader sees")

    snippets = []
    texts: list[tuple[str, str]] = []
    for block, fence in zip(blocks, shown, strict=True):
        texts.append((fence.language, block.code))
        if fence.language == "python":
            snippet = Snippet(block.code, fence, block.expected_output)
            if fence.line in outputs:
                snippet.output_fence = outputs[fence.line]
                texts.append(("text", block.expected_output))
            _check_snippet(snippet, lines, path)
            snippets.append(snippet)
    prose = _hang_tables(outside, snippets, path)
    prose += [
        (number, lines[number - 1])
        for fence in fences
        if fence.language == "console"
        for number in range(fence.line + 1, fence.end)
    ]
    return Page(path, tuple(lines), tuple(snippets), tuple(texts), tuple(prose))


def orphans(page: Page) -> list[tuple[int, str]]:
    """The shapes and counts in the prose that nothing run proves, with their lines.

    What proves them stands in the same section, or in the page's opening. A heading begins a
    section, and so does a question whose answer unfolds. A figure proves what is drawn in it.
    """
    starts = [number for number, line in page.prose if _SECTION.match(line)]
    proved: dict[int, str] = {}
    for snippet in page.snippets:
        codes = [code for table in snippet.tables for code in table.codes if code]
        section = bisect_right(starts, snippet.fence.line)
        parts = [snippet.code, snippet.output or "", *codes]
        proved[section] = "\n".join([proved.get(section, ""), *parts])
        for table in snippet.tables:
            for row in table.rows:
                run = [cell for code, cell in zip(table.codes, row.cells, strict=True) if code]
                section = bisect_right(starts, row.line)
                proved[section] = "\n".join([proved.get(section, ""), *run])
    for number, line in page.prose:
        section = bisect_right(starts, number)
        proved[section] = "\n".join([proved.get(section, ""), *_drawn(line)])
    opening = proved.get(0, "") + proved.get(1, "")
    return [
        (number, claim)
        for number, line in page.prose
        for text in [opening + proved.get(bisect_right(starts, number), "")]
        for claim in unproved(line, text)
    ]


def unproved(line: str, text: str) -> list[str]:
    """The shapes and counts that a line of prose states, and that don't stand in a text."""
    return [
        claim
        for claim in _stated(line)
        if not _stands(claim, text)
        and not (claim[0].isdigit() and _stands(claim.replace(",", ""), text))
    ]


def misdrawn(page: Page) -> Iterator[int]:
    """The lines whose words for a figure don't name its shapes in the order that it draws them."""
    for number, line in page.prose:
        for image in _FIGURE.finditer(line):
            drawn = iter(re.findall(SHAPE, " ".join(_drawn(image[0]))))
            if not all(shape in drawn for shape in re.findall(SHAPE, image[0])):
                yield number


def _drawn(line: str) -> Iterator[str]:
    """What stands in the figures that a line of prose shows."""
    for name in _FIGURE.findall(line):
        path = FIGURES / name
        if path.is_file():
            yield from _DRAWN_TEXT.findall(path.read_text("utf-8"))


def _stated(line: str) -> list[str]:
    """What a line of prose states: code with a number in it, shapes, numbers from 10 on."""
    spans = [match[2].strip() for match in CODE_SPAN.finditer(line)]
    words = re.sub(r"[_*]", " ", _ADDRESS.sub(" ", CODE_SPAN.sub(" ", line)))
    return [span for span in spans if numbers_in(span)] + numbers_in(words, smallest=10)


def _stands(claim: str, text: str) -> bool:
    """Whether the claim stands in the text by itself, not as a part of another."""
    if claim[0].isdigit():
        return bool(re.search(rf"(?<![\w.]){re.escape(claim)}(?!\w|[.,]\d)", text))
    after = r"(?!\w|\.\d)" if claim[-1].isalnum() else ""
    return bool(re.search(rf"(?<!\w){re.escape(_squeezed(claim))}{after}", _squeezed(text)))


def _fences(lines: list[str], path: Path) -> list[Fence]:
    """Find the fenced blocks, refusing every spelling but one."""
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
                    "line, as far in as it was opened",
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


def _outputs(outside: list[tuple[int, str]], fences: list[Fence], path: Path) -> dict[int, Fence]:
    """Which fence is the output of the snippet opened on which line.

    Refuses every comment that isn't the marker, a marker that doesn't stand between
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


def _check_snippet(snippet: Snippet, lines: list[str], path: Path) -> None:
    """Refuse a comment that nothing checks, and what a run in this process can't show."""
    first = snippet.fence.line
    for line in claims_in(snippet.code)[1]:
        raise PageError(
            path,
            first + line,
            "nothing checks this comment; put `# (8, 2, 3)`, or `# (8, 2, 3): words`, or a count, "
            "at the end of an assignment, expression or return, or leave the number out",
        )
    for number, line in enumerate(snippet.code.splitlines(), first + 1):
        if _FILTERS.search(line):
            raise PageError(path, number, "a snippet shows all its warnings; delete their filter")
        if _READ_AT_IMPORT.search(line):
            raise PageError(
                path, number, "this is read before Keras is imported, and it is; cut it"
            )
    generation = _generation(snippet, lines)
    for other in set(_IMPORTS) - {generation} if generation else ():
        if re.search(rf"^\s*(?:import|from) {_IMPORTS[other]}\b", snippet.code, re.MULTILINE):
            raise PageError(path, first, f"the tab says {generation}, and the snippet runs {other}")


def _generation(snippet: Snippet, lines: list[str]) -> str | None:
    """The generation of Keras that the tab around a snippet names."""
    indent = len(snippet.fence.indent)
    for line in reversed(lines[: snippet.fence.line - 1]):
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            if tab := _TAB.fullmatch(line.rstrip()):
                return tab[1]
            indent = len(line) - len(line.lstrip())
    return None


def _hang_tables(
    outside: list[tuple[int, str]], snippets: list[Snippet], path: Path
) -> list[tuple[int, str]]:
    """Give each executed table to the snippet above it; return the rest, the prose."""
    prose: list[tuple[int, str]] = []
    index = 0
    while index < len(outside):
        number, line = outside[index]
        after = outside[index + 1] if index + 1 < len(outside) else (0, "")
        if not ("|" in line and after[0] == number + 1 and _DELIMITER_ROW.fullmatch(after[1])):
            prose.append((number, line))
            index += 1
            continue
        rows = []
        while index < len(outside) and "|" in outside[index][1]:
            rows.append(Row(outside[index][0], _cells(outside[index][1])))
            index += 1
        header, body = rows[0], rows[2:]
        codes = tuple(_only_code(cell) for cell in header.cells)
        table = Table(codes, tuple(body))
        if codes[0]:
            above = [snippet for snippet in snippets if snippet.fence.end < header.line]
            if not above:
                raise PageError(
                    path,
                    header.line,
                    "this table's code has no snippet above it; write one that binds its names",
                )
            above[-1].tables.append(table)
        _check_table(table, header, path)
        prose += [(row.line, " | ".join(_unproved(table, row))) for row in [header, *body]]
    return prose


def _cells(line: str) -> tuple[str, ...]:
    """Split a table row at its bars, except inside code."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    parts = re.split(r"(?<!\\)\|(?=(?:[^`]*`[^`]*`)*[^`]*$)", inner)
    return tuple(part.strip() for part in parts)


def _only_code(cell: str) -> str | None:
    spans = [match[2] for match in CODE_SPAN.finditer(cell)]
    return spans[0] if len(spans) == 1 else None


def _check_table(table: Table, header: Row, path: Path) -> None:
    """Refuse a table in which a shape or a count stands outside the columns that are run."""
    for row in table.rows:
        if len(row.cells) != len(header.cells):
            raise PageError(
                path, row.line, f"{len(row.cells)} cells under {len(header.cells)} headers; mend it"
            )
        for code, cell in zip(table.codes, row.cells, strict=True):
            if table.codes[0] and code:
                if not re.fullmatch(r"`[^`]+`", cell):
                    raise PageError(
                        path, row.line, f"`{code}` is run for this cell; write one code span in it"
                    )
            elif _BARE_VALUE.fullmatch(cell):
                raise PageError(
                    path,
                    row.line,
                    f"nothing proves {cell}; put code in this table's headers, so that its rows "
                    "are run (README, Tables)",
                )


def _unproved(table: Table, row: Row) -> list[str]:
    """The cells of a row that no run compares."""
    if not table.codes[0]:
        return list(row.cells)
    return [cell for code, cell in zip(table.codes, row.cells, strict=True) if not code]


def _squeezed(text: str) -> str:
    """Text without the white space that code may have or not have: in brackets, at commas."""
    return re.sub(r"(?<=[(\[])\s+|\s+(?=[)\],])|(?<=,)\s+", "", re.sub(r"\s+", " ", text))
