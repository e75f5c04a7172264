"""Each page in a real browser: for every reader, narrow and wide, light and dark."""

import gzip
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

import accessibility
from passed import digest, note_passed, passed_before
from project import EXAMPLES, PAGES, address_of

ADDRESSES = (*map(address_of, [*PAGES, *EXAMPLES]), "404.html")
MODES = {"dark": (360, "slate"), "light": (1440, "default")}  # and what Material calls them
LOADED = (".css", ".js", ".svg", ".png")
# Shape comments and answers of tables that are out of sight, in a frame that doesn't show that it
# scrolls; and words of the navigation that are broken.
UNSEEN = """() => {
  const beyond = (element, frame) =>
    element.getBoundingClientRect().right > frame.getBoundingClientRect().right + 1 &&
    !getComputedStyle(frame).backgroundAttachment.includes("local");
  const comments = [...document.querySelectorAll(".language-python .c1")].map((one) =>
    [one, one.closest("code")]);
  const answers = [...document.querySelectorAll(".md-typeset__scrollwrap td code")].map((one) =>
    [one, one.closest(".md-typeset__scrollwrap")]);
  const unseen = [...comments, ...answers].filter(([one, frame]) => beyond(one, frame));
  const labels = [...document.querySelectorAll(".md-nav--primary .md-ellipsis")]
    .filter((label) => !label.closest(".md-nav--secondary"));
  const broken = labels.flatMap((label) => {
    const text = document.createTreeWalker(label, NodeFilter.SHOW_TEXT).nextNode();
    return [...(text?.data ?? "").matchAll(/[\\w-]+/g)].filter((word) => {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      return range.getClientRects().length > 1;
    }).map(String);
  });
  return [...unseen.map(([one]) => one.textContent), ...broken];
}"""
# The first words of each table that is wider than its frame.
OVERFLOWING = """() => [...document.querySelectorAll(".md-typeset__scrollwrap")]
  .filter((frame) => frame.scrollWidth > frame.clientWidth + 1)
  .map((frame) => frame.innerText.slice(0, 60))"""
# The code that is under a button of its block.
COVERED = """() => [...document.querySelectorAll(
  ".run-button, .md-code__button",
)].flatMap((button) => {
  const box = button.getBoundingClientRect();
  const isUnder = ({ left, right, top, bottom }) =>
    right > box.left + 1 && left < box.right - 1 && bottom > box.top + 2 && top < box.bottom - 2;
  const parts = [...button.closest(".highlight").querySelectorAll("code span:not(:has(*))")];
  return parts.filter((part) => [...part.getClientRects()].some(isUnder))
    .flatMap((part) => part.textContent.trim() || []);
})"""
PAPER = 680  # pixels: an A4 sheet between its margins of 15 mm
HEAVIEST = 75_000
EXPLORER, HEAVIEST_EXPLORER = "assets/explorer/", 14_000  # loaded where it is seen at once
MOST_SHIFTED = 0.01  # by the measure of browsers, of which less than 0.1 is good
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# Opens what is folded and each tab, and presses each Copy button: what was copied, and the code.
# What the reader writes in the playground is left out.
COPIED = """() => {
  const style = document.createElement("style");
  style.textContent = ".tabbed-block { display: block !important }";
  document.head.append(style);
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  const blocks = [...document.querySelectorAll(".language-python:is([data-run], :not(.runnable))")];
  return blocks.map((block) => {
    window.copied = "";
    block.querySelector(".md-code__button").click();
    return [window.copied, block.querySelector("code").textContent];
  });
}"""
# The theme copies what it puts into a field.
FIELD = """Document.prototype.execCommand = () => {
  window.copied = [...document.querySelectorAll("textarea")].at(-1).value;
  return true;
};"""
DARK_TEXT = ("rgb(0, 0, 0)", "rgba(0, 0, 0, 0.87)")


