"""What scripts do works in Firefox too: Run, and the copy that needs no server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firefox import Firefox, started
from project import PAGES, address_of
from test_run import ENDLESS, FEWEST, RUN_ALL

# Calls a function until it returns something, and returns that.
UNTIL = """const until = async (found) => {
  for (let waited = 0; waited < 60_000; waited += 50) {
    const one = found();
    if (one) return one;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${found}`);
};"""
PRESSED = f"""async () => {{
  {UNTIL}
  (await until(() => document.querySelector(".run-button"))).click();
  const said = () => document.querySelector(".run-status")?.textContent;
  return until(() => said()?.includes("in your browser") && said());
}}"""
STOPPED = """async (endless) => {
  const { run, start, stop } = await import("/assets/run/keras.js");
  await start();
  const running = run({ code: endless, tables: [] });
  setTimeout(stop, 500);
  const ended = await running.catch((error) => error.message);
  return [ended, (await run({ code: "print(6 * 7)", tables: [] })).output];
}"""
PASTED = f"""async (text) => {{
  {UNTIL}
  const box = await until(() => document.getElementById("pasted"));
  box.value = text;
  box.dispatchEvent(new Event("input", {{ bubbles: true }}));
  return (await until(() => document.querySelector("#paste-box li a"))).textContent;
}}"""
SEARCHED = f"""async (text) => {{
  {UNTIL}
  document.getElementById("__search").click();
  const query = document.querySelector(".md-search__input");
  query.focus();
  query.value = text;
  query.dispatchEvent(new Event("keyup", {{ bubbles: true }}));
  return (await until(() => document.querySelector(".md-search-result__link h1"))).textContent;
}}"""
# How far a section is below the top of the window, once all that moves has moved.
TOP = """async (name) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  return document.getElementById(name).getBoundingClientRect().top;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """A window of Firefox."""
    with started(tmp_path_factory.mktemp("firefox")) as window:
        yield window


def test_each_block_that_offers_run_shows_what_its_page_shows(page: Firefox, address: str) -> None:
    """Output, shape comments and table cells, of all pages."""
    page.goto(address)
    ran = page.evaluate(RUN_ALL, [address_of(path) for path in PAGES])
    assert not ran["found"], "\n\n".join(ran["found"])
    assert ran["count"] >= FEWEST


def test_a_reader_runs_a_block(page: Firefox, address: str) -> None:
    """By its button."""
    page.goto(f"{address}/learn/stacking/")
    assert "Matches this page" in page.evaluate(PRESSED)


def test_stop_ends_an_endless_program_and_the_next_one_runs(page: Firefox, address: str) -> None:
    """With another Python."""
    page.goto(address)
    assert page.evaluate(STOPPED, ENDLESS) == ["stopped", "42\n"]


def test_from_a_folder_the_box_and_the_search_answer(page: Firefox, offline: Path) -> None:
    """Without a server, as Firefox sees a folder."""
    page.goto((offline / "errors" / "index.html").as_uri())
    assert "expected ndim=3" in page.evaluate(PASTED, "expected ndim=3, found ndim=2")
    assert "stack" in page.evaluate(SEARCHED, "how to stack lstm")


def test_a_link_leads_to_its_section(page: Firefox, address: str) -> None:
    """Also where tables before it are drawn when they are seen."""
    page.goto(f"{address}/reference/compatibility/")
    names = page.evaluate(
        "async () => [...document.querySelectorAll('h2[id]')].map((one) => one.id)"
    )
    assert len(names) > 3
    for name in names:
        page.goto("about:blank")
        page.goto(f"{address}/reference/compatibility/#{name}")
        assert 40 < page.evaluate(TOP, name) < 80, name
