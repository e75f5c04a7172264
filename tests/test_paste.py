"""The paste box, in a real browser: an error in the clipboard leads to its entry."""

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from project import DATA, DOCS, ROOT, table
from proof.error_index import Entry, entries, messages, raised_by, sections, shortened
from proof.page import read_page
from proof.protocol import Job
from proof.prove import job_of
from proof.results import ResultCache

ERRORS = DOCS / "errors"
ENTRIES = list(entries(ERRORS))
SECTIONS = list(sections(DOCS, ENTRIES))
LARGEST = 9 * 1024  # of some 300 texts; loaded when the box is used
TRACEBACK = (DATA / "traceback.txt").read_text("utf-8")
UNRELATED = (DATA / "unrelated_errors.txt").read_text("utf-8").split("\n---\n")
ODD = {
    "empty": "",
    "blank": " \n",
    "long": "x" * 1_000_000,
    "repeated": "ndim=3, found " * 80_000,
    "html": "<img src=x onerror=hacked=1>",
    "foreign": "Ошибка: неверная форма массива. 形状が正しくありません。",
}


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page with the box, which asks no other host for anything and logs no error."""
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/errors/")
    with page.expect_response("**/errors.json"):  # which isn't asked for before
        page.fill("#pasted", "expected ndim=3, found ndim=2")
    expect(page.get_by_role("status")).to_contain_text("best first")
    yield page
    assert all(url.startswith((address, "data:")) for url in asked)
    assert not said
    page.close()


def found(page: Page, text: str) -> list[str]:
    """Paste a text; return the addresses that the box answers, best first."""
    page.fill("#pasted", text)
    page.evaluate("new Promise(setTimeout)")  # the box answers when its index is there
    return hrefs(page, "#paste-box li a")


def hrefs(page: Page, links: str) -> list[str]:
    """Where some links lead, as they are written."""
    return page.eval_on_selector_all(links, "all => all.map(a => a.getAttribute('href'))")


def snippets() -> Iterator[pytest.param]:
    """Each snippet of an error page that shows something, with its entry's address."""
    for entry in ENTRIES:
        path = ERRORS / f"{entry.page}.md"
        page = read_page(path, path.relative_to(ROOT))
        for snippet in raised_by(page, entry.heading):
            place = f"{path.stem}:{snippet.fence.line}"
            yield pytest.param(entry.address, job_of(page, snippet), id=place)


def disguised(text: str) -> str:
    """A message as another program shows it: other layer names, other numbers.

    A number stands for the same other one everywhere, so what fits and what doesn't stays so.
    The number of axes is no detail, and stays.
    """
    rng = random.Random(text)
    others = {str(n): str(n + rng.randrange(20, 60)) for n in range(2000)}
    text = re.sub(
        r"([\"'])(lstm|gru|dense|sequential|functional|model)(_\d+)?\1", r"\1encoder_7\1", text
    )
    text = re.sub(r"(?<=[a-z])_\d+\b", "_23", text)
    in_shapes = re.compile(r"(?<=[(\[ ,])\d+(?=[,)\]])")
    return in_shapes.sub(lambda number: others.get(number[0], number[0]), text)


@pytest.mark.parametrize(("entry", "job"), list(snippets()))
def test_a_live_error_finds_its_own_entry_first(
    page: Page, entry: str, job: Job, results: ResultCache
) -> None:
    """What the snippet shows last now, in a whole traceback and in disguise.

    First is its own entry, or another one that is known by the same text.
    """
    shown = results.run(job).output
    parts = re.split(r"(?m)^(\w*(?:Error|Warning)): ", shown)
    assert len(parts) >= 3
    text = TRACEBACK.format(kind=parts[-2], message=disguised(parts[-1]))
    known_by = shortened(messages(shown)[-1])
    alike = {one.address for one in ENTRIES if known_by in one.texts}
    assert entry in alike
    assert found(page, text)[0] in alike, text


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.address)
def test_a_message_that_another_page_shows_finds_its_section(page: Page, section: Entry) -> None:
    """In a whole traceback and in disguise; or an entry of the error pages, which come first."""
    for text in section.texts:
        pasted = TRACEBACK.format(kind="ValueError", message=disguised(text))
        answers = found(page, pasted)
        assert section.address in answers or not answers[0].startswith("../"), text


