"""What several tests share: the built site, a small project, and what `make mutants` asks for."""

import functools
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import measured
from browser import launch
from project import PAGES, ROOT, run
from proof.plugin import RESULTS
from proof.results import ResultCache


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make mutants` asks for."""
    group = parser.getgroup("mutants", "small changes in pages that the proof must catch")
    group.addoption("--all-mutants", action="store_true", help="judge all, not a sample")
    group.addoption("--mutant-seed", type=int, default=0, metavar="N", help="choose other ones")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the mutants of the run, keep the counts of all pages, name the files that took long."""
    pages: dict[str, dict[str, dict[str, int]]] = {}  # two reports of a test may have them
    seconds: Counter[str] = Counter()
    for report in (one for reports in terminalreporter.stats.values() for one in reports):
        if isinstance(report, pytest.TestReport):
            seconds[report.location[0]] += report.duration
            for name, counts in report.user_properties:
                if name == "mutants":
                    pages[report.nodeid] = counts
    operators: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for operator, counts in (one for page in pages.values() for one in page.items()):
        operators[operator].update(counts)
    if operators:
        total = sum(operators.values(), Counter())
        classes = ", ".join(f"{total[one]} {one}" for one in measured.CLASSES)
        terminalreporter.write_line(f"{total.total()} mutants: {classes}")
    if terminalreporter.config.option.all_mutants and len(pages) == len(PAGES):
        measured.keep("mutants", dict(sorted(operators.items())))
    slowest = ", ".join(f"{name} {took:.0f} s" for name, took in seconds.most_common(5))
    terminalreporter.write_line(f"Slowest: {slowest}")


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> ResultCache:
    """What snippets show, run once for all tests."""
    return request.config.stash[RESULTS]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser; where there is none, an error that says which to install."""
    expect.set_options(timeout=60_000)  # the machine may be busy
    with sync_playwright() as playwright:
        yield launch(playwright)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """An empty tab."""
    with browser.new_page() as page:
        yield page


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        """Keep the test's output for the test."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The built site, served from this machine."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *_: None  # a browser may not wait for its answer
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, strictly, into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    built = run("mkdocs", "build", "--strict", "--site-dir", folder)
    assert built.returncode == 0, built.stdout
    return folder


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A project with the settings and the tools of this one, one page, and no example."""
    for name in ("Makefile", "requirements.txt", "tools", "overrides"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("docs", "examples"):
        (tmp_path / name).mkdir()
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"(?ms)^nav:.*?\n\n", "", settings))
    (tmp_path / "docs" / "index.md").write_text("# Page\n\nThe first text.\n")
    return tmp_path
