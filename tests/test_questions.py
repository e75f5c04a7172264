"""Each question that people were seen to ask has its answer, and a reader finds it."""

import json
from pathlib import Path

import pytest

from project import DOCS, PAGES, parsed, table

QUESTIONS = table("questions.csv")


def test_no_question_is_asked_twice() -> None:
    """Each has a name of its own."""
    assert len({row["id"] for row in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["id"])
def test_a_question_leads_to_its_answer(row: dict[str, str], site: Path) -> None:
    """The page is built and has the heading."""
    page, _, heading = row["page"].partition("#")
    article = parsed(site / page / "index.html").article
    assert not heading or article.find(id=heading), f"{page} has no heading #{heading}"


@pytest.mark.parametrize("row", table("searches.csv"), ids=lambda row: row["words"])
def test_the_usual_words_stand_on_the_page_that_is_searched_for(
    row: dict[str, str], site: Path
) -> None:
    """Search looks for all the words in one section; the page has one with them."""
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    texts = [
        f"{entry['title']} {entry['text']}".casefold()
        for entry in index["docs"]
        if entry["location"].startswith(row["page"])
    ]
    words = row["words"].replace(",", "").split()
    assert any(all(word in text for word in words) for text in texts)


def test_every_page_is_a_click_from_home(site: Path) -> None:
    """The home page itself, without the navigation, links to each page."""
    links = parsed(site / "index.html").article.find_all("a")
    linked = {link["href"].split("#")[0].strip("/") for link in links}
    names = [path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES]
    assert {name.removesuffix("/index") for name in names} - {"index"} <= linked
