"""What a page states in words: its shapes and counts, and whether anything that is run has them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from proof.fences import CODE_SPAN
from proof.page import Page
from proof.shape_comments import SHAPE, numbers_in

_ADDRESS = re.compile(r"(?<=\])\([^)]*\)|<https?:[^>]*>|^\s*\[[^\]]+\]:\s.*|\{:?\s*[.#][^{}]*\}")
_FIGURE = re.compile(r"!\[[^\]]*\]\((?:[^()]*/)?([\w-]+\.svg)\)")
_ANSWER = re.compile(rf"{SHAPE}|[\d,.]+")
_HEADING = re.compile(r"#{1,6} ")
_UNFOLDING = re.compile(r"\?\?\?\+? ")

Figures = Mapping[str, str]  # the name of each figure's file, and the words drawn in it


def unsupported(page: Page, figures: Figures) -> Iterator[str]:
    """A message for each shape and count in the prose that nothing on the page supports."""
    for line, number in unsupported_numbers(page, figures):
        yield (
            f"{page.path}:{line}: `{number}` is shown by no output, shape comment, table or figure "
            "of this section or of the page's opening; show it there, or leave the number out"
        )
    for line in misnamed_figures(page, figures):
        yield f"{page.path}:{line}: name the figure's shapes as it draws them, from left to right"


def unsupported_numbers(page: Page, figures: Figures) -> list[tuple[int, str]]:
    """The shapes and counts in the prose that nothing run supports, with their lines.

    A shape or a count is supported by an answer: an output, a shape comment, a run cell, a figure.
    Other code, and what a question assumes, may also stand in code that is run. All of it in the
    same section, or in the page's opening.
    """
    sections = _sections(page)
    answers: defaultdict[int, str] = defaultdict(str)
    code: defaultdict[int, str] = defaultdict(str)
    for snippet in page.snippets:
        comments = [comment.text for comment in snippet.comments]
        headers = [header for table in snippet.tables for header in table.headers if header]
        code[sections[snippet.fence.line]] += "\n".join(["", snippet.code, *headers])
        answers[sections[snippet.fence.line]] += "\n".join(["", snippet.output or "", *comments])
        for table in snippet.tables:
            for row in table.rows:
                first, *others = zip(table.headers, row.cells, strict=True)
                code[sections[row.line]] += f"\n{first[1]}"
                shown = [cell for header, cell in others if header]
                answers[sections[row.line]] += "\n".join(["", *shown])
    for line, text in page.prose:
        answers[sections[line]] += "\n".join(["", *_drawn(text, figures)])
    first_section = min((section for section in sections.values() if section), default=0)
    missing: list[tuple[int, str]] = []
    for line, text in page.prose:
        near = {0, first_section, sections[line]}
        answered, run = ("\n".join(one[at] for at in near) for one in (answers, code))
        is_question = bool(_UNFOLDING.match(text.lstrip()))
        for number in missing_numbers(text, f"{answered}\n{run}" if is_question else answered, run):
            missing.append((line, number))
    return missing


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


def missing_numbers(line: str, answers: str, code: str = "") -> list[str]:
    """The shapes and counts that a line states without answers, other code that isn't run."""
    return [
        number
        for number in _stated(line)
        for text in [answers if _ANSWER.fullmatch(number) else f"{answers}\n{code}"]
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
