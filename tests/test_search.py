"""The search in a real browser: its index comes when a reader wants it, not with each page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

FOUND = ".md-search-result__link"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty tab."""
    page = browser.new_page()
    yield page
    page.close()


def test_the_index_waits_for_a_reader_and_is_fetched_once(page: Page, address: str) -> None:
    """By a click or by a key; then the pages that hold the words are found."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/learn/stacking/")
    page.wait_for_load_state("networkidle")
    assert "search_index" not in " ".join(asked)
    page.keyboard.press("/")
    page.keyboard.type("return_state")
    expect(page.locator(FOUND).first).to_have_attribute("href", re.compile("/return-state/"))
    page.keyboard.press("Escape")
    page.get_by_placeholder("Search").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ConvLSTM2D")
    expect(page.locator(FOUND).first).to_have_attribute("href", re.compile("/convlstm/"))
    assert " ".join(asked).count("search_index") == 1


def test_a_shared_search_is_answered(page: Page, address: str) -> None:
    """An address with `?q=` shows what it finds, even in a tab behind, where nothing has focus."""
    page.add_init_script("HTMLElement.prototype.focus = () => {}")
    page.goto(f"{address}/?q=return_sequences")
    expect(page.locator(FOUND).first).to_have_attribute("href", re.compile("/return-sequences/"))


def test_a_page_marks_what_was_searched_for(page: Page, address: str) -> None:
    """One opened from the search, or by an address with `?h=`."""
    page.goto(f"{address}/learn/stacking/?h=return_sequences")
    expect(page.locator("mark").first).to_be_visible()
