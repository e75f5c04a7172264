"""The pytest side: pages are collected, proved, reported and, on demand, updated.

`pytest docs/learn/x.md` proves one page; `--update` accepts what Keras shows now.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pytest_codeblocks.plugin import MarkdownFile, TestBlock

from proof.compare import Edit, Problem, apply, as_written
from proof.docs_folder import misplaced
from proof.outputs import OPEN
from proof.page import Page, PageError, Snippet, parse_page, read_page
from proof.protocol import MISTAKES, Result
from proof.prove import Site, job_of, prove_snippet, prove_text
from proof.results import ResultCache
from proof.runner import SNIPPET_LIMIT, SnippetStopped, shared_runner

EDITS = pytest.StashKey[dict[Path, tuple[Page, list[Edit]]]]()
RESULTS = pytest.StashKey[ResultCache]()
REJECTED = pytest.StashKey[list[str]]()
site_of = cache(Site.at)  # read once


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options of the proof."""
    group = parser.getgroup("proof", "pages whose snippets are run")
    group.addoption("--update", action="store_true", help="write what Keras shows into the pages")
    group.addoption(
        "--snippet-timeout",
        type=float,
        default=SNIPPET_LIMIT,
        metavar="S",
        help=f"stop a snippet after S seconds (default: {SNIPPET_LIMIT:g})",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Raise UsageError for `--update` in several processes: each would write its own edits."""
    if config.option.update and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--update writes pages in one process; leave out --numprocesses")
    results = project_root(config) / ".cache" / "results"
    config.stash[RESULTS] = ResultCache(shared_runner(), results, config.option.snippet_timeout)


def project_root(config: pytest.Config) -> Path:
    """The folder of pyproject.toml and mkdocs.yml."""
    return config.inipath.parent if config.inipath else config.rootpath


def pytest_sessionstart(session: pytest.Session) -> None:
    """Raise UsageError for a file or a folder in docs/ that would not be proved."""
    if found := list(misplaced(session.config.rootpath / "docs")):
        raise pytest.UsageError("\n".join(found))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect each page below docs/, and any Markdown file that the command line names."""
    elsewhere = parent.config.getoption("keras", default=None)  # matrix.plugin collects them
    if is_page(file_path, parent) and not elsewhere:
        return PageFile.from_parent(parent, path=file_path)  # type: ignore[no-any-return]
    return None


def is_page(path: Path, parent: pytest.Collector) -> bool:
    """Whether a file is a page of docs/, or a Markdown file that the command line names."""
    docs = parent.config.rootpath / "docs"
    return path.suffix == ".md" and (parent.session.isinitpath(path) or path.is_relative_to(docs))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a skip as a failure: nothing here may go unproved."""
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, and nothing may be skipped here"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was accepted, once all has run: edits move the lines that snippets name.

    An update that leaves a sentence unsupported, or that Keras 2 contradicts, fails.
    """
    rejected = session.config.stash.setdefault(REJECTED, [])
    for path, (page, edits) in session.config.stash.get(EDITS, {}).items():
        if read_page(path, page.path).lines != page.lines:
            rejected.append(f"{page.path}:1: this page was saved meanwhile; update it again")
            continue
        text = apply(edits, page.lines)
        if edits:
            new = path.with_name(path.name + ".new")
            new.write_text(text, encoding="utf-8", newline="\n")
            new.replace(path)
        run = session.config.stash[RESULTS].run
        try:
            updated = parse_page(text, page.path)
            problems = list(prove_text(updated, run, site_of(project_root(session.config))))
        except PageError as error:  # its tabs became the same, or it is of a page that this links
            rejected.append(str(error))
            continue
        for snippet in (one for one in updated.snippets if one.is_repeated):
            problems += prove_snippet(updated, snippet, run)
        rejected += [problem.text for problem in problems]
    if rejected:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name the pages that were rewritten, and what their new outputs leave untrue.

    On GitHub, also annotate the line that each message names.
    """
    for page, edits in config.stash.get(EDITS, {}).values():
        if edits:
            terminalreporter.write_line(f"updated {page.path}; read its diff before you commit it")
    for message in config.stash.get(REJECTED, []):
        terminalreporter.write_line(message, red=True)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for report in terminalreporter.getreports("failed") + terminalreporter.getreports("error"):
            for command in annotations(str(report.longrepr)):
                terminalreporter.write_line(command)


def annotations(text: str) -> Iterator[str]:
    """GitHub's command for each `path:line: message` at the beginning of a line."""
    for path, line, message in re.findall(r"(?m)^([\w./-]+\.\w+):(\d+): (.*)$", text):
        escaped = message.replace("%", "%25")
        yield f"::error file={path},line={line}::{escaped}"


class PageFile(MarkdownFile):  # type: ignore[misc]
    """A page; each of its snippets is a test."""

    page: Page

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the page's snippets, then its prose. Raises CollectError if it can't be read."""
        name = Path(os.path.relpath(self.path, self.config.rootpath))
        try:
            self.page = read_page(self.path, name)
        except PageError as error:
            raise self.CollectError(str(error)) from None
        shared_runner().start()
        for snippet in self.page.snippets:
            place = f"line {snippet.fence.line}" + ", Keras 2" * snippet.is_repeated
            yield SnippetTest.from_parent(self, name=place, obj=snippet)
        if self.config.option.update:
            self.config.stash.setdefault(EDITS, {})[self.path] = self.page, []
        else:
            yield ProseTest.from_parent(self, name="prose")


class SnippetTest(TestBlock):  # type: ignore[misc]
    """A snippet, with its output, its shape comments and the tables under it."""

    parent: PageFile
    obj: Snippet

    def runtest(self) -> None:
        """Run the snippet and compare; fail with the place and the difference."""
        page = self.parent.page
        problems = list(prove_snippet(page, self.obj, self.config.stash[RESULTS].run))
        if self.config.option.update:
            problems = self._accept(problems)
        if problems:
            accept = f"pytest {page.path} --update   (all pages: make update)"
            advice = f"accept what Python showed: {accept}"
            can = any(problem.edit for problem in problems)
            text = "\n\n".join([problem.text for problem in problems] + [advice] * can)
            pytest.fail(text, pytrace=False)

    def _accept(self, problems: list[Problem]) -> list[Problem]:
        """Keep the edits that can be accepted; return what remains to be fixed by hand."""
        page = self.parent.page
        edits = [problem.edit for problem in problems if problem.edit]
        # Code repeated with Keras 2 is compared in the end, with what was written.
        left = [one for one in problems if not (one.edit or self.obj.is_repeated)]
        if not edits:
            return left
        if refusal := self._refusal():
            return [*problems, Problem(f"{page.path}:{self.obj.fence.line}: {refusal}")]
        self.config.stash[EDITS][self.parent.path][1].extend(edits)
        return left

    def _refusal(self) -> str | None:
        """Why what the snippet shows now should not be on a page."""
        job = job_of(self.parent.page, self.obj)
        first = self.config.stash[RESULTS].run(job)
        for name in MISTAKES:
            mistake = rf"(?m)^{name}: "
            if re.search(mistake, first.output) and not re.search(mistake, self.obj.output or ""):
                return f"not updated: it raises {name} now; fix the snippet"
        try:
            second = shared_runner(1).run(job, self.config.option.snippet_timeout)
        except SnippetStopped as stopped:
            return f"not updated: {stopped}"
        if self._as_written(first) == self._as_written(second):
            return None
        return (
            "not updated: another run shows something else; set a seed with "
            "keras.utils.set_random_seed, sort what has no order, print less, or end the line "
            f"with {OPEN} where it differs"
        )

    def _as_written(self, result: Result) -> Result:
        """A result without what the page leaves open."""
        lines = as_written(result.output, self.obj.output)
        return replace(result, output="\n".join(lines))

    repr_failure = pytest.Item.repr_failure  # TestBlock's shows nothing but an error's words

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the place as terminals and editors link it."""
        line = self.obj.fence.line
        return self.path, line - 1, f"{self.parent.page.path}:{line}"


class ProseTest(pytest.Item):
    """What the page states in words, and the code that a reader sees of it."""

    parent: PageFile

    def runtest(self) -> None:
        """Fail with what isn't supported, or isn't run."""
        run, site = self.config.stash[RESULTS].run, site_of(project_root(self.config))
        found = list(prove_text(self.parent.page, run, site))
        if found:
            pytest.fail("\n".join(problem.text for problem in found), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the page."""
        return self.path, 0, f"{self.parent.page.path} (prose)"
