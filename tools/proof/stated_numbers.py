"""The shapes and counts that a sentence states, and whether anything that is run has them."""

import re
from collections.abc import Iterator

from proof.evidence import Evidence
from proof.fences import CODE_SPAN, code_spans
from proof.named_shapes import is_in_names
from proof.shape_comments import SHAPE, numbers_in

ADDRESS = re.compile(r"(?<=\])\([^)]*\)|<https?:[^>]*>|^\s*\[[^\]]+\]:\s.*|\{:?\s*[.#][^{}]*\}")

_ANSWER = re.compile(rf"{SHAPE}|[\d,.]+")
# From two on: "one" is also an article.
WORDS = tuple("two three four five six seven eight nine ten eleven twelve".split())  # noqa: SIM905
_COUNTED = (
    r"(?:time)?steps?|features?|units?|batch(?:es)?|states?|tensors?|ax[ei]s|weights?|gates?|"
    r"layers?|rows?|columns?|sequences?|windows?|values?"
)
COUNT = re.compile(
    rf"(?<![\w.,-])(?<!Keras )(?P<number>\d|{'|'.join(WORDS)})(?: \w+)? "
    rf"(?P<what>{_COUNTED})\b",
    re.IGNORECASE,
)


def missing_numbers(text: str, answers: str, code: str = "") -> list[str]:
    """The shapes and counts that a text states without answers, other code that isn't run."""
    return [
        number
        for number in _stated(text)
        for run in [answers if _ANSWER.fullmatch(number) else f"{answers}\n{code}"]
        if not _stands(number, run)
        and not (number[0].isdigit() and _stands(number.replace(",", ""), run))
    ]


def missing_counts(text: str, near: Evidence) -> Iterator[str]:
    """The small numbers of steps, features, axes and the like that nothing near has."""
    for match in COUNT.finditer(_words(text)):
        word = match["number"].lower()
        number = int(word) if word.isdigit() else WORDS.index(word) + 2
        beside = match["what"].lower().startswith("ax") and _lengths(text)
        if not near.has(number, match["what"].lower()) or (beside and number not in beside):
            yield match[0]


def _lengths(text: str) -> set[int]:
    """How many axes each shape in a text has."""
    return {
        span.count(",") + 1 for span in code_spans(text) if re.fullmatch(r"\(\w+(, \w+)+\)", span)
    }


def _stated(text: str) -> list[str]:
    """What a text states: code with a number in it, shapes, numbers from 10 on."""
    in_code = [span for span in code_spans(text) if numbers_in(span) and not is_in_names(span)]
    return in_code + numbers_in(_words(text), smallest=10)


def _words(text: str) -> str:
    """A text without code, addresses and emphasis."""
    return re.sub(r"[_*]", " ", ADDRESS.sub(" ", CODE_SPAN.sub(" ", text)))


def _stands(number: str, text: str) -> bool:
    """Whether the number stands in the text by itself, not as a part of another."""
    if number[0].isdigit():
        return bool(re.search(rf"(?<![\w.]){re.escape(number)}(?!\w|[.,]\d)", text))
    after = r"(?!\w|\.\d)" if number[-1].isalnum() else ""
    squeezed = re.escape(_without_inner_space(number))
    return bool(re.search(rf"(?<!\w){squeezed}{after}", _without_inner_space(text)))


def _without_inner_space(text: str) -> str:
    """Text without what code may have or not have: blanks in brackets, the place of a layer."""
    text = text.replace("keras.layers.", "")
    return re.sub(r"(?<=[(\[])\s+|\s+(?=[)\],])|(?<=,)\s+", "", re.sub(r"\s+", " ", text))
