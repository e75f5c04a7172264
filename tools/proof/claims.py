"""What a sentence says that Keras says, and what it says of Keras 2 or Keras 3."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from proof.evidence import Evidence
from proof.fences import CODE_SPAN, code_spans
from proof.generations import KERAS_2, KERAS_3
from proof.names import words_of
from proof.stated_numbers import ADDRESS

_OTHER = {KERAS_3: KERAS_2, KERAS_2: KERAS_3}
NOT_RUN = re.compile(r"\bnot run here\b", re.IGNORECASE)

_GENERATION = re.compile(r"\bKeras [23]\b(?!\.\d)")
_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)")
_QUOTE = re.compile(r'"([^"]*)"')
_WHO_SAID_IT = re.compile(r"(?:\d|[Vv]ersions?|[A-Z][\w.-]*)\)? (?:said|says): $")
# What is said of a generation, and what its outputs then have, and those of the other haven't; with
# a negation, or where it only lets the other raise, it is the other way round.
_ERROR = r"\w(?:Error|Exception)\b"
_CLAIMS = {
    r"(?P<other>n't |not |no |nothing )?\b(?:warns?|warning)\b": "Warning: |WARNING:",
    r"(?P<other>)\b(?:raises|refuses|fails)\b": _ERROR,
    r"(?P<other>)\b(?:doesn't|don't|no longer) (?:have|has|takes?)\b": _ERROR,
    r"(?P<other>)\b(?:has|have|takes) no\b": _ERROR,
    r"(?P<other>)\btook\b[^.]*\baway\b": _ERROR,
    r"(?P<other>\b(?:runs it|takes it|takes both|ignores|stretches|converts)\b)": _ERROR,
    r"(?<!longer )(?<!n't )(?P<other>\bha(?:s|ve) it\b)": _ERROR,
}


def generations_in(text: str) -> list[str]:
    """Each mention of Keras 2 or Keras 3, but not in the words of a link."""
    return _GENERATION.findall(_LINK.sub("", text))


def named_twice(paragraph: str) -> str | None:
    """The generation that a paragraph, or a link, names twice, and not the other: one was it."""
    for text in (_LINK.sub("", paragraph), *_LINK.findall(paragraph)):
        named = _GENERATION.findall(text)
        if len(named) > 1 and len(set(named)) == 1:
            return str(named[0])
    return None


def wrong_generation(text: str, near: Evidence, both: Evidence, linked: Evidence) -> Iterator[str]:
    """What a sentence about a generation lacks.

    `near`: what was run for it in that generation, `both`: the same in both, `linked`: what was
    run where it links to.
    """
    named = sorted(set(generations_in(text)))
    for generation in named:
        if not near.runs(generation) and not linked.runs(generation):
            yield f"nothing in this section runs in {generation}; show there what it does"
    if len(named) != 1:
        return
    if not both.differs and not linked.differs:
        yield f"this section shows no difference between the generations; show what {named[0]} does"
    spans = " ".join(code_spans(text))
    for name in sorted((words_of(both.text) - words_of(near.text)) & words_of(spans)):
        yield f"`{name}` stands in this section, but not in what {named[0]} runs and shows"
    for claim, shown in _CLAIMS.items():
        if found := re.search(claim, text):
            only = _OTHER[named[0]] if found["other"] else named[0]
            if not any(one.shows_alone(shown, only) for one in (both, linked)):
                what = "an error" if shown == _ERROR else "a warning"
                yield f'"{found[0]}": no program in this section shows {what} in {only} alone'


def quotes_in(text: str) -> Iterator[re.Match[str]]:
    """What stands in double quotes, several words."""
    return (quote for quote in _QUOTE.finditer(text) if " " in quote[1].strip(" …"))


def unshown_quotes(
    text: str, near: Evidence, both: Evidence, outputs: str, *, is_run: bool
) -> Iterator[str]:
    """What stands in double quotes, several words, and isn't part of an output of the site.

    A sentence about one generation that quotes what is shown near it quotes that generation. Where
    nothing is run, it may quote any old version.
    """
    of_one, of_both = (as_quoted(one.answers) for one in (near, both))
    plain = CODE_SPAN.sub(lambda span: " " if '"' in span[2] else span[2], text)
    for quote in quotes_in(ADDRESS.sub("", plain)):
        parts = [as_quoted(part) for part in quote[1].split("…") if part.strip(" .")]
        is_others = any(part in of_both and part not in of_one for part in parts)
        is_shown = all(part in outputs for part in parts) and not is_others
        was_said = any(all(part in message for part in parts) for message in old_messages())
        if not (was_said if _is_marked(quote) else is_shown or (was_said and not is_run)):
            yield quote[1]


def marked_quotes(text: str) -> Iterator[str]:
    """What versions that can't run here said, as quotes are compared with it."""
    return (as_quoted(quote[1]) for quote in quotes_in(text) if _is_marked(quote))


def _is_marked(quote: re.Match[str]) -> bool:
    """Whether a version that said it stands before a quote."""
    return bool(_WHO_SAID_IT.search(quote.string[: quote.start()][-30:]))


@cache
def old_messages() -> tuple[str, ...]:
    """What versions that can't run here were seen to say, as quotes are compared with it."""
    with Path(__file__).with_name("old_messages.csv").open(encoding="utf-8", newline="") as file:
        return tuple(as_quoted(row["message"]) for row in csv.DictReader(file))


def as_quoted(text: str) -> str:
    """Text as it is compared with a quote: without marks of code, each white space one blank."""
    return " ".join(text.replace("`", "").split()).rstrip(".,")
