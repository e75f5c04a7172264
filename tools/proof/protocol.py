"""What is sent to the worker, and what it answers: plain data, as JSON.

The worker's side of it is in `worker`, the caller's in `runner`. Runs on Python 3.7 and newer.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

COLUMNS = "80"
# What a typing error raises, and no page is about.
MISTAKES = ("SyntaxError", "IndentationError", "NameError", "ModuleNotFoundError")


@dataclass(frozen=True)
class Rows:
    """A table to run.

    `headers`: the code in the header of each column, None for a column of words.
    `rows`: of each row, its key and the code in its first cell.
    """

    headers: tuple[str | None, ...]
    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Job:
    """A snippet to run.

    `path`: what tracebacks call the snippet.
    `comments`: of each shape comment its line, from 1, and where its statement begins.
    `tables`: the tables that are run after it.
    """

    path: str
    code: str
    comments: tuple[tuple[int, tuple[int, int]], ...] = ()
    tables: tuple[Rows, ...] = ()

    def to_json(self) -> str:
        """The job as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The job that `to_json` wrote."""
        job = json.loads(text)
        tables = tuple(
            Rows(tuple(table["headers"]), tuple((key, code) for key, code in table["rows"]))
            for table in job["tables"]
        )
        comments = tuple((line, tuple(place)) for line, place in job["comments"])
        return cls(job["path"], job["code"], comments, tables)


@dataclass
class Result:
    """What a snippet showed, and what its shape comments and tables really are.

    `output`: what was printed, then what went to standard error, then the error.
    `comments`: line of a shape comment → its answers, one for each time it was reached.
    `cells`: key of a table row → its cells, None where nothing is run: a value, `raises` and the
    type of an error, or `warns` and that of a warning.
    `failures`: key of a table row → why it could not be run.
    `raised_at`: the line of the snippet that raised, or None.
    """

    output: str = ""
    comments: dict[int, list[str]] = field(default_factory=dict)
    cells: dict[int, list[str | None]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    raised_at: int | None = None

    def to_json(self) -> str:
        """The result as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Result:
        """The result that `to_json` wrote. Raises ValueError for any other text."""
        try:
            result = json.loads(text)
            for name in ("comments", "cells", "failures"):
                result[name] = {int(key): value for key, value in result[name].items()}
            return cls(**result)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a result: {text[:80]!r}") from error
