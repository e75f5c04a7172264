"""The pytest side: pages are collected, run, compared, reported and, on demand, updated.

`pytest docs/learn/x.md` proves one page; `--update` accepts what Keras shows now.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_codeblocks.plugin import MarkdownFile, TestBlock

from proof.compare import Edit, apply, compare, job_of, unproved
from proof.page import Page, PageError, Snippet, read_page
from proof.runner import Runner, SnippetStopped

RUNNER = Runner()
EDITS = pytest.StashKey[dict[Path, tuple[Page, list[Edit]]]]()


class Difference(Exception):
    """A page and Python differ; the text says where, and how to accept Python's side."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options of the proof."""
    group = parser.getgroup("proof", "pages whose snippets are run")
    group.addoption("--update", action="store_true", help="write what Keras shows into the pages")
    group.addoption(
        "--snippet-timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="stop a snippet after S seconds (default: 60)",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect each page below docs/, and any Markdown file that the command line names."""
    docs = parent.config.rootpath / "docs"
    named = parent.session.isinitpath(file_path)
    if file_path.suffix == ".md" and (named or file_path.is_relative_to(docs)):
        RUNNER.start()
        return PageFile.from_parent(parent, path=file_path)
    return None


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a skip as a failure: nothing here may go unproved."""
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, and nothing may be skipped here"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was accepted, once all has run: edits move the lines that snippets name."""
    for path, (page, edits) in session.stash.get(EDITS, {}).items():
        if edits and read_page(path, page.path).lines == page.lines:
            new = path.with_name(path.name + ".new")
            new.write_text(apply(edits, page.lines), encoding="utf-8", newline="\n")
            new.replace(path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the pages that were rewritten."""
    for page, edits in terminalreporter._session.stash.get(EDITS, {}).values():
        if edits:
            terminalreporter.write_line(f"updated {page.path}; read its diff before you commit it")


class PageFile(MarkdownFile):
    """A page; each of its snippets is a test."""

    page: Page

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the page's snippets, then its prose. Raises PageError if it can't be read."""
        self.page = read_page(self.path, Path(os.path.relpath(self.path, self.config.rootpath)))
        for snippet in self.page.snippets:
            yield SnippetTest.from_parent(self, name=f"line {snippet.fence.line}", obj=snippet)
        if not self.config.option.update:
            yield ProseTest.from_parent(self, name="prose")

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> object:
        """One line for a page that can't be read, not a traceback."""
        if isinstance(excinfo.value, PageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class SnippetTest(TestBlock):
    """A snippet, with its output, its shape comments and the tables under it."""

    parent: PageFile
    obj: Snippet

    def runtest(self) -> None:
        """Run the snippet and compare. Raises Difference or SnippetStopped."""
        page, option = self.parent.page, self.config.option
        result = RUNNER.run(job_of(self.obj, page.path), option.snippet_timeout)
        problems = compare(self.obj, page.path, page.lines, result)
        if option.update:
            edits = [problem.edit for problem in problems if problem.edit]
            pages = self.session.stash.setdefault(EDITS, {})
            pages.setdefault(self.path, (page, []))[1].extend(edits)
            problems = [problem for problem in problems if not problem.edit]
        if problems:
            accept = f"pytest {page.path} --update   (all pages: make update)"
            advice = f"accept what Python showed: {accept}"
            can = any(problem.edit for problem in problems)
            raise Difference("\n\n".join([p.text for p in problems] + [advice] * can))

    def repr_failure(self, excinfo: pytest.ExceptionInfo) -> object:
        """The place and the difference, not a traceback through the proof."""
        if isinstance(excinfo.value, Difference):
            return str(excinfo.value)
        if isinstance(excinfo.value, SnippetStopped):
            return f"{self.parent.page.path}:{self.obj.fence.line}: {excinfo.value}"
        return pytest.Item.repr_failure(self, excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the place as terminals and editors link it."""
        line = self.obj.fence.line
        return self.path, line - 1, f"{self.parent.page.path}:{line}"


class ProseTest(pytest.Item):
    """What the page states in words."""

    parent: PageFile

    def runtest(self) -> None:
        """Look for each stated shape and count in what is run. Raises Difference."""
        found = list(unproved(self.parent.page))
        if found:
            raise Difference("\n".join(found))

    repr_failure = SnippetTest.repr_failure

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the page."""
        return self.path, 0, f"{self.parent.page.path} (prose)"