@pytest.mark.parametrize("row", table("asked_errors.csv"), ids=lambda row: row["asked"])
def test_an_error_that_people_asked_about_has_its_entry(page: Page, row: dict[str, str]) -> None:
    """In the words of its version; what raises nothing, or nothing of its own, has an entry too."""
    known = found(page, row["text"]) if row["text"] else [one.address for one in ENTRIES]
    assert row["entry"] in known


@pytest.mark.parametrize("text", UNRELATED)
def test_an_unrelated_error_finds_none_and_says_so(page: Page, text: str) -> None:
    """No entry is offered for what has nothing to do with it."""
    kind, _, message = text.partition(": ")
    assert not found(page, TRACEBACK.format(kind=kind, message=message))
    expect(page.get_by_role("status")).to_contain_text("No entry here knows this error")


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_does_nothing_bad(page: Page, text: str) -> None:
    """Nothing is found, nothing runs, nothing hangs."""
    page.set_default_timeout(5000)
    assert not found(page, text)
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.locator("#paste-box img").count() == 0


def test_the_box_works_by_keyboard_and_is_named(page: Page) -> None:
    """A label, a status that is read out, and links in the order of Tab."""
    page.fill("#pasted", "")
    page.get_by_label("Your error").focus()
    page.keyboard.insert_text("expected ndim=3, found ndim=2")
    expect(page.get_by_role("status")).to_contain_text("best first")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/errors/rank/#expected-ndim3-found-ndim2")
    expect(page.locator("#expected-ndim3-found-ndim2")).to_be_visible()
    page.go_back()
    page.wait_for_selector("#pasted")


def test_the_box_is_small(site: Path) -> None:
    """Script and index together, as they travel."""
    files = [site / "assets" / name for name in ("paste.js", "errors.json")]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= LARGEST


def test_every_entry_is_in_the_index_and_in_the_list(page: Page, site: Path) -> None:
    """The page lists the box's address of each entry; test_site.py follows what is listed."""
    index = json.loads((site / "assets" / "errors.json").read_text("utf-8"))
    pairs = [[folder, texts[0]] for folder, those in index.items() for texts in those]
    program = """async (pairs) => {
        const { address } = await import("/assets/paste.js");
        return pairs.map((pair) => address(...pair));
    }"""
    made = page.evaluate(program, pairs)
    listed = [entry.address for entry in ENTRIES]
    assert made == [*listed, *(section.address for section in SECTIONS)]
    assert set(listed) <= {href.removeprefix("./") for href in hrefs(page, "article li a")}


@pytest.mark.parametrize(
    "answer",
    [lambda route: route.abort(), lambda route: route.fulfill(body="<html>")],
    ids=["none", "another page"],
)
def test_a_box_that_cannot_be_loaded_says_so(
    answer: Callable[[Route], None], tab: Page, address: str
) -> None:
    """Its index may not come, or be something else: then the list is named, and no error logged."""
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.route("**/errors.json", answer)
    tab.goto(f"{address}/errors/")
    tab.focus("#pasted")
    expect(tab.get_by_role("status")).to_have_text(
        "The box could not be loaded. Find your error in the list below."
    )
    assert not said


def test_the_page_is_of_use_without_javascript(browser: Browser, address: str) -> None:
    """The list of all errors stands there, and the place of the box says why it is empty."""
    with browser.new_page(java_script_enabled=False) as page:
        page.goto(f"{address}/errors/")
        expect(page.locator("#paste-box")).to_contain_text("needs JavaScript")
        assert page.locator("article li a").count() >= len(ENTRIES)
