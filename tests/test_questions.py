"""Each question that people were seen to ask has its answer, and a reader finds it."""

import csv
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from project import PAGES, ROOT

ASKED = 117

SEARCHES = [
    ("look-back", "data/windows/"),
    ("samples", "learn/three-axes/"),
    ("expected ndim=3, found ndim=2", "learn/stacking/"),
    ("expected ndim=3, found ndim=4", "learn/input-shape/"),
    ("expected ndim=5, found ndim=4", "layers/convlstm/"),
    ("batch_input_shape", "learn/input-shape/"),
    ("reset_states", "layers/stateful/"),
    ("inverse_transform dim 3", "data/scaling/"),
    ("sequence_length targets", "data/timeseries-dataset/"),
    ("repeatvector", "layers/encoder-decoder/"),
    ("merge_mode", "layers/bidirectional/"),
    ("pad_sequences", "data/variable-length/"),
    ("mask_zero", "data/masking/"),
    ("cudnnlstm", "keras-2-to-3/"),
    ("tflite", "layers/export/"),
    ("video frames", "layers/cnn/"),
    ("168", "learn/parameters/"),
    ("reset_after", "layers/gru/"),
]


def questions() -> list[dict[str, str]]:
    """The questions, each with the page and the heading that answer it."""
    with (ROOT / "tests" / "data" / "questions.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def test_every_question_is_kept() -> None:
    """No question is lost or asked twice."""
    assert len({row["id"] for row in questions()}) == len(questions()) >= ASKED


@pytest.mark.parametrize("row", questions(), ids=lambda row: row["id"])
def test_a_question_leads_to_its_answer(row: dict[str, str], site: Path) -> None:
    """The page is built and has the heading."""
    page, _, heading = row["page"].partition("#")
    html = BeautifulSoup((site / page / "index.html").read_text("utf-8"), "html.parser")
    assert not heading or html.article.find(id=heading), f"{page} has no heading #{heading}"


@pytest.mark.parametrize(("words", "page"), SEARCHES)
def test_the_usual_words_stand_on_the_page_that_is_searched_for(
    words: str, page: str, site: Path
) -> None:
    """Search looks for all the words in one section; the page has one with them."""
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    texts = [
        f"{entry['title']} {entry['text']}".casefold()
        for entry in index["docs"]
        if entry["location"].startswith(page)
    ]
    assert any(all(word in text for word in words.replace(",", "").split()) for text in texts)


def test_every_page_is_a_click_from_home(site: Path) -> None:
    """The home page itself, without the navigation, links to each page."""
    home = BeautifulSoup((site / "index.html").read_text("utf-8"), "html.parser")
    linked = {link["href"].split("#")[0].strip("/") for link in home.article.find_all("a")}
    names = [path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in PAGES]
    assert {name.removesuffix("/index") for name in names} - {"index"} <= linked
