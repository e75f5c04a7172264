"""The tables of a page: those that are run, and the words of the others."""

import re
from dataclasses import dataclass

from proof.fences import CODE_SPAN, Lines, Refused
from proof.shape_comments import SHAPE

_BARE_VALUE = re.compile(rf"[`*_\s]*(?:{SHAPE}|\d+)[`*_\s]*")
_DELIMITER_ROW = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")


@dataclass(frozen=True)
class Row:
    """A table row: its line and its cells, as they stand in the source."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table that is run: `headers[k]` is the code in the header of column k, or None."""

    headers: tuple[str | None, ...]
    rows: tuple[Row, ...]


def split_tables(outside: Lines) -> tuple[Lines, list[Table]]:
    """The prose, with the words of tables, and the tables that are run. Raises Refused."""
    prose: Lines = []
    tables: list[Table] = []
    index = 0
    while index < len(outside):
        number, line = outside[index]
        after = outside[index + 1] if index + 1 < len(outside) else (0, "")
        if not ("|" in line and after[0] == number + 1 and _DELIMITER_ROW.fullmatch(after[1])):
            prose.append((number, line))
            index += 1
            continue
        if prose and prose[-1][0] == number - 1 and prose[-1][1].strip():
            raise Refused(number, "text right above makes this no table; add an empty line")
        rows = []
        while index < len(outside) and "|" in outside[index][1]:
            rows.append(Row(outside[index][0], _cells(outside[index][1])))
            index += 1
        number, line = outside[index] if index < len(outside) else (0, "")
        if number == rows[-1].line + 1 and line.strip():
            message = "a row of the table above, without its bars; add them, or an empty line"
            raise Refused(number, message)
        header, body = rows[0], rows[2:]
        table = Table(tuple(_only_code(cell) for cell in header.cells), tuple(body))
        _check_table(table, header)
        is_run = table.headers[0] is not None
        if is_run:
            tables.append(table)
        for row in (header, *body):
            cells = zip(table.headers, row.cells, strict=True)
            words = [cell for code, cell in cells if not (is_run and code)]
            prose.append((row.line, " | ".join(words)))
    return prose, tables


def _cells(line: str) -> tuple[str, ...]:
    """Split a table row at its bars, except inside code."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    parts = re.split(r"(?<!\\)\|(?=(?:[^`]*`[^`]*`)*[^`]*$)", inner)
    return tuple(part.strip() for part in parts)


def _only_code(cell: str) -> str | None:
    """The code in a header, None where it has none, or several."""
    spans = [match[2] for match in CODE_SPAN.finditer(cell)]
    return spans[0] if len(spans) == 1 else None


def _check_table(table: Table, header: Row) -> None:
    """Raise Refused for a table that is run for nothing, or states a value and isn't run."""
    name = table.headers[0]
    if not table.rows:
        raise Refused(header.line, "a table without a row; add one, or delete it")
    for cell, code in zip(header.cells, table.headers, strict=True):
        if not code and "`" in cell and name:
            raise Refused(header.line, f"{cell} is not run; write one code span in it")
        if not (name and code):
            continue
        if not name.isidentifier():
            raise Refused(
                header.line,
                f"`{name}` is not a name; the code in the first header names each row's value",
            )
        if not re.search(rf"\b{name}\b", code):
            raise Refused(header.line, f"`{code}` is the same in each row; use `{name}` in it")
    for row in table.rows:
        if len(row.cells) != len(header.cells):
            message = f"{len(row.cells)} cells under {len(header.cells)} headers; write as many"
            raise Refused(row.line, message)
        for code, cell in zip(table.headers, row.cells, strict=True):
            if name and code:
                if not re.fullmatch(r"`[^`]+`", cell):
                    raise Refused(
                        row.line, f"`{code}` is run for this cell; write one code span in it"
                    )
            elif _BARE_VALUE.fullmatch(cell):
                raise Refused(
                    row.line,
                    f"nothing proves {cell}; put code in this table's headers, so that its rows "
                    "are run (CONTRIBUTING.md, Tables)",
                )
