"""The paste box, in a real browser: an error in the clipboard leads to its entry and its cause."""

import gzip
import json
import random
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from project import DATA, DOCS, ROOT, parsed, table
from proof.error_index import Cause, Entry, entries, messages, raised_by, sections
from proof.generations import in_keras_2
from proof.page import read_page
from proof.protocol import Job
from proof.prove import job_of
from proof.results import ResultCache

ERRORS = DOCS / "errors"
ENTRIES = list(entries(ERRORS))
SECTIONS = list(sections(DOCS, ENTRIES))
LARGEST = (
    28 * 1024
)  # of some 640 whole messages, in the words of ten versions; loaded when the box is used
MOST = 0.95  # of halves and of sentences that no other entry has
TRACEBACK = (DATA / "traceback.txt").read_text("utf-8")
UNRELATED = (DATA / "unrelated_errors.txt").read_text("utf-8").split("\n---\n")
NEAR_MISSES = tomllib.loads((DATA / "near_misses.toml").read_text("utf-8"))["program"]
PACKAGES = {"keras": lambda code: code, "tf_keras": in_keras_2}
ODD = {
    "empty": "",
    "blank": " \n",
    "long": "x" * 1_000_000,
    "repeated": "ndim=3, found " * 80_000,
    "html": "<img src=x onerror=hacked=1>",
    "foreign": "Ошибка: неверная форма массива. 形状が正しくありません。",
}
# What the tests ask of the box's own code, in its page.
PROGRAM = """async () => {
    const { find, prepare } = await import("/assets/errors/find.js");
    const { bare, marks, threes } = await import("/assets/errors/message.js");
    const index = prepare(await (await fetch("/assets/errors/index.json")).json());
    const key = (text) => [...new Set(threes(text))].sort().join();
    const all = index.entries.flatMap((entry) => entry.causes.flatMap(({ address, messages }) =>
        messages.map(({ threes, marks }) => ({
            entry: entry.address,
            cause: address,
            key: [...threes].sort().join(),
            marks: [...marks].join(),
        })),
    ));
    window.box = {
        bare,
        find: (text) => find(index, text).map(({ entry, cause, because }) => (
            { entry: entry.address, cause: cause?.address ?? "", because }
        )),
        alike: (text) => all.filter((one) => one.key === key(text)).map((one) => one.entry),
        // Other causes of the same entry with the same words and the same numbers.
        twins: (text, entry, cause) => all.filter((one) => one.entry === entry
            && one.cause !== cause && one.key === key(text)
            && one.marks === [...marks(text)].join()).map((one) => one.cause),
        isOwn: (text) => threes(text).some((three) => new Set(all.filter(
            (one) => one.key.split(",").includes(three)).map((one) => one.entry)).size === 1),
    };
}"""


@pytest.fixture(scope="module")
def page(quiet_page: Page, address: str) -> Page:
    """The page with the box."""
    page = quiet_page
    page.goto(f"{address}/errors/")
    with page.expect_response("**/errors/index.json"):  # which isn't asked for before
        page.fill("#pasted", "expected ndim=3, found ndim=2")
    expect(page.get_by_role("status")).to_have_text("Best match:")
    page.evaluate(PROGRAM)
    return page


def found(page: Page, text: str) -> list[dict[str, str]]:
    """What the box finds for a text, best first: the entry, the cause, why."""
    return page.evaluate("(text) => box.find(text)", text)


def ask(page: Page, function: str, *arguments: str) -> Any:
    """Call another function of PROGRAM."""
    return page.evaluate(f"(all) => box.{function}(...all)", list(arguments))


def hrefs(page: Page, links: str) -> list[str]:
    """Where some links lead, as they are written."""
    return page.eval_on_selector_all(links, "all => all.map(a => a.getAttribute('href'))")


def snippets() -> Iterator[pytest.param]:
    """Each snippet of an error page that shows something, with its entry's address."""
    for entry in ENTRIES:
        path = ERRORS / f"{entry.page}.md"
        page = read_page(path, path.relative_to(ROOT))
        section = next(
            one
            for one in page.sections.values()
            if page.lines[one.start - 1] == f"## {entry.heading}"
        )
        for snippet in raised_by(page, section.start, section.end):
            place = f"{path.stem}:{snippet.fence.line}"
            yield pytest.param(entry.address, job_of(page, snippet), id=place)


def texts() -> Iterator[tuple[Entry, Cause, str]]:
    """Each message of the error pages, with its entry and its cause."""
    for entry in ENTRIES:
        for cause in entry.causes:
            for text in cause.texts:
                yield entry, cause, text


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


