"""What a page states in words: its shapes and counts, and whether anything that is run has them."""

import re
from collections.abc import Iterator, Mapping

from proof.fences import CODE_SPAN
from proof.page import Page
from proof.shape_comments import SHAPE, numbers_in

_ADDRESS = re.compile(r"(?<=\])\([^)]*\)|<https?:[^>]*>|^\s*\[[^\]]+\]:\s.*|\{:?\s*[.#][^{}]*\}")
_FIGURE = re.compile(r"!\[[^\]]*\]\((?:[^()]*/)?([\w-]+\.svg)\)")
_HEADING = re.compile(r"#{1,6} ")
_UNFOLDING = re.compile(r"\?\?\?\+? ")

Figures = Mapping[str, str]  # the name of each figure's file, and the words drawn in it


def unsupported(page: Page, figures: Figures) -> Iterator[str]:
    """A message for each shape and count in the prose that nothing on the page supports."""
    for line, number in unsupported_numbers(page, figures):
        yield (
            f"{page.path}:{line}: `{number}` stands in no executed snippet, output or table of "
            "this page's opening or of this section; show it there, or leave the number out"
        )
    for line in misnamed_figures(page, figures):
        yield f"{page.path}:{line}: name the figure's shapes as it draws them, from left to right"


def unsupported_numbers(page: Page, figures: Figures) -> list[tuple[int, str]]:
    """The shapes and counts in the prose that nothing run supports, with their lines.

    What supports them stands in the same section, or in the page's opening. A figure supports what
    is drawn in it.
    """
    sections = _sections(page)
    support: dict[int, str] = {}

    def add(line: int, *texts: str) -> None:
        section = sections[line]
        support[section] = "\n".join([support.get(section, ""), *texts])

    for snippet in page.snippets:
        headers = [code for table in snippet.tables for code in table.headers if code]
        add(snippet.fence.line, snippet.code, snippet.output or "", *headers)
        for table in snippet.tables:
            for row in table.rows:
                cells = zip(table.headers, row.cells, strict=True)
                add(row.line, *(cell for code, cell in cells if code))
    for number, line in page.prose:
        add(number, *_drawn(line, figures))
    first = min((section for section in sections.values() if section), default=0)
    opening = support.get(0, "") + support.get(first, "")
    return [
        (line, number)
        for line, text in page.prose
        for number in missing_numbers(text, opening + support.get(sections[line], ""))
    ]


def _sections(page: Page) -> dict[int, int]:
    """The line on which the section of each line begins: 0, a heading, or a question that unfolds.

    The answer of a question ends where the text is no longer indented.
    """
    prose = {number for number, _ in page.prose}
    sections: dict[int, int] = {}
    heading, question = 0, 0
    for number, line in enumerate(page.lines, 1):
        if number in prose and _HEADING.match(line):
            heading, question = number, 0
        elif number in prose and _UNFOLDING.match(line):
            question = number
        elif line.strip() and not line.startswith(" "):
            question = 0
        sections[number] = question or heading
    return sections


def missing_numbers(line: str, text: str) -> list[str]:
    """The shapes and counts that a line of prose states, and that don't stand in a text."""
    return [
        number
        for number in _stated(line)
        if not _stands(number, text)
        and not (number[0].isdigit() and _stands(number.replace(",", ""), text))
    ]


def misnamed_figures(page: Page, figures: Figures) -> Iterator[int]:
    """The lines whose words for a figure don't name its shapes in the order that it draws them."""
    for number, line in page.prose:
        for image in _FIGURE.finditer(line):
            drawn = iter(re.findall(SHAPE, " ".join(_drawn(image[0], figures))))
            if not all(shape in drawn for shape in re.findall(SHAPE, image[0])):
                yield number


def _drawn(line: str, figures: Figures) -> list[str]:
    """What stands in the figures that a line of prose shows."""
    return [figures[name] for name in _FIGURE.findall(line) if name in figures]


def _stated(line: str) -> list[str]:
    """What a line of prose states: code with a number in it, shapes, numbers from 10 on."""
    spans = [match[2].strip() for match in CODE_SPAN.finditer(line)]
    words = re.sub(r"[_*]", " ", _ADDRESS.sub(" ", CODE_SPAN.sub(" ", line)))
    return [span for span in spans if numbers_in(span)] + numbers_in(words, smallest=10)


def _stands(number: str, text: str) -> bool:
    """Whether the number stands in the text by itself, not as a part of another."""
    if number[0].isdigit():
        return bool(re.search(rf"(?<![\w.]){re.escape(number)}(?!\w|[.,]\d)", text))
    after = r"(?!\w|\.\d)" if number[-1].isalnum() else ""
    squeezed = re.escape(_without_inner_space(number))
    return bool(re.search(rf"(?<!\w){squeezed}{after}", _without_inner_space(text)))


def _without_inner_space(text: str) -> str:
    """Text without the white space that code may have or not have: in brackets, at commas."""
    return re.sub(r"(?<=[(\[])\s+|\s+(?=[)\],])|(?<=,)\s+", "", re.sub(r"\s+", " ", text))
