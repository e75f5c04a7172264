"""No digit on a page is free: change any one of those that are proved, and its line is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from project import PAGES, ROOT
from proof.compare import compare, job_of, unproved
from proof.page import CODE_SPAN, Page, PageError, Snippet, parse_page, read_page
from proof.plugin import RUNNER
from proof.shape_comments import claims_in
from proof.worker import Result

LIMIT = 60


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_digit_counts(path: Path) -> None:
    """Each digit of an output, a shape comment or a table's results, made another, is caught.

    What the snippets show is asked once: a digit in these places doesn't change it.
    """
    page = read_page(path, path.relative_to(ROOT))
    results = [RUNNER.run(job_of(snippet, page.path), LIMIT) for snippet in page.snippets]
    places = list(proved_digits(page))
    assert places or not page.snippets
    for line, column in places:
        text = page.lines[line - 1]
        other = str((int(text[column]) + 1) % 10)
        lines = list(page.lines)
        lines[line - 1] = text[:column] + other + text[column + 1 :]
        problems = problems_of("\n".join(lines), page.path, results)
        assert any(one.startswith(f"{page.path}:{line}:") for one in problems), lines[line - 1]


def problems_of(text: str, path: Path, results: list[Result]) -> list[str]:
    """What is said of a page whose snippets showed `results`."""
    try:
        lie = parse_page(text, path)
    except PageError as error:
        return [str(error)]
    differences = [
        problem.text
        for snippet, result in zip(lie.snippets, results, strict=True)
        for problem in compare(snippet, lie.path, lie.lines, result)
    ]
    return [*differences, *unproved(lie)]


def proved_digits(page: Page) -> Iterator[tuple[int, int]]:
    """Line (from 1) and column (from 0) of each digit that a run compares."""
    for snippet in page.snippets:
        for line, start, end in proved_parts(page, snippet):
            for match in re.finditer(r"\d", page.lines[line - 1][start:end]):
                yield line, start + match.start()


def proved_parts(page: Page, snippet: Snippet) -> Iterator[tuple[int, int, int | None]]:
    """Line, first and last column of each output line, shape comment and table result."""
    if snippet.output_fence:
        for line in range(snippet.output_fence.line + 1, snippet.output_fence.end):
            yield line, 0, None
    for claim in claims_in(snippet.code)[0]:
        line = snippet.fence.line + claim.line
        yield line, page.lines[line - 1].rindex(claim.text), None
    for table in snippet.tables:
        for row in table.rows:
            text = page.lines[row.line - 1]
            after_first = text.index(row.cells[0]) + len(row.cells[0])
            for span in CODE_SPAN.finditer(text, after_first):
                yield row.line, *span.span()