LSTM = re.compile(r"(?<!conv_)lstm")
DRESSES: dict[str, Callable[[str], str]] = {
    "a traceback": lambda text: TRACEBACK.format(kind="ValueError", message=disguised(text)),
    "only the message": lambda text: text,
    "with colors": lambda text: (
        f"\x1b[0;31mValueError\x1b[0m: {text.replace(' ', chr(27) + '[0m ', 3)}"
    ),
    "in a box": lambda text: "\n".join(f"│ {line:78} │" for line in textwrap.wrap(text, 78)),
    "after a prompt": lambda text: f">>> model.fit(x, y)\nValueError: {text}",
    "cut by a terminal": lambda text: re.sub(r"(.{80})", r"\1\n", f"ValueError: {text}"),
    "for a GRU": lambda text: LSTM.sub("gru", text).replace(" LSTM", " GRU"),
    "for a SimpleRNN": lambda text: LSTM.sub("simple_rnn", text).replace(" LSTM", " SimpleRNN"),
}


@pytest.mark.parametrize(("entry", "job"), list(snippets()))
def test_a_live_error_finds_its_own_entry_first(
    page: Page, entry: str, job: Job, results: ResultCache
) -> None:
    """What the snippet shows last now, in a whole traceback and in disguise.

    First is its own entry, or another one that is known by the same words.
    """
    shown = results.run(job).output
    parts = re.split(r"(?m)^(\w*(?:Error|Warning)): ", shown)
    assert len(parts) >= 3
    text = TRACEBACK.format(kind=parts[-2], message=disguised(parts[-1]))
    alike = {entry, *ask(page, "alike", messages(shown)[-1])}
    assert found(page, text)[0]["entry"] in alike, text


@pytest.mark.parametrize("dress", DRESSES)
def test_a_message_is_known_however_it_is_shown(page: Page, dress: str) -> None:
    """By its own entry, or another one that has the same words."""
    for entry, _, text in texts():
        best = found(page, DRESSES[dress](text))[:1]
        alike = {entry.address, *ask(page, "alike", text)}
        assert best, text
        assert best[0]["entry"] in alike, text


def test_the_cause_that_fits_comes_first(page: Page) -> None:
    """Where one message has several, its words and its shapes tell; the box says what told."""
    told = 0
    for entry, cause, text in texts():
        others = [one for one in entry.causes if one.heading and one != cause]
        address = entry.address_of(cause.heading)
        if not cause.heading or not others or ask(page, "twins", text, entry.address, address):
            continue
        answers = {one["entry"]: one for one in found(page, f"ValueError: {text}")}
        if entry.address in answers:  # else another entry fits better
            told += 1
            assert answers[entry.address]["cause"] == address, text
            assert answers[entry.address]["because"], text
    assert told > 100


