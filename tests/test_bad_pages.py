"""The proof is tested against itself: small bad pages must fail, their good twins pass."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from project import prove

FOLDER = Path(__file__).parent / "bad_pages"
BAD_PAGE = re.compile(
    r"^## (?P<title>.+)\n\n(?P<fence>`{4,})markdown\n(?P<page>(?:.*\n)*?)(?P=fence)\n\n"
    r"(?P<verdict>fails|passes): (?P<detail>.+(?:\n.+)*)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Case:
    """A page, and what must come of it: a message, or how many of its snippets pass."""

    name: str
    page: str
    verdict: str
    detail: str


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


def read_cases() -> list[Case]:
    """Every case of bad_pages/*.md, in order."""
    cases = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found = list(BAD_PAGE.finditer(text))
        assert len(found) == len(re.findall("^## ", re.sub(r"(?ms)^````.*?^````", "", text), re.M))
        cases += [
            Case(f"{path.stem}: {m['title']}", m["page"], m["verdict"], m["detail"]) for m in found
        ]
    return cases


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """Prove all cases in one nested run, each as `<its number>/page.md`."""
    folder = tmp_path_factory.mktemp("bad_pages")
    pages = []
    for number, case in enumerate(read_cases()):
        page = folder / str(number) / "page.md"
        page.parent.mkdir()
        page.write_text(case.page, encoding="utf-8")
        pages.append(page)
    recorder = Recorder()
    options = ("--continue-on-collection-errors", "--snippet-timeout=8")
    prove(folder, *options, *pages, plugins=[recorder])
    return recorder


@pytest.mark.parametrize(
    ("number", "case"), [pytest.param(n, case, id=case.name) for n, case in enumerate(read_cases())]
)
def test_bad_page(number: int, case: Case, recorder: Recorder) -> None:
    """Each bad page fails with its message; each good one passes with all its snippets."""
    failed = recorder.failed[str(number)].replace(f"{number}/page.md", "page.md")
    if case.verdict == "fails":
        assert case.detail in failed
    else:
        assert not failed
        assert recorder.passed[str(number)] == int(case.detail)
