"""The index of the search: each section of the site with its words, and those of its readers."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from node import run_node

HERE = Path(__file__).parent
QUESTIONS, QUERIES = HERE / "questions.csv", HERE / "queries.csv"
LONGEST = 75  # letters of the answer that a result shows
SHORTEST = 20  # of it: "No." alone is no answer
_SENTENCE = re.compile(r".+?(?:[.!?:](?=\s|$)|$)", re.DOTALL)
_ASKED = re.compile(r"(?ms)^### (.+?)\n\n(.*?)(?=^#|\Z)")
_LINK = re.compile(r"\]\(\.\./([\w/-]+)\.md(#[\w-]+)?\)")

# Its location, title, answer, all its words, and what people ask that it answers.
Section = dict[str, Any]


def build(site: Path, faq: str) -> str:
    """The index of a built site as JSON, from what mkdocs found in its pages.

    Raises OSError where there is no Node, CalledProcessError where it fails.
    """
    found = json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    return run_node(HERE / "compile.mjs", list(sections(found, people_words(faq))))


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a table with a header."""
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def people_words(faq: str) -> dict[str, list[str]]:
    """For each section's address, what people ask that it answers; `faq` is that page's source."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for row in table(QUESTIONS):
        asked[location(row["page"])].append(row["question"])
    for row in table(QUERIES):
        asked[location(row["page"])].append(row["query"])
    for question, answer in _ASKED.findall(faq):
        if links := _LINK.findall(answer):
            asked[location("".join(links[-1]))].append(re.sub(r"[`\"]", "", question))
    return asked


def location(page: str) -> str:
    """The address of "page#heading", from the site's root; that of the first page is empty."""
    name, mark, heading = page.partition("#")
    return f"{name}/{mark}{heading}".removeprefix("/")


def sections(found: Iterable[dict[str, str]], asked: dict[str, list[str]]) -> Iterator[Section]:
    """Each section that mkdocs found, without code in its words."""
    for one in found:
        html = BeautifulSoup(one["text"], "html.parser")
        blocks = [pre.extract().get_text() for pre in html.find_all("pre")]
        prose = " ".join(html.get_text(" ").split())
        yield {
            "location": one["location"],
            "title": BeautifulSoup(one["title"], "html.parser").get_text(),
            "answer": _answer(re.sub(r"\s+([.,;:?!)])", r"\1", prose)),
            "rest": " ".join([prose, *blocks]),
            "asked": asked.get(one["location"], []),
        }


def _answer(prose: str) -> str:
    """The first sentences of a section, as many as fit."""
    answer = ""
    for sentence in _SENTENCE.findall(prose):
        if len(answer) > SHORTEST and len(answer) + len(sentence) > LONGEST:
            break
        answer += sentence
    return answer if len(answer) <= LONGEST else f"{answer[:LONGEST].rsplit(' ', 1)[0]} …"
