"""Each page in a real browser: for every reader, narrow and wide, light and dark."""

import gzip
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Response

from passed import digest, note_passed, passed_before
from project import DOCS, EXAMPLES, PAGES

EXTRA = (*(f"examples/{script.stem}/" for script in EXAMPLES), "404.html")
MODES: tuple[tuple[int, Literal["dark", "light"]], ...] = ((360, "dark"), (1280, "light"))
SCHEMES = {"dark": "slate", "light": "default"}  # as Material calls them
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
    name: str, site: Path, browser: Browser, address: str, assets: str
) -> None:
    """Axe finds nothing, nothing is wider than the window, no other host is asked.

    Not asked again where it passed before with the same page, assets and browser.
    """
    place = name if name.endswith(".html") else f"{name}index.html"
    key = digest(site / place, assets, browser.version, Path(__file__))
    if passed_before(place, key) is not None:
        return
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for width, scheme in MODES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}/{name}", wait_until="networkidle")
        assert page.evaluate("document.body.dataset.mdColorScheme") == SCHEMES[scheme]
        found = Axe().run(page).response["violations"]
        assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate("localStorage.clear()")  # where Material keeps the scheme
    page.close()
    assert all(url.startswith((address, "data:")) for url in asked)
    note_passed(place, key)


@pytest.fixture(scope="module")
def assets(site: Path) -> str:
    """A digest of what pages load, and of what judges them."""
    files = sorted(path for path in (site / "assets").rglob("*") if path.suffix in LOADED)
    return digest(*files, version("axe-playwright-python"))
