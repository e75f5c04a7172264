"""The compatibility page: its tables, with a column for each environment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matrix.environments import Environment, environments
from matrix.form import plain
from matrix.jobs import digest
from matrix.notes import records
from matrix.record import Record
from proof.generations import KERAS_3
from proof.page import Page, Snippet
from proof.tables import Row, Table

PAGE = "reference/compatibility.md"
NOT_RUN, FAILS = "not run", "fails"


@dataclass(frozen=True)
class Place:
    """Where a table stands: lines `start` to `end` of the page, with the tabs around it."""

    start: int
    end: int


def with_columns(markdown: str, page: Page) -> str:
    """The page's text, each run table with what all environments answered."""
    lines = markdown.split("\n")
    for place, tables in sorted(_tables(page).items(), key=lambda one: -one[0].start):
        lines[place.start - 1 : place.end] = list(_table(page, tables))
    return "\n".join(lines)


def _tables(page: Page) -> dict[Place, list[tuple[Snippet, Table]]]:
    """Each place of a table → that table, by the snippet of each generation."""
    found: dict[Place, list[tuple[Snippet, Table]]] = {}
    for snippet in page.snippets:
        for table in snippet.tables:
            line = table.rows[0].line
            tab = page.tabs[line]
            first = tab.first if tab else line - 2
            inside = [n for n, one in page.tabs.items() if tab and one and one.first == first]
            end = max(inside) if tab else table.rows[-1].line
            found.setdefault(Place(first, end), []).append((snippet, table))
    return found


def _table(page: Page, tables: list[tuple[Snippet, Table]]) -> Iterator[str]:
    source = page.lines[tables[0][1].rows[0].line - 3].strip()
    head = [re.sub(r"`[^`]*`", "", cell).strip() for cell in source.strip("|").split("|")]
    head[1] = "Result"
    columns = [one.name.removeprefix("Keras ") for one in environments()]
    yield from ('<div class="matrix" data-search-exclude="true" markdown>', "")
    yield f"| {' | '.join([*head, *columns])} |"
    yield "|---" * (len(head) + len(columns)) + "|"
    answers = [_answers(page, tables, one, records().get(one)) for one in environments()]
    newest = next(table for snippet, table in tables if snippet.generation == KERAS_3)
    for row in newest.rows:
        code, best = row.cells
        cells = [_cell(one[code], best.strip("`")) for one in answers]
        yield f"| {' | '.join([f'`{code[2:-2]}`', best, *cells])} |"
    yield from ("", "</div>")


def _cell(answer: str, newest: str) -> str:
    """An answer in short, where it isn't the newest one."""
    if answer in (NOT_RUN, FAILS):
        return answer
    if answer.startswith(("raises ", "warns ")):
        return answer.split()[0]
    return "works" if answer == "works" or plain(answer) == plain(newest) else f"`{answer}`"


def _answers(
    page: Page, tables: list[tuple[Snippet, Table]], environment: Environment, record: Record | None
) -> dict[str, str]:
    """The code of each row → the answer of an environment."""
    own = [one for one in tables if one[0].generation == environment.generation]
    snippet, table = own[0]
    name = digest(page, snippet)
    ran = record is not None and record.has_run(name)
    part = record.part(name) if record else None
    answers = {}
    for row in table.rows:
        cells = part.cells.get(snippet.key(row)) if part else None
        answers[row.cells[0]] = _answer(row, ran, bool(part and part.stopped), cells)
    return answers


def _answer(row: Row, ran: bool, stopped: bool, cells: list[str | None] | str | None) -> str:
    if not ran:
        return NOT_RUN
    if stopped or isinstance(cells, str):
        return FAILS
    return str(cells[1]) if cells else row.cells[1].strip("`")
