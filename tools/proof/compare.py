"""Compare what a page shows with what its snippet showed; say how to fix the page."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from proof.outputs import MARKER, OPEN
from proof.page import Page, Snippet
from proof.protocol import Result
from proof.shape_comments import format_answers
from proof.tables import Row, Table

LONGEST_DIFF = 100  # lines
WIDEST = 300  # characters of a line in a message


@dataclass(frozen=True)
class Edit:
    """Lines `start` up to, not including, `stop` of a page (from 1) become `lines`."""

    start: int
    stop: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """A difference: its text, and the edit that accepts what Python showed, if one can."""

    text: str
    edit: Edit | None = None


def compare(page: Page, snippet: Snippet, result: Result) -> Iterator[Problem]:
    """All differences between a snippet of a page and what it really showed.

    What stands for both generations isn't edited to what only Keras 2 shows.
    """
    for problem in _differences(page, snippet, result):
        if snippet.is_repeated and not (problem.edit and page.tabs[problem.edit.start]):
            advice = "(Keras 2 shows something else; put what differs in tabs)"
            yield Problem(f"{problem.text}\n{advice}")
        else:
            yield problem


def _differences(page: Page, snippet: Snippet, result: Result) -> Iterator[Problem]:
    yield from _compare_output(page, snippet, result)
    yield from _compare_comments(page, snippet, result)
    for table in snippet.tables:
        for row in table.rows:
            yield from _compare_row(page, snippet, table, row, result)


def apply(edits: Iterable[Edit], lines: tuple[str, ...]) -> str:
    """The page's text after the edits, which don't overlap."""
    new = list(lines)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        new[edit.start - 1 : edit.stop - 1] = edit.lines
    return "\n".join(new)


def _compare_output(page: Page, snippet: Snippet, result: Result) -> Iterator[Problem]:
    shown = lines_of(snippet.output or "")
    really = as_written(result.output, snippet.output)
    if shown == really:
        return
    fence, output = snippet.fence, snippet.output_fence
    if not output:
        line, what = fence.line, "the page does not show what this snippet shows"
    elif not really:
        line, what = output.line, "the page shows this, and the snippet shows nothing"
    else:
        pairs = enumerate(zip(shown, really, strict=False), 1)
        same = min(len(shown), len(really)) + 1
        first = next((n for n, (a, b) in pairs if a != b), same)
        line, what = min(output.line + first, output.end), "this is not what Python showed"
    if result.raised_at:
        what += f" (it raised at {page.path}:{fence.line + result.raised_at})"
    yield Problem(
        "\n".join([f"{page.path}:{line}: {what}", *_diff(shown, really, str(page.path))]),
        _new_output(snippet, really),
    )


def as_written(output: str, written: str | None) -> list[str]:
    """The lines of an output; where a line of the page that ends in `…` agrees, that one."""
    shown, really = lines_of(written or ""), lines_of(output)
    if len(shown) == len(really) and all(map(_agrees, shown, really)):
        return shown
    return [next((one for one in shown if _agrees(one, line)), line) for line in really]


def _agrees(shown: str, really: str) -> bool:
    beginning = shown.removesuffix(OPEN)
    goes_on = really.startswith(beginning) and really != beginning
    return shown == really or (beginning != shown and goes_on)


def lines_of(output: str) -> list[str]:
    """The lines of an output, without blanks at their ends."""
    return [line.rstrip() for line in output.split("\n")[:-1]]


def _diff(shown: list[str], really: list[str], name: str) -> Iterator[str]:
    """The difference as a unified diff, cut where it is long or wide."""
    diff = difflib.unified_diff(shown, really, name, "Python", lineterm="", n=2)
    for line in islice(diff, LONGEST_DIFF):
        yield line if len(line) <= WIDEST else f"{line[:WIDEST]}... ({len(line):,} characters)"
    if next(diff, None):
        yield "..."


def _new_output(snippet: Snippet, really: list[str]) -> Edit | None:
    fence, output = snippet.fence, snippet.output_fence
    indent = (output or fence).indent
    if any(line.lstrip().startswith("```") for line in really):
        return None
    block = tuple(indent + line if line else "" for line in really)
    if output and really:
        return Edit(output.line + 1, output.end, block)
    if output and output.indent != fence.indent:
        return None  # with it, a tab would have to go
    if output:
        return Edit(fence.end + 1, output.end + 1, ())
    around = ("", fence.indent + MARKER, "", fence.indent + "```text")
    return Edit(fence.end + 1, fence.end + 1, (*around, *block, fence.indent + "```"))


def _compare_comments(page: Page, snippet: Snippet, result: Result) -> Iterator[Problem]:
    for comment in snippet.comments:
        line = snippet.fence.line + comment.line
        place = f"{page.path}:{line}"
        really = list(dict.fromkeys(result.comments.get(comment.line, [])))
        if really == [format_answers(comment.values)]:
            continue
        if not really:
            yield Problem(f"{place}: this line was never reached; `# {comment.text}` is unproved")
            continue
        says = f"the comment says {comment.text}, the value is {' and '.join(really)}"
        before, _, after = page.lines[line - 1].rpartition(comment.text)
        can = len(really) == 1 and really[0][0] in "(0123456789"
        edit = Edit(line, line + 1, (before + really[0] + after,)) if can else None
        yield Problem(f"{place}: {says}", edit)


def _compare_row(
    page: Page, snippet: Snippet, table: Table, row: Row, result: Result
) -> Iterator[Problem]:
    place, key = f"{page.path}:{row.line}", snippet.key(row)
    if key in result.failures:
        yield Problem(f"{place}: this row's code fails: {result.failures[key]}")
        return
    really = [
        cell if answer is None else f"`{answer}`"
        for cell, answer in zip(row.cells, result.cells[key], strict=True)
    ]
    wrong = [
        f"`{code}` is {new}, not {cell}"
        for code, cell, new in zip(table.headers, row.cells, really, strict=True)
        if cell.split() != new.split()
    ]
    if wrong:
        source = page.lines[row.line - 1]
        indent = source[: -len(source.lstrip())]
        edit = Edit(row.line, row.line + 1, (f"{indent}| {' | '.join(really)} |",))
        can = all(re.fullmatch(r"`[^`\n|]+`", new) for new in really if new not in row.cells)
        yield Problem(f"{place}: {'; '.join(wrong)}", edit if can else None)
