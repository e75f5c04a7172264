"""How well the search finds what people asked: `make search`.

Each question is asked in full and in short, with its own wording taken out of the index.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node import run_node
from search.index import HERE, QUESTIONS, location, table

INDEX = Path("assets", "search", "index.json")  # of a built site


@dataclass(frozen=True)
class Asked:
    """A query, and where the search put the first right page: 0 is the top, -1 nowhere."""

    query: str
    right: tuple[str, ...]
    place: int
    first: tuple[str, ...]


def ask(site: Path, form: str) -> list[Asked]:
    """Ask all questions of a built site, in their form "question" or "short"."""
    return answers(site, ((row, row[form]) for row in table(QUESTIONS)))


def answers(site: Path, asked: Iterable[tuple[dict[str, str], str]]) -> list[Asked]:
    """Ask each query, which stands for the row of a question."""
    questions = list(_questions(asked))
    data = {"index": json.loads((site / INDEX).read_text("utf-8")), "questions": questions}
    found = json.loads(run_node(HERE / "measure.mjs", data))
    return [
        Asked(one["query"], tuple(one["right"]), answer["place"], tuple(answer["first"]))
        for one, answer in zip(questions, found, strict=True)
    ]


def _questions(asked: Iterable[tuple[dict[str, str], str]]) -> Iterator[dict[str, Any]]:
    for row, query in asked:
        pages = [row["page"].partition("#")[0], *row["also"].split()]
        yield {
            "query": query,
            "question": row["question"],
            "location": location(row["page"]),
            "right": [location(page) for page in pages],
        }


def share(found: list[Asked], places: int) -> float:
    """How many of the queries have a right page among the first `places`, of 1."""
    return sum(0 <= one.place < places for one in found) / len(found)


if __name__ == "__main__":
    for form in ("question", "short"):
        found = ask(Path(sys.argv[1]), form)
        for one in found:
            if one.place:
                print(f"{one.query} | {' '.join(one.right)} | {' '.join(one.first)}")
        print(
            f"{form}: {len(found)} asked, a right page first {share(found, 1):.1%}, "
            f"among three {share(found, 3):.1%}\n"
        )
