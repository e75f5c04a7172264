"""Each question that people were seen to ask has its answer, and a reader finds it."""

from pathlib import Path

import pytest

from project import DOCS, PAGES, parsed
from search import index

QUESTIONS = index.table(index.QUESTIONS)


def test_no_question_is_asked_twice() -> None:
    """Each has a name of its own."""
    assert len({row["id"] for row in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: row["id"])
def test_a_question_leads_to_its_answer(row: dict[str, str], site: Path) -> None:
    """The page is built and has the heading; so is each other one that answers it, too."""
    for place in (row["page"], *row["also"].split()):
        page, _, heading = place.partition("#")
        article = parsed(site / page / "index.html").article
        assert not heading or article.find(id=heading), f"{page} has no heading #{heading}"


def test_every_page_is_a_click_from_home(site: Path) -> None:
    """The home page itself, without the navigation, links to each page."""
    links = parsed(site / "index.html").article.find_all("a")
    linked = {link["href"].split("#")[0].strip("/") for link in links}
    names = [path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES]
    assert {name.removesuffix("/index") for name in names} - {"index"} <= linked
