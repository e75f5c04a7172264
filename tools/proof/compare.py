"""Compare what a page shows with what its snippet showed; say how to mend the page."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from proof.page import MARKER, Page, Row, Snippet, Table, misdrawn, orphans
from proof.runner import Memory, SnippetStopped
from proof.shape_comments import claims_in, written
from proof.worker import Job, Result, Rows

LONGEST_DIFF = 100


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


def job_of(snippet: Snippet, path: Path) -> Job:
    """What the worker needs to know of a snippet."""
    claims, _ = claims_in(snippet.code)
    return Job(
        str(path),
        snippet.code,
        tuple(claim.line for claim in claims),
        tuple(
            Rows(
                table.codes,
                tuple((_key(snippet, row), row.cells[0].strip("`")) for row in table.rows),
            )
            for table in snippet.tables
        ),
    )


def compare(snippet: Snippet, path: Path, lines: tuple[str, ...], result: Result) -> list[Problem]:
    """All differences between the page `path`, whose text is `lines`, and the result."""
    return [
        *_compare_output(snippet, path, result),
        *_compare_claims(snippet, path, lines, result),
        *(
            problem
            for table in snippet.tables
            for row in table.rows
            for problem in _compare_row(snippet, table, row, path, lines, result)
        ),
    ]


def failures(page: Page, memory: Memory) -> Iterator[str]:
    """Everything that is not true of a page, as messages."""
    for snippet in page.snippets:
        try:
            result = memory.run(job_of(snippet, page.path))
        except SnippetStopped as stopped:
            yield f"{page.path}:{snippet.fence.line}: {stopped}"
        else:
            yield from (one.text for one in compare(snippet, page.path, page.lines, result))
    yield from unproved(page)


def unproved(page: Page) -> Iterator[str]:
    """A message for each shape and count of the prose that nothing on the page proves."""
    for line, claim in orphans(page):
        yield (
            f"{page.path}:{line}: `{claim}` stands in no executed snippet, output or table of "
            "this page's opening or of this section; show it there, or leave the number out"
        )
    for line in misdrawn(page):
        yield f"{page.path}:{line}: name the figure's shapes as it draws them, from left to right"


def apply(edits: Iterable[Edit], lines: tuple[str, ...]) -> str:
    """The page's text after the edits, which don't overlap."""
    new = list(lines)
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        new[edit.start - 1 : edit.stop - 1] = edit.lines
    return "\n".join(new)


def _compare_output(snippet: Snippet, path: Path, result: Result) -> Iterator[Problem]:
    shown = [line.rstrip() for line in (snippet.output or "").split("\n")[:-1]]
    really = result.output.split("\n")[:-1]
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
        what += f" (it raised at {path}:{fence.line + result.raised_at})"
    diff = difflib.unified_diff(shown, really, str(path), "Python", lineterm="", n=2)
    shortly = [*islice(diff, LONGEST_DIFF), *(["..."] if next(diff, None) else [])]
    yield Problem("\n".join([f"{path}:{line}: {what}", *shortly]), _new_output(snippet, really))


def _new_output(snippet: Snippet, really: list[str]) -> Edit | None:
    fence, output = snippet.fence, snippet.output_fence
    if any(line.lstrip().startswith("```") for line in really):
        return None
    block = tuple(fence.indent + line if line else "" for line in really)
    if output and really:
        return Edit(output.line + 1, output.end, block)
    if output:
        return Edit(fence.end + 1, output.end + 1, ())
    around = ("", fence.indent + MARKER, "", fence.indent + "```text")
    return Edit(fence.end + 1, fence.end + 1, (*around, *block, fence.indent + "```"))


def _compare_claims(
    snippet: Snippet, path: Path, lines: tuple[str, ...], result: Result
) -> Iterator[Problem]:
    for claim in claims_in(snippet.code)[0]:
        line = snippet.fence.line + claim.line
        really = list(dict.fromkeys(result.claims.get(claim.line, [])))
        if really == [written(claim.values)]:
            continue
        if not really:
            yield Problem(
                f"{path}:{line}: this line was never reached; `# {claim.text}` is unproved"
            )
            continue
        text = f"{path}:{line}: the comment says {claim.text}, the value is {' and '.join(really)}"
        before, _, after = lines[line - 1].rpartition(claim.text)
        mendable = len(really) == 1 and really[0][0] in "(0123456789"
        edit = Edit(line, line + 1, (before + really[0] + after,)) if mendable else None
        yield Problem(text, edit)


def _compare_row(
    snippet: Snippet, table: Table, row: Row, path: Path, lines: tuple[str, ...], result: Result
) -> Iterator[Problem]:
    key = _key(snippet, row)
    if key in result.failures:
        yield Problem(f"{path}:{row.line}: this row's code fails: {result.failures[key]}")
        return
    really = [
        cell if answer is None else f"`{answer}`"
        for cell, answer in zip(row.cells, result.cells[key], strict=True)
    ]
    wrong = [
        f"`{code}` is {new}, not {cell}"
        for code, cell, new in zip(table.codes, row.cells, really, strict=True)
        if _squeezed(cell) != _squeezed(new)
    ]
    if wrong:
        indent = lines[row.line - 1][: -len(lines[row.line - 1].lstrip())]
        edit = Edit(row.line, row.line + 1, (f"{indent}| {' | '.join(really)} |",))
        mendable = all(re.fullmatch(r"`[^`\n|]+`", new) for new in really if new not in row.cells)
        yield Problem(f"{path}:{row.line}: {'; '.join(wrong)}", edit if mendable else None)


def _key(snippet: Snippet, row: Row) -> int:
    """A row as the worker knows it: by its distance, so that a result outlives a shift."""
    return row.line - snippet.fence.line


def _squeezed(cell: str) -> str:
    return " ".join(cell.split())
