"""Each page in a real browser: for every reader, narrow and wide, light and dark."""

import gzip
from importlib.metadata import version
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from passed import digest, note_passed, passed_before
from project import EXAMPLES, PAGES, address_of

ADDRESSES = (*map(address_of, [*PAGES, *EXAMPLES]), "404.html")
MODES = ((360, "dark"), (1280, "light"))
SCHEMES = {"dark": "slate", "light": "default"}  # as Material calls them
LOADED = (".css", ".js", ".svg", ".png")
HEAVIEST = 90_000


@pytest.mark.parametrize("name", ADDRESSES, ids=lambda name: name or "home")
def test_a_page_is_for_every_reader(
    name: str, site: Path, browser: Browser, address: str, assets: str
) -> None:
    """Axe finds nothing, nothing is wider than the window, no other host is asked.

    All that the browser asks for is 90 KB at most, compressed. Not asked again where it passed
    before with the same page, assets and browser.
    """
    place = name if name.endswith(".html") else f"{name}index.html"
    key = digest(site / place, assets, browser.version, Path(__file__))
    if passed_before(place, key) is not None:
        return
    asked: set[str] = set()
    for width, scheme in MODES:
        size = {"width": width, "height": 900}
        with browser.new_page(viewport=size, color_scheme=scheme) as page:
            page.on("request", lambda request: asked.add(request.url))
            page.goto(f"{address}/{name}", wait_until="networkidle")
            assert page.evaluate("document.body.dataset.mdColorScheme") == SCHEMES[scheme]
            found = Axe().run(page).response["violations"]
            assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(url.startswith((address, "data:")) for url in asked)
    files = {url.removeprefix(f"{address}/") for url in asked if not url.startswith("data:")}
    files = files - {name} | {place}
    weights = {file: len(gzip.compress((site / file).read_bytes())) for file in files}
    assert {Path(file).suffix for file in files} >= {".css", ".js"}
    assert sum(weights.values()) <= HEAVIEST, weights
    note_passed(place, key)


@pytest.fixture(scope="module")
def assets(site: Path) -> str:
    """A digest of what pages load, and of what judges them."""
    files = sorted(path for path in (site / "assets").rglob("*") if path.suffix in LOADED)
    return digest(*files, version("axe-playwright-python"))
