"""The proof is tested against itself: small bad pages must fail, their good twins pass."""

from collections import Counter, defaultdict

import pytest

from cases import Case, read_cases
from project import prove

CASES = read_cases("bad_pages")


class Recorder:
    """Keeps what a nested run of pytest reports of each page, by the number of its case."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()
        self.failed: defaultdict[str, str] = defaultdict(str)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a page can't be read."""
        if report.failed:
            self.failed[report.nodeid.split("/")[0]] += f"{report.longrepr}\n"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how a snippet, or the prose, fared."""
        self.pytest_collectreport(report)
        if report.passed and report.when == "call" and not report.nodeid.endswith("::prose"):
            self.passed[report.nodeid.split("/")[0]] += 1


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """Prove all cases in one nested run, each as `<its number>/page.md`."""
    folder = tmp_path_factory.mktemp("bad_pages")
    pages = []
    for number, case in enumerate(CASES):
        page = folder / str(number) / "page.md"
        page.parent.mkdir()
        page.write_text(case.text, encoding="utf-8")
        pages.append(page)
    recorder = Recorder()
    options = ("--continue-on-collection-errors", "--snippet-timeout=8")
    prove(folder, *options, *pages, plugins=[recorder])
    return recorder


@pytest.mark.parametrize(
    ("number", "case"), [pytest.param(n, case, id=case.name) for n, case in enumerate(CASES)]
)
def test_bad_page(number: int, case: Case, recorder: Recorder) -> None:
    """Each bad page fails with its message; each good one passes with all its snippets."""
    failed = recorder.failed[str(number)].replace(f"{number}/page.md", "page.md")
    if case.verdict == "fails":
        assert case.detail in failed
    else:
        assert not failed
        assert recorder.passed[str(number)] == int(case.detail)