@pytest.mark.parametrize("name", ADDRESSES, ids=lambda name: name or "home")
def test_a_page_is_for_every_reader(
    name: str, site: Path, tabs: tuple[list[Page], set[str], list[str]], address: str, assets: str
) -> None:
    """Axe finds nothing, nothing is wider than the window, out of sight, or under a button.

    Nothing moves while it loads. No other host is asked. On a wide screen no table scrolls, on
    paper none is cut. All that the browser asks for but the explorer is 75 KB at most, compressed.
    Not asked again where it passed before with the same page, assets and browser.
    """
    place = name if name.endswith(".html") else f"{name}index.html"
    key = digest(site / place, assets, Path(__file__), Path(accessibility.__file__))
    if passed_before(place, key) is not None:
        return
    pages, asked, complaints = tabs
    asked.clear()
    complaints.clear()
    for page in pages:  # both load while the first is waited for
        page.goto(f"{address}/{name}", wait_until="commit")
    for page, (width, scheme) in zip(pages, MODES.values(), strict=True):
        page.wait_for_load_state("load")  # a long page is idle while it is parsed
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.body.dataset.mdColorScheme") == scheme
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(UNSEEN) == []
        assert page.evaluate(COVERED) == []
        assert page.evaluate("window.shifted") < MOST_SHIFTED
        if scheme == "default":
            assert page.evaluate(OVERFLOWING) == []
            assert overflowing_on_paper(page, width) == []
        assert accessibility.violations(page) == []
    assert all(url.startswith((address, "data:")) for url in asked)
    assert not complaints
    files = {url.removeprefix(f"{address}/") for url in asked if not url.startswith("data:")}
    files = files - {name} | {place}
    weights = {file: len(gzip.compress((site / file).read_bytes())) for file in files}
    assert {Path(file).suffix for file in files} >= {".css", ".js"}
    explorer = sum(weight for file, weight in weights.items() if file.startswith(EXPLORER))
    assert explorer <= HEAVIEST_EXPLORER
    assert sum(weights.values()) - explorer <= HEAVIEST, weights
    note_passed(place, key)


