"""Run: in the browser, each snippet that offers it shows what its page shows, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import runnable
from accessibility import violations
from project import DOCS, PAGES, ROOT, address_of, parsed
from proof.page import parse_page, read_page
from served import served

FEWEST = 500  # of the snippets on all pages
STARTED = re.compile(r"in your browser")
FITS = """import keras
import numpy as np

model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(np.zeros((1, 1)), np.zeros((1, 1)))
"""
LEAVES = """import os
import keras
import numpy as np

print("left" in globals(), os.listdir("."), keras.config.floatx(), keras.layers.LSTM(1).name)
print(np.array([1 / 3]), np.random.rand())
left = 1
open("file", "w").close()
keras.config.set_floatx("float64")
np.set_printoptions(precision=2)
"""
SHARED = """import keras

model = keras.Sequential([keras.Input((2, 10)), keras.layers.LSTM(3)])
# <img src=x onerror=alert(1)>
"""
LONG = """import time

end = time.monotonic() + 4
while time.monotonic() < end:
    pass
print("ended")
"""
KEPT = """async (version) => {
  const kept = await (await caches.open("keras")).keys();
  return kept.length === 2 && kept.some(({ url }) => url.includes(version));
}"""
ENDLESS = "while True:\n    pass\n"
# Notes each change of what the page says of a run.
SAID = """() => {
  const status = document.querySelector(".run-status");
  window.said = [];
  new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
}"""
# Runs every block of a page that offers it, and says what differs.
RUN_ALL = """async (addresses) => {
  const [{ run }, { codeOf, outputOf, tablesOf }, { compare }] = await Promise.all(
    ["keras", "page", "compare"].map((name) => import(`/assets/run/${name}.js`)));
  const found = [];
  let count = 0;
  for (const address of addresses) {
    const text = await (await fetch(`/${address}`)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const block of page.querySelectorAll("[data-run]")) {
      const { tables, cells } = tablesOf(block);
      const code = codeOf(block);
      const report = compare(await run({ code, tables }), outputOf(block), tables, cells);
      count++;
      if (!report.isSame) found.push(`${address}: ${report.differences}\\n${code}`);
    }
  }
  return { count, found };
}"""


@pytest.fixture(scope="module")
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """A tab with the home page, which keeps Keras from one test to the next."""
    with browser.new_page() as page:
        page.goto(address)
        yield page


@pytest.fixture
def home(opened: Page, address: str) -> Page:
    """The home page, anew."""
    opened.goto(f"{address}/")
    return opened


def press_run(page: Page, number: int = 0) -> None:
    """Run a block of a page, and wait for what it shows."""
    page.locator(".run-button").nth(number).click()
    expect(page.locator(".run-status").last).to_contain_text(STARTED)


def write(page: Page, code: str) -> None:
    """Put a program in the editor, by keyboard, in place of what is there."""
    editor = page.locator(".cm-content").first
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(code)


def test_each_block_that_offers_run_shows_what_its_page_shows(home: Page) -> None:
    """Output, shape comments and table cells, in Chromium, of all pages."""
    ran = home.evaluate(RUN_ALL, [address_of(page) for page in PAGES])
    assert not ran["found"], "\n\n".join(ran["found"])
    assert ran["count"] >= FEWEST


def test_a_block_offers_run_where_it_shows_the_same(site: Path) -> None:
    """Blocks of Keras 2, and those that differ in the browser, don't."""
    pages = [read_page(path, path.relative_to(ROOT)) for path in PAGES]
    offered = runnable.runnable(pages)
    for path in PAGES:
        html = parsed(site / address_of(path) / "index.html")
        blocks = html.select("article .language-python.highlight")
        marked = {
            n: str(one["data-run"]) for n, one in enumerate(blocks) if one.has_attr("data-run")
        }
        assert marked == offered[path.relative_to(ROOT)], path
    assert any(
        len(found) < len(runnable.candidates(page))
        for page, found in zip(pages, offered.values(), strict=True)
    )


