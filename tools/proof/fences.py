"""The fenced blocks of a page, and which of them is the output of which."""

import re
from dataclasses import dataclass

MARKER = "<!--pytest-codeblocks:expected-output-->"
LANGUAGES = ("python", "text", "console")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")

_FENCE = re.compile(r" *```(\w+)")
_HTML_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^>]*)?/?>")

Lines = list[tuple[int, str]]


class Refused(Exception):
    """What can't be read as it was meant: its line, what is wrong, and the fix."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Fence:
    """A fenced block: its opening and closing line, counted from 1."""

    language: str
    line: int
    end: int
    indent: str


def find_fences(lines: list[str]) -> list[Fence]:
    """Find the fenced blocks. Raises Refused for every spelling but one."""
    fences = []
    opened: Fence | None = None
    for number, line in enumerate(lines, 1):
        if "--8<--" in line:
            raise Refused(number, "an included file isn't run; write the text here")
        if opened:
            if line == opened.indent + "```":
                fences.append(Fence(opened.language, opened.line, number, opened.indent))
                opened = None
            elif line.lstrip().startswith("```"):
                raise Refused(
                    opened.line,
                    f"this fence is still open at line {number}; close it with ``` alone on a "
                    "line, indented like its opening",
                )
        elif "```" in line or "~~~" in line:
            match = _FENCE.fullmatch(line)
            if not match or match[1] not in LANGUAGES:
                raise Refused(
                    number,
                    f"`{line.strip()}` opens no block that is run; write ```python, ```text "
                    "(under an output marker) or ```console, with nothing else on the line",
                )
            opened = Fence(match[1], number, number, line[: -len(line.lstrip())])
    if opened:
        raise Refused(opened.line, "this fence is never closed; end it with ```")
    return fences


def find_outputs(outside: Lines, fences: list[Fence]) -> dict[int, Fence]:
    """Which fence is the output of the snippet opened on which line.

    Raises Refused for every comment that isn't the marker, a marker that doesn't stand between
    a snippet and a text block, and a text block that belongs to no snippet.
    """
    markers = []
    for number, line in outside:
        if tag := _HTML_TAG.search(CODE_SPAN.sub("", line)):
            raise Refused(number, f"what {tag[0]} shows isn't proved; write Markdown")
        if line.lstrip().startswith(">") and "|" in line:
            raise Refused(number, "a table in a quotation isn't run; take it out of it")
        if "<!" in line or ("-->" in line and "pytest" in line):
            if line.strip() != MARKER:
                raise Refused(number, f"no such comment here; the only one is {MARKER}")
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
            raise Refused(marker, "a second output for one snippet; keep one block")
        if not snippet or snippet.language != "python":
            raise Refused(marker, "a marker without a snippet right above; delete it")
        if not output or output.language != "text":
            raise Refused(marker, "a marker without a ```text block right below; add it")
        if output.end == output.line + 1:
            raise Refused(output.line, "an empty output; delete the block and its marker")
        outputs[snippet.line] = output
    for fence in fences:
        if fence.language == "text" and fence not in outputs.values():
            raise Refused(
                fence.line,
                f"a text block that is no snippet's output; put {MARKER} between it and its "
                "snippet, or say it in prose",
            )
    return outputs