def overflowing_on_paper(page: Page, width: int) -> list[str]:
    """The first words of each table of which paper shows a part; the page is as before then."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})
    words: list[str] = page.evaluate(OVERFLOWING)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": width, "height": 900})
    return words


@pytest.fixture(scope="module")
def tabs(browser: Browser) -> Iterator[tuple[list[Page], set[str], list[str]]]:
    """A narrow dark page and a wide light one, what they ask for, and what the browser refuses.

    They keep what they load.
    """
    pages, asked, complaints = [], set[str](), list[str]()
    for scheme, (width, _) in MODES.items():
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
        page.add_init_script(SHIFTS)
        pages.append(page)
    yield pages, asked, complaints
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def assets(site: Path, browser: Browser) -> str:
    """A digest of what pages load, and of what judges them."""
    files = sorted(path for path in (site / "assets").rglob("*") if path.suffix in LOADED)
    return digest(*files, browser.version, version("axe-playwright-python"))


def test_a_copied_snippet_is_the_snippet(tab: Page, address: str) -> None:
    """The Copy button of each block puts the code of the block into the clipboard."""
    tab.add_init_script(FIELD)
    for page in [*PAGES, *EXAMPLES]:
        tab.goto(f"{address}/{address_of(page)}")
        for copied, code in tab.evaluate(COPIED):
            assert copied.strip() == code.strip(), page


# Whether a reader sees what has the focus, and its name. Of an input its label is seen.
FOCUSED = """() => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  const seen = focused.checkVisibility({ visibilityProperty: true });
  const isSeen = seen && box.width * box.height > 0 && box.right > 0;
  return [isSeen || focused.matches("input[aria-label]"), focused.ariaLabel];
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_what_is_closed_is_not_reached_by_tab(width: int, tab: Page, address: str) -> None:
    """Not the navigation, where it is a drawer, and not the empty results of the search."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{address}/learn/stacking/")
    expect(tab.locator(".md-dialog")).to_have_attribute("aria-live", "polite")
    reached = []
    for _ in range(7):
        tab.keyboard.press("Tab")
        is_seen, label = tab.evaluate(FOCUSED)
        assert is_seen, label
        reached.append(label)
    assert ("Navigation" in reached) == (width == 360)


def test_the_drawer_opens_and_closes_by_keyboard(tab: Page, address: str) -> None:
    """And the focus goes with it, into a section and back."""
    tab.set_viewport_size({"width": 360, "height": 900})
    tab.goto(f"{address}/learn/stacking/")
    button, drawer = tab.get_by_role("button", name="Navigation"), tab.locator(".md-sidebar")
    learn, data = (
        drawer.locator("button.md-nav__link", has_text=name) for name in ("Learn", "Data")
    )
    back = drawer.locator(".md-nav__title")
    button.press("Enter")
    expect(back.filter(has_text="Learn")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(data).to_be_hidden()
    tab.keyboard.press("Enter")
    expect(learn).to_be_focused()
    data.press(" ")
    expect(back.filter(has_text="Data")).to_be_focused()
    expect(drawer.get_by_role("link", name="Masks")).to_be_in_viewport(ratio=1)
    for seen in ("Windows of a series", "A dataset of windows"):
        tab.keyboard.press("Tab")
        expect(drawer.get_by_role("link", name=seen)).to_be_focused()
    tab.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(learn).to_be_hidden()


def test_the_sections_of_the_navigation_unfold(tab: Page, address: str) -> None:
    """By Enter and Space too; at first only the section of the page is open."""
    tab.goto(f"{address}/learn/stacking/")
    sidebar = tab.locator(".md-sidebar--primary")
    learn, data = (sidebar.get_by_role("button", name=name) for name in ("Learn", "Data"))
    axes, masks = (sidebar.get_by_role("link", name=name) for name in ("The three axes", "Masks"))
    expect(learn).to_have_attribute("aria-expanded", "true")
    expect(axes).to_be_visible()
    expect(masks).to_be_hidden()
    for key, is_open in ("Enter", True), (" ", False):
        data.press(key)
        expect(data).to_be_focused()
        expect(data).to_have_attribute("aria-expanded", str(is_open).lower())
        expect(masks).to_be_visible(visible=is_open)


def test_the_focus_is_where_a_reader_sees_it_in_a_narrowed_window(tab: Page, address: str) -> None:
    """Of the sections that were open, the last one covers the others in the drawer."""
    tab.goto(f"{address}/learn/stacking/")
    for name in "Data", "Layers":
        tab.get_by_role("button", name=name).click()
    tab.set_viewport_size({"width": 360, "height": 900})
    tab.get_by_role("button", name="Navigation").press("Enter")
    back = tab.locator(".md-sidebar .md-nav__title")
    for name in "Layers", "Data", "Learn":
        expect(back.filter(has_text=name)).to_be_focused()
        tab.keyboard.press("Enter")
    expect(tab.locator("button.md-nav__link", has_text="Learn")).to_be_focused()


def test_sections_say_what_they_are_after_back(tab: Page, address: str) -> None:
    """The browser restores which ones are open."""
    tab.goto(f"{address}/learn/stacking/")
    tab.get_by_role("button", name="Data").click()
    tab.goto(f"{address}/")
    tab.go_back()
    masks = tab.locator(".md-sidebar").get_by_role("link", name="Masks")
    is_open = str(masks.is_visible()).lower()
    expect(tab.get_by_role("button", name="Data")).to_have_attribute("aria-expanded", is_open)


def test_without_javascript_the_navigation_is_open(browser: Browser, address: str) -> None:
    """No key would unfold a section there."""
    size = ViewportSize(width=1440, height=900)
    with browser.new_page(viewport=size, java_script_enabled=False) as page:
        page.goto(f"{address}/learn/stacking/")
        masks = page.locator(".md-sidebar").get_by_role("link", name="Masks")
        expect(masks).to_be_visible()
        masks.focus()
        expect(masks).to_be_focused()


@pytest.mark.parametrize("width", [360, 1440])
def test_a_link_leads_to_its_section(width: int, tab: Page, address: str) -> None:
    """Also where tables before it are drawn when they are seen."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{address}/reference/compatibility/")
    names = tab.eval_on_selector_all("h2[id]", "all => all.map((one) => one.id)")
    assert len(names) > 3
    for name in names:
        tab.goto("about:blank")
        tab.goto(f"{address}/reference/compatibility/#{name}")
        tab.wait_for_timeout(300)
        box = tab.locator(f"#{name}").bounding_box()
        assert box, name
        assert 40 < box["y"] < 80, name


