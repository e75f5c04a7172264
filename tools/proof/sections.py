"""The sections of a page: what stands under one heading, or in a question that unfolds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6}) ")
_UNFOLDING = re.compile(r"\?\?\?\+? ")
_QUESTION = 7  # its level: below that of any heading


@dataclass(frozen=True)
class Section:
    """The lines from a heading, or a question, up to the next that isn't under it.

    `start`: the line of the heading, 0 before the first. `end`: the first line after it.
    `level`: 1 for the page's own heading, 0 before it.
    """

    start: int
    end: int
    level: int

    @property
    def is_opening(self) -> bool:
        """Whether it is the page's own text, before its second-level headings."""
        return self.level <= 1

    def __contains__(self, other: "Section") -> bool:
        """Whether another section stands under the heading of this one, or is it."""
        return self.start <= other.start < self.end


def is_question(line: str) -> bool:
    """Whether a line is a question whose answer unfolds."""
    return bool(_UNFOLDING.match(line.lstrip()))


def find_sections(lines: Sequence[str], outside: Iterable[tuple[int, str]]) -> dict[int, Section]:
    """The section that each line stands in.

    The answer of a question ends where the text is no longer indented.
    """
    words = {number for number, _ in outside}
    starts: dict[int, tuple[int, int]] = {}  # of each line, the start and the level of its section
    heading = question = (0, 0)
    for number, line in enumerate(lines, 1):
        if number in words and (found := _HEADING.match(line)):
            heading, question = (number, len(found[1])), (0, 0)
        elif number in words and is_question(line):
            question = (number, _QUESTION)
        elif line.strip() and not line.startswith(" "):
            question = (0, 0)
        starts[number] = question if question[0] else heading
    last = {one: number for number, one in starts.items()}
    begun = sorted(last)
    sections = {}
    for start, level in begun:
        below = (other for other, its in begun if other > start and its <= level)
        end = last[start, level] + 1 if level == _QUESTION else next(below, len(lines) + 1)
        sections[start] = Section(start, end, level)
    return {number: sections[start] for number, (start, _) in starts.items()}
