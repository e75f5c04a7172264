"""What several tests share: the built site, a small project, and what `make mutants` asks for."""

import fcntl
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import measured
from browser import launch
from offline.copy import copy
from project import PAGES, ROOT, run
from proof.plugin import RESULTS
from proof.results import ResultCache
from sentence_mutants import is_left_to_people
from served import served

# Of each page, what became of its mutants by operator, and those that went unnoticed.
Mutants = dict[str, tuple[dict[str, dict[str, int]], list[str]]]

FEW = 2  # changes of a page's code in each run; answers and sentences have all theirs
MOST_UNNOTICED = 0.1  # of the changes in sentences of which a machine decides only some


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make mutants` asks for."""
    group = parser.getgroup("mutants", "small changes in pages that the proof must catch")
    group.addoption(
        "--code-mutants",
        type=int,
        default=FEW,
        metavar="N",
        help="judge N of a page's changes in code; those of answers and sentences are all judged",
    )
    group.addoption("--mutant-seed", type=int, default=0, metavar="N", help="choose other ones")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where too many mutants of sentences went unnoticed; keep the counts of a larger run."""
    pages = mutants_of_run(session.config)
    if session.config.option.code_mutants > FEW and len(pages) == len(PAGES):
        measured.keep("mutants", counts_by_operator(pages))
    if too_many_unnoticed(pages):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def counts_by_operator(pages: Mutants) -> dict[str, Counter[str]]:
    """What became of each operator's mutants, on all pages."""
    operators: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for counts, _ in pages.values():
        for operator, became in counts.items():
            operators[operator].update(became)
    return dict(sorted(operators.items()))


def too_many_unnoticed(pages: Mutants) -> str:
    """What to say where too many changes in sentences went unnoticed; else nothing."""
    counts = [c for one, c in counts_by_operator(pages).items() if is_left_to_people(one)]
    total = sum(counts, Counter())
    share = total["survived"] / max(total.total(), 1)
    if len(pages) < len(PAGES) or share <= MOST_UNNOTICED:
        return ""
    return (
        f"{share:.1%} of the changes in sentences went unnoticed, more than {MOST_UNNOTICED:.0%}: "
        "see those above, and let their sentences say what is run near them"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the mutants of the run, show those that people must judge, name what took long."""
    pages = mutants_of_run(terminalreporter.config)
    too_many = too_many_unnoticed(pages)
    if too_many or terminalreporter.config.option.code_mutants > FEW:
        for unnoticed in (one for _, survived in pages.values() for one in survived):
            terminalreporter.write_line(f"{unnoticed}\n")
    if too_many:
        terminalreporter.write_line(f"ERROR: {too_many}")
    if pages:
        counts = [one for counts, _ in pages.values() for one in counts.values()]
        total = sum(map(Counter, counts), Counter())
        classes = ", ".join(f"{total[one]} {one}" for one in measured.CLASSES)
        terminalreporter.write_line(f"{total.total()} mutants: {classes}")
    seconds: Counter[str] = Counter()
    for report in reports_of(terminalreporter):
        seconds[report.location[0]] += report.duration
    slowest = ", ".join(f"{name} {took:.0f} s" for name, took in seconds.most_common(5))
    terminalreporter.write_line(f"Slowest: {slowest}")


def mutants_of_run(config: pytest.Config) -> Mutants:
    """What became of the mutants, by page: the counts by operator, and the unnoticed ones."""
    return {  # two reports of a test may have them
        report.nodeid: value
        for report in reports_of(config.pluginmanager.get_plugin("terminalreporter"))
        for name, value in report.user_properties
        if name == "mutants"
    }


def reports_of(reporter: pytest.TerminalReporter | None) -> list[pytest.TestReport]:
    """The reports of the run's tests."""
    stats = reporter.stats.values() if reporter else ()
    return [one for reports in stats for one in reports if isinstance(one, pytest.TestReport)]


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


@pytest.fixture(scope="module")
def quiet_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that, as long as it is used, asks no other host for anything and logs nothing."""
    asked, said = [], []
    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        assert all(url.startswith((address, "data:")) for url in asked)
        assert not said


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """The built site, served from this machine."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, strictly, once for all processes of the run."""
    of_run = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        of_run = of_run.parent
    folder = of_run / "site"
    with (of_run / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            built = run("mkdocs", "build", "--strict", "--site-dir", of_run / "building")
            assert built.returncode == 0, built.stdout
            (of_run / "building").rename(folder)
    return folder


@pytest.fixture(scope="session")
def offline(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of the site that needs no server, where something else was before."""
    folder = tmp_path_factory.mktemp("offline") / "site"
    folder.mkdir()
    (folder / "old.html").touch()
    copy(site, folder)
    return folder


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A project with the settings and the tools of this one, one page, and no example."""
    for name in ("Makefile", "requirements.txt", "tools", "overrides", "playground"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "playground").symlink_to(ROOT / ".cache" / "playground")
    for name in ("docs", "examples"):
        (tmp_path / name).mkdir()
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    (tmp_path / "mkdocs.yml").write_text(re.sub(r"(?ms)^nav:.*?\n\n", "", settings))
    (tmp_path / "docs" / "index.md").write_text("# Page\n\nThe first text.\n")
    return tmp_path