def test_space_switches_between_light_and_dark(tab: Page, address: str) -> None:
    """As Enter does."""
    tab.goto(f"{address}/learn/stacking/")
    expect(tab.locator(".md-dialog")).to_have_attribute("aria-live", "polite")
    tab.locator("[data-md-component=palette] input").first.focus()
    for scheme in ("slate", "default"):
        tab.keyboard.press(" ")
        expect(tab.locator("body")).to_have_attribute("data-md-color-scheme", scheme)


def test_on_paper_a_page_is_light_and_whole(tab: Page, address: str) -> None:
    """From dark mode too: no button, the answers unfolded, figures on white."""
    tab.emulate_media(media="print", color_scheme="dark")
    tab.goto(f"{address}/learn/stacking/")
    expect(tab.locator(".run-button").first).to_be_attached()
    assert not any(button.is_visible() for button in tab.get_by_role("button").all())
    expect(tab.locator("details .language-python").first).to_be_visible()
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).color") in DARK_TEXT
    assert "invert" in tab.evaluate("getComputedStyle(document.querySelector('img')).filter")


def test_on_paper_data_and_notes_on_other_versions_stay_folded(tab: Page, address: str) -> None:
    """But for a note on the version that the reader chose. The theme opens them all for a print."""
    for name, folded in ("layers/stateful/", "elsewhere"), ("examples/forecast/", "note"):
        tab.goto(f"{address}/{name}")
        tab.emulate_media(media="print")
        tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        note = tab.locator(f"details.{folded}").first
        expect(note).to_have_attribute("open", "")
        expect(note.locator("summary")).to_be_visible()
        expect(note.locator("pre").first).to_be_hidden()
        tab.emulate_media(media="screen")
    tab.goto(f"{address}/layers/stateful/")
    tab.get_by_label("Your version of Keras").select_option("Keras 3.12")
    tab.emulate_media(media="print")
    chosen = tab.locator("details.elsewhere.chosen", has=tab.locator("div[hidden]")).first
    expect(chosen.locator("div:not([hidden]) pre").first).to_be_visible()
    expect(chosen.locator("div[hidden]").first).to_be_hidden()


def test_a_report_names_the_section(tab: Page, address: str) -> None:
    """That of the address; the link is there where the site knows its repository."""
    title = "Mistake on learn/stacking/"
    link = f'<a class="report-mistake" href="https://example.org/new?title={quote(title)}">R</a>'

    def with_link(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace("</article>", f"{link}</article>")
        )

    tab.route("**/learn/stacking/", with_link)
    tab.goto(f"{address}/learn/stacking/#predict-the-shape")
    tab.evaluate("addEventListener('click', (event) => event.preventDefault())")
    report = tab.locator(".report-mistake")
    report.click()
    query = urlsplit(report.get_attribute("href")).query
    assert parse_qs(query) == {"title": [f"{title}#predict-the-shape"]}


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_cheat_sheet_is_one_sheet(paper: str, tab: Page, address: str) -> None:
    """As it says."""
    tab.goto(f"{address}/reference/cheat-sheet/")
    assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format=paper))) == 1


@pytest.mark.parametrize("name", ["errors/", "playground/"])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_a_script_puts_there_moves_nothing(
    name: str, width: int, tab: Page, address: str
) -> None:
    """The room for it is kept."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.add_init_script(SHIFTS)
    tab.goto(f"{address}/{name}")
    expect(tab.locator("#pasted, .run-choice")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    assert tab.evaluate("window.shifted") < MOST_SHIFTED
