"""The proof is tested against itself: small bad pages must fail, their good twins pass."""

from dataclasses import dataclass

import pytest

from cases import Case, read_cases
from project import prove

CASES = read_cases("bad_pages")


@dataclass(repr=False)
class Recorder:
    """Keeps what a nested run of pytest reports of each page."""

    passed: dict[str, int]
    failed: dict[str, str]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a page can't be read."""
        if report.failed:
            self._fail(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how a snippet, or the prose, fared."""
        if report.failed:
            self._fail(report)
        elif report.when == "call" and not report.nodeid.endswith("::prose"):
            page = report.nodeid.split("/")[0]
            self.passed[page] = self.passed.get(page, 0) + 1

    def _fail(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        page = report.nodeid.split("/")[0]
        self.failed[page] = self.failed.get(page, "") + f"{report.longrepr}\n"


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
    recorder = Recorder({}, {})
    prove(
        folder,
        "--continue-on-collection-errors",
        "--snippet-timeout=8",
        *pages,
        plugins=[recorder],
    )
    return recorder


@pytest.mark.parametrize(
    ("number", "case"), [pytest.param(n, case, id=case.name) for n, case in enumerate(CASES)]
)
def test_bad_page(number: int, case: Case, recorder: Recorder) -> None:
    """Each bad page fails with its message; each good one passes with all its snippets."""
    failed = recorder.failed.get(str(number), "").replace(f"{number}/page.md", "page.md")
    if case.verdict == "fails":
        assert case.detail in failed
    else:
        assert not failed
        assert recorder.passed.get(str(number), 0) == int(case.detail)
