"""What a reader waits for, in Chromium: Run, from click to result, and the search.

Measured on the built site, served from this machine: `python tools/browser_bench.py SITE`. Each
figure is the median of several; a browser with an empty cache begins each cold start.
"""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

import measured
from browser import launch
from served import served

ROUNDS = 5
KEPT = 5000  # milliseconds after which the browser has kept what the next visit needs
SMALL = "The article's model, with any batch size"
QUERY = "return_sequences mask of a stateful lstm"
# Resolves with the milliseconds from a click on the button to the verdict.
RUN = """(button) => new Promise((resolve) => {
  for (const status of document.querySelectorAll(".run-status")) status.textContent = "";
  const began = performance.now();
  new MutationObserver(() => {
    const said = [...document.querySelectorAll(".run-status")].at(-1)?.textContent ?? "";
    if (said.includes("in your browser")) resolve(performance.now() - began);
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
  button.click();
})"""
# Stops an endless program after three seconds.
STOPPED = """async () => {
  const { run, stop } = await import("/assets/run/keras.js");
  setTimeout(stop, 3000);
  await run({ code: "while True: pass", tables: [] }).catch(() => {});
}"""
SEARCHED = """() => {
  window.took = [];
  let began = 0;
  document.querySelector(".md-search__input").addEventListener("keyup", () => {
    began = performance.now();
  }, true);
  new MutationObserver(() => {
    if (began) window.took.push(performance.now() - began);
    began = 0;
  }).observe(document.querySelector(".md-search-result__list"), { childList: true });
}"""


def run_times(browser: Browser, address: str) -> Iterator[tuple[str, float]]:
    """Milliseconds from click to result: of the home page's program, and of a small model."""
    context = browser.new_context()
    for name in ("first visit", "second visit"):
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        yield name, page.locator(".run-button").first.evaluate(RUN)
        page.wait_for_timeout(KEPT)
    yield "again", page.locator(".run-action").first.evaluate(RUN)
    page.evaluate(STOPPED)
    yield "after Stop", page.locator(".run-action").first.evaluate(RUN)
    page.goto(f"{address}/playground/")
    page.locator(".md-content select").select_option(label=SMALL)
    page.get_by_text("in your browser,").wait_for()
    yield "a small model again", page.locator(".run-action").first.evaluate(RUN)
    context.close()


def search_times(page: Page, address: str) -> list[float]:
    """Milliseconds from a key to its results; the first loads the index."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate(SEARCHED)
    page.keyboard.press("/")
    page.keyboard.type(QUERY, delay=250)
    page.wait_for_timeout(1000)
    return list(map(float, page.evaluate("window.took")))


def transferred(site: Path) -> float:
    """Megabytes that the first Run asks for, JavaScript compressed by the host."""
    folder = site / "assets" / "playground"
    packed = sum((folder / name).stat().st_size for name in ("keras.zst", "pyodide.asm.wasm.zst"))
    scripts = (
        "pyodide.mjs",
        "pyodide.asm.js",
        "zstddec.mjs",
        "loader.js",
        "worker.js",
        "editor.js",
    )
    return (packed + sum(len(gzip.compress((folder / one).read_bytes())) for one in scripts)) / 1e6


def main(site: Path) -> None:
    """Measure, print, and keep."""
    with sync_playwright() as playwright, served(site) as address:
        browser = launch(playwright)
        rounds = [dict(run_times(browser, address)) for _ in range(ROUNDS)]
        with browser.new_page() as page:
            first, *others = search_times(page, address)
    figures = {
        f"Run, {name}": f"{median(one[name] for one in rounds):.0f} ms" for name in rounds[0]
    }
    figures |= {
        "Run, transferred once": f"{transferred(site):.1f} MB",
        "search, first key": f"{first:.0f} ms",
        "search, each key": f"{median(others):.0f} ms",
    }
    for name, figure in figures.items():
        print(f"{name:28}{figure}")
    measured.keep("browser", figures)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
