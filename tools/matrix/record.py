"""What an environment showed where it parts from the pages, as YAML that people can read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from matrix.environments import Environment
from matrix.jobs import digest
from proof.compare import as_written, lines_of
from proof.page import Page, Snippet
from proof.protocol import Result
from proof.shape_comments import format_answers

FOLDER = Path(__file__).with_name("records")


@dataclass(frozen=True)
class Part:
    """Where a snippet parts from its page; what agrees is left out.

    `section`: the heading over it. `snippet`: its digest. `output`: what it showed. `comments`:
    line of a shape comment → what its value was each time. `cells`: key of a table row → its cells,
    or why it failed. `raised_at`: the lines that raised there and for the page, where they aren't
    the same. `stopped`: why it did not come to its end.
    """

    page: str
    section: str
    snippet: str
    output: str | None = None
    comments: dict[int, list[str]] = field(default_factory=dict)
    cells: dict[int, list[str | None] | str] = field(default_factory=dict)
    raised_at: tuple[int, int] | None = None
    stopped: str | None = None


@dataclass
class Record:
    """A run of an environment: its versions, its date, the snippets that ran, the parts."""

    environment: str
    versions: dict[str, str]
    date: str
    ran: dict[str, list[str]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)

    def part(self, snippet: str) -> Part | None:
        """Where a snippet parts, by its digest; None where it doesn't, or hasn't run."""
        return next((one for one in self.parts if one.snippet == snippet), None)

    def has_run(self, snippet: str) -> bool:
        """Whether a snippet ran, by its digest."""
        return any(snippet in those for those in self.ran.values())

    def write(self, path: Path) -> None:
        """Write it as a whole, or not at all."""
        data = {
            "environment": self.environment,
            "versions": self.versions,
            "date": self.date,
            "ran": {page: " ".join(ran) for page, ran in sorted(self.ran.items())},
            "parts": [_filled(part) for part in sorted(self.parts, key=lambda one: one.page)],
        }
        text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def read_record(path: Path) -> Record:
    """The record that `Record.write` wrote. Raises ValueError for any other file."""
    try:
        data = yaml.load(
            path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        parts = [
            Part(**one | {"raised_at": tuple(one["raised_at"])} if "raised_at" in one else one)
            for one in data["parts"]
        ]
        ran = {page: text.split() for page, text in data["ran"].items()}
        return Record(data["environment"], data["versions"], data["date"], ran, parts)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        why = " ".join(str(error).split())
        raise ValueError(f"{path}: not a record: {why}; delete it and run make matrix") from None


def path_of(environment: Environment) -> Path:
    """Where an environment's record is kept."""
    return FOLDER / f"{environment.slug}.yaml"


def part_of(page: Page, snippet: Snippet, result: Result) -> Part | None:
    """Where a result parts from what the page says; None where it agrees."""
    written = as_written(result.output, snippet.output)
    agrees = written == lines_of(snippet.output or "")
    comments = {
        comment.line: result.comments.get(comment.line, [])
        for comment in snippet.comments
        if set(result.comments.get(comment.line, [])) != {format_answers(comment.values)}
    }
    cells: dict[int, list[str | None] | str] = {}
    for row in (row for table in snippet.tables for row in table.rows):
        key = snippet.key(row)
        if key in result.failures:
            cells[key] = result.failures[key]
        elif any(
            new is not None and old.strip("`").split() != new.split()
            for old, new in zip(row.cells, result.cells[key], strict=True)
        ):
            cells[key] = result.cells[key]
    if agrees and not comments and not cells:
        return None
    output = None if agrees else result.output
    return Part(*named(page, snippet), output, comments, cells)


def named(page: Page, snippet: Snippet) -> tuple[str, str, str]:
    """How a record names a snippet: its page, the heading over it, its digest."""
    heading = page.lines[page.sections[snippet.fence.line].start - 1].lstrip("# ")
    return str(page.path), heading, digest(page, snippet)


_Dumper: Any = type("_Dumper", (yaml.SafeDumper,), {})


def _text(dumper: Any, text: str) -> Any:
    """Show a text of several lines as it stands."""
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _filled(part: Part) -> dict[str, Any]:
    """A part's fields that say something; tuples as lists."""
    filled = {name: value for name, value in vars(part).items() if value not in (None, {})}
    return filled | ({"raised_at": list(part.raised_at)} if part.raised_at else {})
