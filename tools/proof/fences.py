"""The fenced blocks of a page."""

import re
from dataclasses import dataclass

LANGUAGES = ("python", "text", "console")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")

# Of a snippet, lines can be highlighted: `hl_lines="2 4-5"`.
_FENCE = re.compile(r' *```(\w+)(?:(?<=`python) hl_lines="(\d+(?:-\d+)?(?: \d+(?:-\d+)?)*)")?')

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


def code_spans(text: str) -> list[str]:
    """The code in a text, without the blanks at its ends."""
    return [span[2].strip() for span in CODE_SPAN.finditer(text)]


def find_fences(lines: list[str]) -> list[Fence]:
    """Find the fenced blocks. Raises Refused for every spelling but one."""
    fences = []
    opened: Fence | None = None
    highlighted = ""
    for number, line in enumerate(lines, 1):
        if "--8<--" in line:
            raise Refused(number, "an included file isn't run; write the text here")
        if opened:
            if line == opened.indent + "```":
                fences.append(Fence(opened.language, opened.line, number, opened.indent))
                _check_highlighted(highlighted, fences[-1])
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
                    "(under an output marker) or ```console, with nothing else on the line "
                    'but hl_lines="2 4-5" after ```python, for the lines to highlight',
                )
            highlighted = match[2] or ""
            opened = Fence(match[1], number, number, line[: -len(line.lstrip())])
    if opened:
        raise Refused(opened.line, "this fence is never closed; end it with ```")
    return fences


def _check_highlighted(highlighted: str, fence: Fence) -> None:
    """Raise Refused for lines to highlight that a block doesn't have: a reader would see none."""
    count = fence.end - fence.line - 1
    for lines in highlighted.split():
        first, _, last = lines.partition("-")
        if not 1 <= int(first) <= int(last or first) <= count:
            message = f"this block has no lines {lines} to highlight; they go from 1 to {count}"
            raise Refused(fence.line, message)
