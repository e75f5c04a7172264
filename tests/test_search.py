"""The search: what people ask finds the page that answers it, in Material's box in a browser."""

import gzip
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from accessibility import violations
from project import parsed
from search.index import QUERIES, location, table
from search.measure import answers, ask, share
from served import served

FOUND = ".md-search-result__link"
LARGEST = 60_000  # the index, as it travels
# Of the questions in full and in short, each without its own wording in the index.
FEWEST_FIRST, FEWEST_AMONG_THREE = 0.86, 0.96
WORDS = {
    "look-back": "data/windows",
    "return sequences": "learn/return-sequences",
    "returnsequences": "learn/return-sequences",
    "return_sequence": "learn/return-sequences",
    "retrun_sequences": "learn/return-sequences",
    "batch_input_shape": "learn/input-shape",
    "reset_states": "layers/stateful",
    "statful": "layers/stateful",
    "inverse_transform dim 3": "data/scaling",
    "merge_mode": "layers/bidirectional",
    "pad_sequences": "data/variable-length",
    "mask_zero": "data/words",
    "cudnnlstm": "keras-2-to-3",
    "tflite": "layers/export",
    "video frames": "layers/cnn",
    "168 parameters": "learn/parameters",
    "reset_after": "layers/gru",
    "hidden size": "learn/return-sequences",
    "time series with 2D images": "layers/cnn",
}

# Asks a new Worker, and notes what each answer is to.
ASK = """(queries) => {
  const worker = new Worker(JSON.parse(document.getElementById("__config").textContent).search);
  window.answered = [];
  worker.onmessage = ({ data: { type, data } }) => {
    if (type === 3) answered.push(Object.keys(data.items[0]?.[0].terms ?? {}).join());
  };
  for (const data of queries) worker.postMessage({ type: 2, data });
}"""


@pytest.mark.parametrize("form", ["question", "short"])
def test_people_find_the_page_that_answers_them(form: str, site: Path) -> None:
    """First, and among three, as often as was measured when the index was made."""
    found = ask(site, form)
    missed = [f"{one.query}: {one.first}" for one in found if one.place]
    assert share(found, 1) >= FEWEST_FIRST, missed
    assert share(found, 3) >= FEWEST_AMONG_THREE, missed


def test_what_people_might_ask_leads_to_sections(site: Path) -> None:
    """Each page is built and has the heading."""
    gone = []
    for place in {location(row["page"]) for row in table(QUERIES)}:
        page, _, heading = place.partition("#")
        file = site / page / "index.html"
        if not file.exists() or (heading and not parsed(file).article.find(id=heading)):
            gone.append(place)
    assert not gone


def test_the_index_is_small(site: Path) -> None:
    """It comes with the first letters that a reader types."""
    index = (site / "assets" / "search" / "index.json").read_bytes()
    assert len(gzip.compress(index, 9)) <= LARGEST


def test_words_find_their_page_however_they_are_spelled(site: Path) -> None:
    """Among the first three: names in parts or in one, with a letter wrong, in other words."""
    rows = [({"question": "", "page": page, "also": ""}, words) for words, page in WORDS.items()]
    missed = [(one.query, one.first) for one in answers(site, rows) if not 0 <= one.place < 3]
    assert not missed


def test_the_index_waits_for_a_reader_and_is_fetched_once(tab: Page, address: str) -> None:
    """By a key or by a click; then the pages that hold the words are found."""
    asked: list[str] = []
    tab.context.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{address}/learn/stacking/")
    tab.wait_for_load_state("networkidle")
    assert "index.json" not in " ".join(asked).replace("search_index.json", "")
    tab.keyboard.press("/")
    tab.keyboard.type("return_state")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/return-state/"))
    tab.keyboard.press("Escape")
    tab.get_by_placeholder("Search").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("ConvLSTM2D")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/convlstm/"))
    assert sum("/search/index.json" in url for url in asked) == 1


def test_a_shared_search_is_answered(tab: Page, address: str) -> None:
    """An address with `?q=` shows what it finds, even in a tab behind, where nothing has focus."""
    tab.add_init_script("HTMLElement.prototype.focus = () => {}")
    tab.goto(f"{address}/?q=return_sequences")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/return-sequences/"))


