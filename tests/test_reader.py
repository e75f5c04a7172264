"""Each page in a real browser: for every reader, narrow and wide, light and dark."""

import gzip
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Response

from project import DOCS, EXAMPLES, PAGES

EXTRA = (*(f"examples/{script.stem}/" for script in EXAMPLES), "404.html")
MODES = ((360, "dark"), (1280, "light"))


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
def test_a_page_is_for_every_reader(name: str, browser: Browser, address: str) -> None:
    """Axe finds nothing, nothing is wider than the window, no other host is asked."""
    opened = []
    for width, scheme in MODES:  # both load while the first is waited for
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"{address}/{name}")
        opened.append((page, asked, width))
    for page, asked, width in opened:
        page.wait_for_load_state("networkidle")
        found = Axe().run(page).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert all(url.startswith((address, "data:")) for url in asked)
        page.close()