@pytest.mark.parametrize("kind", ["half", "sentence"])
def test_a_part_of_a_message_is_enough(page: Page, kind: str) -> None:
    """A half, or one sentence, if it has three words that no other entry has."""
    asked, missed = 0, []
    for entry, _, text in texts():
        message = ask(page, "bare", text)
        words = message.split()
        halves = (words[: len(words) // 2], words[len(words) // 2 :])
        parts = [" ".join(half) for half in halves] if len(words) >= 12 else []
        if kind == "sentence":
            parts = [one for one in re.split(r"(?<=\.) ", message) if len(one.split()) >= 5]
        for part in parts:
            if part != message and ask(page, "isOwn", part):
                asked += 1
                alike = {entry.address, *ask(page, "alike", text)}
                if not alike & {one["entry"] for one in found(page, part)}:
                    missed.append(part)
    assert asked > 100
    assert len(missed) <= (1 - MOST) * asked, missed


@pytest.mark.parametrize(
    ("number", "package"),
    [(n, one) for n, program in enumerate(NEAR_MISSES) for one in program.get("in", PACKAGES)],
)
def test_a_near_miss_finds_its_own_entry_or_none(
    page: Page, number: int, package: str, results: ResultCache
) -> None:
    """A message of another layer or fault, in the words of an entry."""
    program = NEAR_MISSES[number]
    shown = results.run(Job(f"near miss {number}", PACKAGES[package](program["code"]))).output
    assert messages(shown), shown
    right = {*program["entries"], *program.get("shares", ())}
    assert {one["entry"] for one in found(page, shown)[:1]} <= right, shown


def test_there_are_many_near_misses() -> None:
    """Those that run in a generation, and those for which the box has an answer."""
    assert sum(len(one.get("in", PACKAGES)) for one in NEAR_MISSES) >= 240
    assert sum(not one["entries"] for one in NEAR_MISSES) >= 50


@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.address)
def test_a_message_that_another_page_shows_finds_its_section(page: Page, section: Entry) -> None:
    """In a whole traceback and in disguise; or an entry of the error pages, which come first."""
    for text in section.texts:
        answers = [one["entry"] for one in found(page, DRESSES["a traceback"](text))]
        assert section.address in answers or not answers[0].startswith("../"), text


@pytest.mark.parametrize("row", table("asked_errors.csv"), ids=lambda row: row["asked"])
def test_an_error_that_people_asked_about_has_its_entry(page: Page, row: dict[str, str]) -> None:
    """In the words of its version; what raises nothing, or nothing of its own, has an entry too."""
    if row["text"]:
        assert row["entry"] in {one["entry"] for one in found(page, row["text"])}
    else:
        assert row["entry"] in {one.address for one in ENTRIES}


@pytest.mark.parametrize("text", UNRELATED)
def test_an_unrelated_error_finds_none_and_says_so(page: Page, text: str) -> None:
    """No entry is offered as one that knows it, and the search is a click away."""
    kind, _, message = text.partition(": ")
    page.fill("#pasted", TRACEBACK.format(kind=kind, message=message))
    expect(page.get_by_role("status")).to_contain_text("No entry matches this error")
    assert "/?q=" in hrefs(page, "#paste-box li a")[-1]


def test_an_unknown_error_is_told_what_is_near(page: Page) -> None:
    """Entries on the same layer and the same kind of fault, named as such."""
    page.fill("#pasted", "ValueError: The stateful ConvLSTM2D refuses this batch size.")
    expect(page.get_by_role("status")).to_have_text("No entry matches this error. Similar entries:")
    # Waited for: the words may still be of the text before.
    expect(page.locator("#paste-box li a[href*='batch']")).not_to_have_count(0)


def test_the_box_shows_the_cause_and_why(page: Page) -> None:
    """Under the entry, with a link of its own."""
    message = (
        "Input 0 of layer 'lstm' is incompatible with the layer: expected ndim=3, found ndim=2."
    )
    page.fill("#pasted", f"ValueError: {message} Full shape received: (64, 7)")
    hint = page.locator("#paste-box li p").first
    expect(hint).to_contain_text("Look first at: (20, 10), your array: it is 2-D, because ")
    expect(hint).to_contain_text("the batch is a number in its shape")
    assert hrefs(page, "#paste-box li p a")[0].endswith("/rank/#20-10-your-array-it-is-2-d")


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_text_does_nothing_bad(page: Page, text: str) -> None:
    """Nothing is found, nothing runs, nothing hangs."""
    page.set_default_timeout(5000)
    assert not found(page, text)
    page.fill("#pasted", text)
    assert page.evaluate("typeof hacked") == "undefined"
    assert page.locator("#paste-box img").count() == 0


def test_the_box_works_by_keyboard_and_is_named(tab: Page, address: str) -> None:
    """A label, a status that is read out, and links in the order of Tab."""
    tab.goto(f"{address}/errors/")
    tab.get_by_label("Your error, or the whole traceback").focus()
    tab.keyboard.insert_text("expected ndim=3, found ndim=2")
    expect(tab.get_by_role("status")).to_have_text("Best match:")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/errors/rank/#expected-ndim3-found-ndim2")
    expect(tab.locator("#expected-ndim3-found-ndim2")).to_be_visible()


def test_the_box_is_small(site: Path) -> None:
    """Scripts and index together, as they travel."""
    names = (
        "errors/box.js",
        "dom.js",
        "once.js",
        "errors/find.js",
        "errors/message.js",
        "errors/index.json",
        "search/terms.js",
    )
    files = [site / "assets" / name for name in names]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= LARGEST


def test_every_entry_is_in_the_index_and_in_the_list(page: Page, site: Path) -> None:
    """The page lists the box's address of each entry; test_site.py follows what is listed."""
    index = json.loads((site / "assets" / "errors" / "index.json").read_text("utf-8"))
    pairs = [[folder, heading] for folder, those in index.items() for heading, *_ in those]
    program = """async (pairs) => {
        const { address } = await import("/assets/errors/find.js");
        return pairs.map((pair) => address(...pair));
    }"""
    made = page.evaluate(program, pairs)
    listed = [entry.address for entry in ENTRIES]
    assert made == [*listed, *(section.address for section in SECTIONS)]
    anchors = {
        f"{folder}/#{one['id']}"
        for folder in index
        for one in parsed(site / "errors" / folder / "index.html").article.find_all(id=True)
    }
    assert {e.address_of(cause.heading) for e in ENTRIES for cause in e.causes} - {
        e.address_of("") for e in ENTRIES
    } <= anchors
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
    tab.route("**/errors/index.json", answer)
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