def test_a_site_below_a_path_is_searched(tab: Page, site: Path) -> None:
    """The index, the worker and the links are found from there."""
    with served(site.parent) as address:
        tab.goto(f"{address}/{site.name}/learn/stacking/?q=return_sequences")
        link = tab.locator(FOUND).first
        expect(link).to_have_attribute("href", re.compile(f"/{site.name}/learn/return-sequences/"))


def test_a_page_marks_what_was_searched_for(tab: Page, address: str) -> None:
    """One opened from the search, or by an address with `?h=`."""
    tab.goto(f"{address}/learn/stacking/?h=return_sequences")
    expect(tab.locator("mark").first).to_be_visible()


def test_a_result_is_the_sentence_that_answers(tab: Page, address: str) -> None:
    """A section's first sentences, with the words that were asked for marked, and no program."""
    tab.goto(f"{address}/?q=does the loss count the padding")
    expect(tab.locator(".md-search-result__list mark").first).to_be_visible()
    assert "import keras" not in tab.locator(".md-search-result__list").inner_text()


def test_a_search_works_by_keyboard(tab: Page, address: str) -> None:
    """Arrows go through what is found, Enter opens it."""
    tab.goto(f"{address}/")
    tab.keyboard.press("/")
    tab.keyboard.type("return_state")
    whole = re.compile(r"/return-state/\?h=return_state")
    expect(tab.locator(FOUND).first).to_have_attribute("href", whole)
    tab.keyboard.press("ArrowDown")
    assert "/return-state/" in tab.evaluate("document.activeElement.href")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("/return-state/"))


def test_answers_come_in_the_order_of_the_letters(tab: Page, address: str) -> None:
    """Else a fast reader would see what a part of the word finds."""
    tab.goto(address)
    queries = ["mask", "batch", "stateful", "units", "window", "gru", "dense", "loss"]
    tab.evaluate(ASK, queries)
    tab.wait_for_function("(count) => answered.length === count", arg=len(queries))
    assert tab.evaluate("answered") == queries


@pytest.mark.parametrize("width", [360, 1280])
def test_the_search_is_for_every_reader(width: int, tab: Page, address: str) -> None:
    """Axe finds nothing in its open box, and nothing is wider than the window."""
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(f"{address}/?q=stateful batch size")
    expect(tab.locator(FOUND).first).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(tab) == []


def test_a_search_that_cannot_be_loaded_says_so(tab: Page, address: str) -> None:
    """And is loaded with the next key, where it can be."""

    def fail(route: Route) -> None:
        route.abort()

    tab.context.route("**/search/index.json", fail)
    tab.goto(f"{address}/")
    tab.keyboard.press("/")
    tab.keyboard.type("mask")
    expect(tab.locator(FOUND).first).to_contain_text("could not be loaded")
    tab.context.unroute("**/search/index.json", fail)
    tab.keyboard.type("s")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/masking/"))


def test_a_pasted_error_gets_the_answer_of_the_paste_box(tab: Page, address: str) -> None:
    """Its entry first, and the cause that fits."""
    message = "Input 0 of layer lstm is incompatible with the layer: expected ndim=3, found ndim=2."
    tab.goto(f"{address}/?q=ValueError: {message} Full shape received: (64, 7)")
    first = tab.locator(".md-search-result__item").first
    expect(first).to_contain_text("Look first at: (20, 10), your array: it is 2-D")
    entry = first.locator("a[href*='#expected-ndim3-found-ndim2']")
    assert "/errors/rank/" in str(entry.get_attribute("href"))


def test_what_is_typed_does_not_become_html(tab: Page, address: str) -> None:
    """Nothing runs, nothing hangs."""
    tab.goto(f"{address}/?q=<img src=x onerror=hacked=1> mask &lt;b")
    expect(tab.locator(FOUND).first).to_be_visible()
    assert tab.evaluate("typeof hacked") == "undefined"
    assert tab.locator(".md-search-result__list img").count() == 0
