"""The search in a real browser: its index comes when a reader wants it, not with each tab."""

import re

from playwright.sync_api import Page, expect

FOUND = ".md-search-result__link"


def test_the_index_waits_for_a_reader_and_is_fetched_once(tab: Page, address: str) -> None:
    """By a click or by a key; then the pages that hold the words are found."""
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{address}/learn/stacking/")
    tab.wait_for_load_state("networkidle")
    assert "search_index" not in " ".join(asked)
    tab.keyboard.press("/")
    tab.keyboard.type("return_state")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/return-state/"))
    tab.keyboard.press("Escape")
    tab.get_by_placeholder("Search").click()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("ConvLSTM2D")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/convlstm/"))
    assert " ".join(asked).count("search_index") == 1


def test_a_shared_search_is_answered(tab: Page, address: str) -> None:
    """An address with `?q=` shows what it finds, even in a tab behind, where nothing has focus."""
    tab.add_init_script("HTMLElement.prototype.focus = () => {}")
    tab.goto(f"{address}/?q=return_sequences")
    expect(tab.locator(FOUND).first).to_have_attribute("href", re.compile("/return-sequences/"))


def test_a_page_marks_what_was_searched_for(tab: Page, address: str) -> None:
    """One opened from the search, or by an address with `?h=`."""
    tab.goto(f"{address}/learn/stacking/?h=return_sequences")
    expect(tab.locator("mark").first).to_be_visible()
