"""The sections of a page: what stands under one heading, or in a question that unfolds."""

import re
from collections.abc import Iterable, Sequence

_HEADING = re.compile(r"#{1,6} ")
_UNFOLDING = re.compile(r"\?\?\?\+? ")


def find_sections(lines: Sequence[str], outside: Iterable[tuple[int, str]]) -> dict[int, int]:
    """The line on which the section of each line begins: 0, a heading, or a question that unfolds.

    The answer of a question ends where the text is no longer indented.
    """
    words = {number for number, _ in outside}
    sections: dict[int, int] = {}
    heading, question = 0, 0
    for number, line in enumerate(lines, 1):
        if number in words and _HEADING.match(line):
            heading, question = number, 0
        elif number in words and _UNFOLDING.match(line):
            question = number
        elif line.strip() and not line.startswith(" "):
            question = 0
        sections[number] = question or heading
    return sections
