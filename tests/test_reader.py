"""Each page in a real browser: for every reader, narrow and wide, light and dark."""

import gzip
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from passed import digest, note_passed, passed_before
from project import DOCS, EXAMPLES, PAGES

EXTRA = (*(f"examples/{script.stem}/" for script in EXAMPLES), "404.html")
MODES = {"dark": (360, "slate"), "light": (1280, "default")}  # and what Material calls them
LOADED = (".css", ".js", ".svg", ".png")


def addresses() -> list[str]:
    """The address of every page, from the site's root."""
    names = [path.relative_to(DOCS).with_suffix("").as_posix() for path in PAGES]
    folders = [name.removesuffix("index").rstrip("/") for name in names]
    return [*(f"{folder}/" if folder else "" for folder in folders), *EXTRA]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_transfers_little(script: Path, browser: Browser, address: str) -> None:
    """With its plot, styles and scripts, all that the browser asks for: 90 KB compressed."""
    page = browser.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{address}/examples/{script.stem}/")
    page.wait_for_load_state("networkidle")
    weights = {
        answer.url: len(gzip.compress(answer.body()))
        for answer in answers
        if not answer.url.startswith("data:")
    }
    page.close()
    assert {url.rpartition(".")[2] for url in weights} >= {"css", "js"}
    assert sum(weights.values()) <= 90_000, weights


@pytest.mark.parametrize("name", addresses(), ids=lambda name: name or "home")
def test_a_page_is_for_every_reader(
    name: str, site: Path, tabs: list[Page], address: str, assets: str
) -> None:
    """Axe finds nothing, nothing is wider than the window, no other host is asked.

    Not asked again where it passed before with the same page, assets and browser.
    """
    place = name if name.endswith(".html") else f"{name}index.html"
    key = digest(site / place, assets, Path(__file__))
    if passed_before(place, key) is not None:
        return
    for tab in tabs:  # both load while the first is waited for
        tab.goto(f"{address}/{name}", wait_until="commit")
    for tab in tabs:
        tab.wait_for_load_state("networkidle")
        found = Axe().run(tab).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
        width = tab.viewport_size["width"]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    note_passed(place, key)


@pytest.fixture(scope="module")
def tabs(browser: Browser, address: str) -> Iterator[list[Page]]:
    """A narrow dark page and a wide light one, which keep what they load and ask no other host."""
    asked: list[str] = []
    pages = []
    for scheme, (width, _) in MODES.items():
        size = {"width": width, "height": 900}
        pages.append(browser.new_page(viewport=size, color_scheme=scheme))
        pages[-1].on("request", lambda request: asked.append(request.url))
    yield pages
    for page, (_, scheme) in zip(pages, MODES.values(), strict=True):
        seen = page.evaluate("document.body.dataset.mdColorScheme")
        assert seen in (scheme, None)  # None where nothing had to be opened
        page.close()
    assert all(url.startswith((address, "data:")) for url in asked)


@pytest.fixture(scope="module")
def assets(site: Path, browser: Browser) -> str:
    """A digest of what pages load, and of what judges them."""
    files = sorted(path for path in (site / "assets").rglob("*") if path.suffix in LOADED)
    return digest(*files, browser.version, version("axe-playwright-python"))