def test_a_changed_page_no_longer_offers_run() -> None:
    """The decision is made by running: with another output, there is no Run."""
    text = (DOCS / "index.md").read_text("utf-8")
    page, changed = (
        parse_page(one, Path("page.md")) for one in (text, text.replace("# 168", "# 169"))
    )
    assert 0 in runnable.runnable([page])[page.path]
    assert 0 not in runnable.runnable([changed])[changed.path]


def test_nothing_is_loaded_before_the_first_run(tab: Page, address: str) -> None:
    """Neither Keras nor the editor: what a page asks for is small."""
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{address}/playground/")
    expect(tab.locator(".md-content select")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/assets/playground/" in url]


def test_a_changed_number_changes_the_shapes_beside_it(home: Page) -> None:
    """The values stand at the end of their lines; Reset brings the page's program back."""
    press_run(home)
    expect(home.locator(".run-status")).to_contain_text("Matches this page")
    expect(home.locator(".run-note--same")).to_have_count(4)
    write(home, "import keras\n\nkeras.layers.LSTM(7)(keras.Input((2, 10)))  # (None, 3)\n")
    expect(home.locator(".run-note--other")).to_have_text("→ (None, 7)")
    expect(home.locator(".run-status")).to_contain_text("Differs from this page")
    home.get_by_role("button", name="Reset").click()
    expect(home.locator(".run-note--same")).to_have_count(4)
    expect(home.get_by_role("button", name="Reset")).to_be_hidden()


def test_the_keyboard_runs(home: Page) -> None:
    """Enter on Run, and Control+Enter in the editor."""
    home.locator(".run-button").first.press("Enter")
    expect(home.locator(".run-status")).to_contain_text(STARTED)
    write(home, "print(6 * 7)")
    home.keyboard.press("Control+Enter")
    expect(home.locator(".run-output")).to_have_text("42\n")
    expect(home.locator("mark.run-line")).to_have_text("42\n")


def test_a_quick_run_shows_nothing_but_its_result(tab: Page, address: str) -> None:
    """What is awaited is said a tenth of a second later, and here the clock stands still."""
    tab.clock.install(time=0)
    tab.goto(address)
    press_run(tab)
    tab.clock.pause_at(1_000_000)
    tab.evaluate(SAID)
    tab.get_by_role("button", name="Run").first.click()
    tab.wait_for_function("() => said.length > 0")
    (verdict,) = tab.evaluate("said")
    assert "Matches this page" in verdict


def test_a_mistake_is_shown_where_a_reader_waited_for_it(home: Page) -> None:
    """Half a line that is still being typed isn't, but no run ends in "Running"."""
    press_run(home)
    busy = (
        "(code) => void import('/assets/run/keras.js').then(({ run }) => run({ code, tables: [] }))"
    )
    home.evaluate(busy, LONG)
    write(home, "1 +")
    expect(home.locator(".run-status")).to_contain_text("Running")
    expect(home.locator(".run-output")).to_contain_text("SyntaxError")


def test_stop_ends_an_endless_program_and_the_next_run_works(home: Page) -> None:
    """At once, with Python; what was printed until then stays."""
    press_run(home)
    write(home, f"print('begun', flush=True)\n{ENDLESS}")
    home.keyboard.press("Control+Enter")
    expect(home.locator(".run-output")).to_contain_text("begun")
    home.get_by_role("button", name="Stop").click()
    expect(home.locator(".run-status")).to_contain_text("Stopped")
    home.get_by_role("button", name="Reset").click()
    expect(home.locator(".run-status")).to_contain_text("Matches this page")


def test_stop_ends_each_program_that_waits(home: Page) -> None:
    """One that runs, and one that waits for it: neither is left running for ever."""
    ended = home.evaluate(
        """async (code) => {
          const { run, start, stop } = await import("/assets/run/keras.js");
          await start();
          const both = [code, "1"].map((code) => run({ code, tables: [] }));
          setTimeout(stop, 500);
          return (await Promise.allSettled(both)).map(({ reason }) => reason.message);
        }""",
        ENDLESS,
    )
    assert ended == ["stopped", "stopped"]


def test_a_long_program_has_a_spare_python_for_after_stop(home: Page) -> None:
    """It takes the place of the one that is stopped; where the program ends, the spare one does."""
    press_run(home)
    expect(home.locator(".run-status")).to_contain_text(STARTED)
    write(home, ENDLESS)
    with home.expect_event("worker") as spare:
        home.keyboard.press("Control+Enter")
    home.get_by_role("button", name="Stop").click()
    expect(home.locator(".run-status")).to_contain_text("Stopped")
    write(home, LONG)
    with home.expect_event("worker") as another:
        home.keyboard.press("Control+Enter")
    expect(home.locator(".run-output")).to_have_text("ended\n")
    for _ in range(100):
        if another.value in home.workers:
            home.wait_for_timeout(100)
    assert [one for one in home.workers if "/playground/" in one.url] == [spare.value]


def test_a_second_visit_unpacks_only_what_is_new(browser: Browser, address: str) -> None:
    """The browser keeps what was unpacked, as long as the host has the same file."""
    with browser.new_context() as context:

        def has_unpacked(version: str = "") -> bool:
            asked: list[str] = []
            with context.new_page() as page:
                page.on("request", lambda request: asked.append(request.url))
                page.goto(address)
                press_run(page)
                expect(page.locator(".run-status")).to_contain_text("Matches this page")
                assert any(
                    page.evaluate(KEPT, version) or page.wait_for_timeout(100) for _ in range(600)
                )
            return any(url.endswith("/zstddec.mjs") for url in asked)

        def changed(route: Route) -> None:
            answer = route.fetch()
            later = {"last-modified": "Sat, 01 Jan 2050 00:00:00 GMT"}
            route.fulfill(response=answer, headers=answer.headers | later)

        assert has_unpacked()
        assert not has_unpacked()
        context.route("**/keras.zst", changed)
        assert has_unpacked("2050")
        assert not has_unpacked("2050")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import tf_keras", "Keras 2 needs TensorFlow. Run it on your computer"),
        ("import tensorflow as tf", "tensorflow isn't available in the browser"),
        (FITS, "Training needs TensorFlow, JAX or PyTorch"),
        ("from urllib.request import urlopen\nurlopen('http://example.com')", "has no network"),
        ("from urllib.request import urlopen\nurlopen('https://example.com')", "has no network"),
        ("open('data.csv')", "FileNotFoundError"),
        ("print('x' * 10**7)", "the program shows over 1,000,000 characters"),
        ("1 +", "SyntaxError"),
        ("input()", "EOFError"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_ends_in_one_sentence(home: Page, code: str, said: str) -> None:
    """And where to run it instead; the next program runs."""
    press_run(home)
    write(home, code)
    home.keyboard.press("Control+Enter")
    expect(home.locator(".run-panel")).to_contain_text(said)
    write(home, "print('next')")
    home.keyboard.press("Control+Enter")
    expect(home.locator(".run-output")).to_have_text("next\n")


def test_a_program_leaves_nothing_to_the_next(home: Page) -> None:
    """Names, files, modules, settings, and the numbers in Keras's names."""
    job = {"code": LEAVES, "tables": []}
    run = "async (job) => (await (await import('/assets/run/keras.js')).run(job)).output"
    first, second = home.evaluate(run, job), home.evaluate(run, job)
    assert first == second
    assert first.startswith("False [] float32 lstm\n[0.33333333]")


def test_a_failed_load_says_so_and_can_be_tried_again(tab: Page, address: str) -> None:
    """Of Keras, and of the module that shows it."""
    tab.goto(address)
    tab.route("**/keras.zst", lambda route: route.fulfill(status=503))
    tab.locator(".run-button").first.click()
    expect(tab.locator(".run-status")).to_contain_text("keras.zst: 503")
    tab.unroute("**/keras.zst")
    tab.get_by_role("button", name="Run").first.click()
    expect(tab.locator(".run-status")).to_contain_text("Matches this page")
    tab.route("**/cell.js", lambda route: route.abort())
    tab.goto(f"{address}/learn/stacking/")
    tab.locator(".run-button").first.click()
    expect(tab.locator(".run-button").first).to_have_text("Could not be loaded. Try again")


def test_where_the_snapshot_cannot_be_restored_keras_is_imported(tab: Page, address: str) -> None:
    """The slower way to start, which the reader needn't choose."""

    def broken(route: Route) -> None:
        body = (ROOT / "playground" / "runtime" / "loader.js").read_text("utf-8")
        route.fulfill(
            body=body.replace("table !== manifest.table", "true"), content_type="text/javascript"
        )

    tab.route("**/loader.js", broken)
    tab.goto(address)
    press_run(tab)
    expect(tab.locator(".run-status")).to_contain_text("Matches this page")


def test_below_a_path_it_runs_too(browser: Browser, site: Path, tmp_path: Path) -> None:
    """A site need not be at the root of its host."""
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "path").symlink_to(site)
    with served(tmp_path) as root, browser.new_page() as page:
        page.goto(f"{root}/some/path/learn/stacking/")
        press_run(page)
        expect(page.locator(".run-status")).to_contain_text("Matches this page")


def test_the_playground_runs_the_program_of_a_link(opened: Page, address: str) -> None:
    """Shows it as text, draws its model, and gives the link again; nothing of it is HTML."""
    opened.goto("about:blank")
    opened.goto(f"{address}/playground/#code={quote(SHARED)}")
    opened.locator(".run-action", has_text="Run").click()
    expect(opened.locator(".run-status")).to_contain_text(STARTED)
    expect(opened.locator(".run-picture img")).to_have_attribute(
        "alt", "input (None, 2, 10), then LSTM(3) (None, 3)"
    )
    assert opened.locator("img[src=x]").count() == 0
    opened.get_by_role("button", name="Copy link").click()
    assert opened.evaluate("decodeURIComponent(location.hash)") == f"#code={SHARED.rstrip()}"


def test_an_error_in_the_playground_leads_to_its_answer(opened: Page, address: str) -> None:
    """By one click."""
    opened.goto(f"{address}/playground/")
    opened.locator(".md-content select").select_option(label="An error")
    opened.get_by_role("button", name="What does this error mean?").click()
    answer = opened.locator(".run-answers a").first
    expect(answer).to_have_attribute("href", re.compile(r"/errors/rank/#"))


# How many pixels of the longest lines, of the editor and of the output, are seen only by scrolling.
HIDDEN = """() => [".cm-scroller", ".run-output"].map((name) => {
  const { scrollWidth, clientWidth } = document.querySelector(name);
  return scrollWidth - clientWidth;
})"""


# Whether the rule beside the output has the color of an error.
RULE_IS_RED = """() => {
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  return style(".run-panel").borderLeftColor === style(".run-note--error").color;
}"""


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_program_that_was_run_is_for_every_reader(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    """Axe finds nothing, all code and notes are seen, no policy refuses anything."""
    with browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme) as page:  # type: ignore[arg-type]
        complaints: list[str] = []
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.goto(f"{address}/playground/")
        page.locator(".md-content select").select_option(
            label="The article's model, with any batch size"
        )
        expect(page.locator(".run-picture img")).to_be_visible()
        write(page, "import keras\nkeras.layers.LSTM(3)(keras.Input((10,)))  # (None, 3)")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".run-note--error")).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(HIDDEN) == [0, 0]
        assert page.evaluate(RULE_IS_RED)
        assert not complaints
        assert violations(page) == []


def test_the_worker_outlives_the_page(tab: Page, address: str) -> None:
    """Nothing asks twice for what was loaded, where two blocks of a page are run."""
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{address}/learn/return-sequences/")
    press_run(tab, 1)
    press_run(tab, 0)
    assert len([url for url in asked if url.endswith("keras.zst")]) == 1
