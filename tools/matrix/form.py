"""Whether an environment differs from a page in form or in substance.

Substance: a shape, a count, a value, what is accepted, refused or warned of, an end that never
comes. Form: how the same is said. `RULES` name each thing in a printed text that is form alone;
of errors and of warnings that come in both, only the words can differ.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from matrix.record import Part
from proof.compare import as_written
from proof.page import Snippet
from proof.shape_comments import format_answers

FORM, SUBSTANCE = "form", "substance"


@dataclass(frozen=True)
class Rule:
    """What is form in a printed text: its name, and how it is taken away."""

    name: str
    pattern: re.Pattern[str]
    instead: str | Callable[[re.Match[str]], str] = " "


def _as_tuple(found: re.Match[str]) -> str:
    return f"({found[1]},)" if found[1].isdigit() else f"({found[1]})"


RULES = (
    Rule("the frame of a table", re.compile(r"[━┏┳┓┃┡╇┩│└┴┘├┼┤─=_]{2,}|[┃│]")),
    Rule(
        "the columns of a summary", re.compile(r"Layer \(type\)|Output Shape|Param #|Connected to")
    ),
    Rule("the name of the model", re.compile(r'Model: "[^"]*"')),
    Rule("the size in bytes", re.compile(r"\(\d[\d.,]* ?(?:Bytes?|[KMG]?B)\)")),
    Rule("the running number of a name", re.compile(r"\b([a-z]\w*?)(?:_\d+)+\b"), r"\1"),
    Rule("the module of a class", re.compile(r"\b(?:tf_)?keras\.(?:\w+\.)+(?=[A-Z])"), ""),
    Rule("torch's class of a shape", re.compile(r"torch\.Size\(\[([\d, ]*)\]\)"), _as_tuple),
    Rule("the type of a number", re.compile(r"\bnp\.\w+\(([-\w.+]+)\)"), r"\1"),
    Rule(
        "the digits after the third of a number",
        re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?"),
        lambda found: f"{float(found[0]):.3g}",
    ),
)

_RAISED = re.compile(r"(?m)^(\w+(?:Error|Exception|Exit|Interrupt))(?:: |$)")
_WARNED = re.compile(r"(?m)^(?:(\w*Warning): |(WARNING):)")
_CHATTER = re.compile(r"WARNING|DeprecationWarning|FutureWarning|RuntimeWarning")


@dataclass(frozen=True)
class Difference:
    """A difference: its line in the snippet's page, form or substance, and what differs."""

    line: int
    kind: str
    what: str


def differences(snippet: Snippet, part: Part) -> Iterator[Difference]:
    """What of a snippet differs where it showed `part`."""
    first = snippet.fence.line
    if part.stopped is not None:
        yield Difference(first, SUBSTANCE, part.stopped)
        return
    ended_early = bool(part.output and sections(part.output).raised)
    for comment in snippet.comments:
        if comment.line in part.comments and not (ended_early and not part.comments[comment.line]):
            really = " and ".join(dict.fromkeys(part.comments[comment.line])) or "never reached"
            said = format_answers(comment.values)
            kind = FORM if plain(really) == plain(said) else SUBSTANCE
            yield Difference(first + comment.line, kind, f"{really} instead of {said}")
    for table in snippet.tables:
        for row in table.rows:
            yield from _of_row(row.line, table.headers, row.cells, part.cells.get(snippet.key(row)))
    if part.output is not None:
        line = (snippet.output_fence or snippet.fence).line
        yield from (Difference(line, *one) for one in _of_output(snippet.output or "", part))


def _of_row(
    line: int,
    headers: tuple[str | None, ...],
    cells: tuple[str, ...],
    really: list[str | None] | str | None,
) -> Iterator[Difference]:
    if isinstance(really, str):
        yield Difference(line, SUBSTANCE, f"the row fails: {really}")
    for code, said, new in zip(headers, cells, really or (), strict=False):
        old = said.strip("`")
        if isinstance(really, str) or new is None or old.split() == new.split():
            continue
        both_raise = old.startswith("raises ") and new.startswith("raises ")
        kind = FORM if both_raise or plain(old) == plain(new) else SUBSTANCE
        yield Difference(line, kind, f"{code}: {new} instead of {old}")


def _of_output(said: str, part: Part) -> Iterator[tuple[str, str]]:
    really = "\n".join([*as_written(part.output or "", said), ""])
    one, other = sections(said), sections(really)
    if bool(one.raised) != bool(other.raised):
        yield SUBSTANCE, f"raises {_type(other.raised)}" if other.raised else "raises nothing"
    elif part.raised_at and one.raised:
        yield SUBSTANCE, f"line {part.raised_at[0]} raises, not line {part.raised_at[1]}"
    elif one.raised != other.raised:
        yield FORM, "the words of the error"
    loud, other_loud = _loud(one.warned), _loud(other.warned)
    if bool(loud) != bool(other_loud):
        yield SUBSTANCE, f"warns: {other_loud[0]}" if other_loud else "warns of nothing"
    elif one.warned != other.warned:
        yield FORM, "the warnings"
    if one.printed.split() != other.printed.split():
        # What comes before an error is printed there only.
        raised_early = bool(other.raised) and not one.raised
        if raised_early or plain(one.printed) == plain(other.printed):
            yield FORM, "how it is printed"
        else:
            yield SUBSTANCE, "what is printed"


@dataclass(frozen=True)
class Sections:
    """An output: what was printed, the warnings, the error."""

    printed: str
    warned: tuple[str, ...]
    raised: str


def sections(output: str) -> Sections:
    """Take an output apart: warnings and errors go on until the next of them."""
    raised = next(iter(_RAISED.finditer(output)), None)
    before = output[: raised.start()] if raised else output
    starts = [found.start() for found in _WARNED.finditer(before)]
    printed = before[: starts[0]] if starts else before
    warned = [before[start:end] for start, end in pairwise([*starts, len(before)])]
    return Sections(printed, tuple(warned), output[raised.start() :] if raised else "")


def is_chatter(failure: str) -> bool:
    """Whether a row failed only for what libraries log beside its answer."""
    head, _, text = failure.partition("\n")
    shows = sections(text)
    return head.endswith("a table has no place for it:") and not (
        shows.printed.strip() or shows.raised or _loud(shows.warned)
    )


def plain(text: str) -> list[str]:
    """The words of a printed text, without what is form."""
    for rule in RULES:
        text = rule.pattern.sub(rule.instead, text)
    return text.split()


def _type(raised: str) -> str:
    return raised.partition(":")[0].strip()


def _loud(warned: tuple[str, ...]) -> list[str]:
    """The warnings that are meant for who wrote the snippet, in their first line."""
    return [one.split("\n")[0] for one in warned if not _CHATTER.match(one)]
