"""Small changes in the sentences of a page: each makes one say something else.

Those of names and formulas are all caught. Of the others a machine decides some, and people the
rest: with "Keras 2" in the place of "Keras 3", a sentence may still agree with all that is run.
"""

import re
from collections.abc import Callable, Iterator
from random import Random

from proof.claims import quotes_in
from proof.evidence import PageEvidence
from proof.fences import CODE_SPAN
from proof.page import Page
from proof.sections import is_question
from proof.shape_comments import SHAPE
from proof.stated_numbers import ADDRESS, COUNT, WORDS

Texts = Iterator[str]

KINDS = ("heading", "sentence", "table")
OTHERS = {"True": "False", "False": "True", "Keras 2": "Keras 3", "Keras 3": "Keras 2"}
SIGNS = {"+": "*", "*": "+", "-": "+"}


def changed_sentences(page: Page, rng: Random) -> Iterator[tuple[str, int, str]]:
    """The operator, the line and its new text, for each change."""
    pieces = PageEvidence(page, {}).pieces
    shapes = sorted(
        {shape for one in pieces if one.is_answer for shape in re.findall(SHAPE, one.text)}
    )
    for line, start, end in _places(page):
        text = page.lines[line - 1]
        heading, sentence, table = KINDS
        kind = heading if text.startswith("#") else table if "|" in text else sentence
        for change in CHANGES:
            for new in change(text[start:end], rng, shapes):
                yield f"{kind}: {change.__name__}", line, text[:start] + new + text[end:]


def _places(page: Page) -> Iterator[tuple[int, int, int]]:
    """The line of each sentence, heading and cell of words, where it begins and ends in it."""
    for line, text in page.prose:
        whole = page.lines[line - 1]
        if whole.lstrip().startswith("===") or is_question(whole):
            continue
        for part in [text] if text == whole else text.split(" | "):
            if part.strip():
                start = whole.index(part)
                yield line, start, start + len(part)


def _replaced(text: str, found: re.Match[str], new: str, group: int | str = 0) -> str:
    return text[: found.start(group)] + new + text[found.end(group) :]


def _in_code(pattern: str) -> Callable[[str], Iterator[re.Match[str]]]:
    """A search for a pattern in the code of a text."""

    def search(text: str) -> Iterator[re.Match[str]]:
        for span in CODE_SPAN.finditer(text):
            yield from re.compile(pattern).finditer(text, *span.span(2))

    return search


def other_shapes(text: str, rng: Random, shapes: list[str]) -> Texts:
    """Another shape of the page."""
    for found in _in_code(SHAPE)(text):
        if others := [shape for shape in shapes if shape != found[0]]:
            yield _replaced(text, found, rng.choice(others))


def swapped_axes(text: str, rng: Random, shapes: list[str]) -> Texts:
    """Two neighbors in a shape of names, in the place of each other."""
    for found in _in_code(r"\((\w+(?:, \w+)+)\)")(text):
        axes = found[1].split(", ")
        for n in range(len(axes) - 1):
            swapped = [*axes[:n], axes[n + 1], axes[n], *axes[n + 2 :]]
            if swapped != axes and not found[1].replace(", ", "").isdigit():
                yield _replaced(text, found, ", ".join(swapped), 1)


def misspelt_names(text: str, rng: Random, shapes: list[str]) -> Texts:
    """A letter too few, too many, or in another place."""
    for found in _in_code(r"[A-Za-z_]\w{3,}")(text):
        name, at = found[0], rng.randrange(1, len(found[0]) - 1)
        cut, doubled = name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:]
        moved = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        new = rng.choice([cut, doubled, moved])
        if new != name:
            yield _replaced(text, found, new)


def truth_values(text: str, rng: Random, shapes: list[str]) -> Texts:
    """True, where it is False."""
    for found in _in_code(r"\b(?:True|False)\b")(text):
        yield _replaced(text, found, OTHERS[found[0]])


def formulas(text: str, rng: Random, shapes: list[str]) -> Texts:
    """Another sign in a formula."""
    for found in _in_code(r"(?<=\w) ([-+*]) (?=[\w(])")(text):
        yield _replaced(text, found, SIGNS[found[1]], 1)


def generations(text: str, rng: Random, shapes: list[str]) -> Texts:
    """The other generation of Keras."""
    for found in re.finditer(r"\bKeras [23]\b(?!\.\d)", text):
        yield _replaced(text, found, OTHERS[found[0]])


def small_numbers(text: str, rng: Random, shapes: list[str]) -> Texts:
    """One more of what a sentence counts, as a digit or as a word."""
    hidden = CODE_SPAN.sub(lambda span: "`" * len(span[0]), text)
    hidden = ADDRESS.sub(lambda address: "`" * len(address[0]), hidden)
    for found in COUNT.finditer(hidden):
        number = found["number"]
        if number.isdigit():
            more = str(int(number) + 1)
        else:
            more = WORDS[(WORDS.index(number.lower()) + 1) % len(WORDS)]
        yield _replaced(text, found, more.title() if number.istitle() else more, "number")


def quotes(text: str, rng: Random, shapes: list[str]) -> Texts:
    """Another word in a quote."""
    for found in quotes_in(text):
        words = list(re.compile(r"[A-Za-z]{3,}").finditer(text, *found.span(1)))
        if words:
            word = rng.choice(words)
            yield _replaced(text, word, f"{word[0][::-1]}s")


CHANGES: tuple[Callable[[str, Random, list[str]], Texts], ...] = (
    *(other_shapes, swapped_axes, misspelt_names, truth_values, formulas),
    *(generations, small_numbers, quotes),
)
DECIDED = ("misspelt_names", "formulas")  # no such mutant may survive


def is_of_sentence(operator: str) -> bool:
    """Whether an operator changes words, not code or what it showed."""
    return operator.partition(": ")[0] in KINDS


def is_left_to_people(operator: str) -> bool:
    """Whether a machine decides only some of an operator's mutants."""
    return is_of_sentence(operator) and operator.partition(": ")[2] not in DECIDED
