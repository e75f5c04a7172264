"""The copy that needs no server: its pages, opened from a folder in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from project import PAGES, parsed


@pytest.fixture
def page(browser: Browser, offline: Path) -> Iterator[Page]:
    """The home page, opened as a file; it and what follows asks no host, and logs nothing."""
    asked, said = [], []
    with browser.new_page(viewport={"width": 1280, "height": 900}) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((offline / "index.html").as_uri())
        yield page
        assert all(url.startswith(("file:", "data:")) for url in asked)
        assert not said


def test_each_link_leads_to_a_file(offline: Path) -> None:
    """A browser shows a list of files for a folder. What is not of the site stays as it is."""
    assert not (offline / "old.html").exists()
    pages = list(offline.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        links = [str(link["href"]) for link in parsed(page).select("a[href]")]
        places = [unquote(one.path) for one in map(urlsplit, links) if not one.scheme and one.path]
        assert places
        assert not [place for place in places if not (page.parent / place).is_file()], page


def test_the_search_finds_a_page_and_opens_it(page: Page, offline: Path) -> None:
    """As Material's box does it, with the answers of ours."""
    page.keyboard.press("/")
    page.keyboard.type("return_sequences stacked")
    expect(page.locator(".md-search-result__link").first).to_be_visible()
    page.locator(".md-search-result__link", has_text="How do I stack").first.click()
    expect(page.locator("h1")).to_contain_text("How do I stack LSTM layers?")
    assert urlsplit(page.url).path == str(offline / "learn" / "stacking" / "index.html")


def test_the_paste_box_leads_to_the_cause(page: Page) -> None:
    """With its index from the same file."""
    page.get_by_role("link", name="Paste your error").first.click()
    page.fill("#pasted", "ValueError: expected ndim=3, found ndim=2")
    page.locator("#paste-box a", has_text="expected ndim=3").first.click()
    expect(page.locator("h2:target")).to_contain_text("expected ndim=3, found ndim=2")


def test_the_explorer_answers_and_nothing_offers_run(page: Page) -> None:
    """Run needs a server."""
    page.evaluate("document.getElementById('shape-explorer').scrollIntoView()")
    explorer = page.locator("#shape-explorer")
    expect(explorer.get_by_role("status")).to_contain_text("It has 168 parameters")
    assert explorer.get_by_role("link", name="Run this").count() == 0
    assert page.locator(".run-button").count() == 0
