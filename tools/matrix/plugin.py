"""`pytest --keras PYTHON`: the pages on the reader's own Keras, in place of the site's.

A difference of substance fails; those of form are listed at the end.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import proof.plugin
from matrix.environments import Environment, NotMade
from matrix.form import FORM, SUBSTANCE, differences
from matrix.jobs import runs_in
from matrix.own import environment_at
from matrix.run import run_snippet
from proof.page import Page, PageError, Snippet, read_page
from proof.runner import Runner, SnippetStopped

OWN = pytest.StashKey[tuple[Environment, Runner]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names a Python."""
    parser.getgroup("proof").addoption(
        "--keras", metavar="PYTHON", help="run the pages on the Keras of this Python"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Collect the pages in place of the proof. Raises UsageError where there is no Keras."""
    if not config.option.keras:
        return
    python = os.path.abspath(config.option.keras)  # a virtual environment's, which is a link
    if config.option.update:
        raise pytest.UsageError("--update writes what the site's Keras shows; leave out --keras")
    try:
        config.stash[OWN] = environment_at(python)
    except (NotMade, SnippetStopped) as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect the pages below docs/."""
    if OWN in parent.config.stash and proof.plugin.is_page(file_path, parent):
        return OwnPage.from_parent(parent, path=file_path)
    return None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say on which Keras the pages are run."""
    return [f"pages on {config.stash[OWN][0].name}"] if OWN in config.stash else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the differences of form, which fail nothing."""
    lines = [
        text
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, text in report.user_properties
        if name == FORM
    ]
    if lines:
        terminalreporter.section("Differences of form")
        for line in sorted(set(lines), key=_place):
            terminalreporter.write_line(line)


def _place(line: str) -> tuple[str, int]:
    page, number, _ = line.split(":", 2)
    return page, int(number)


class OwnPage(pytest.File):
    """A page; each snippet that the reader's Keras runs is a test."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the snippets. Raises CollectError for a page that can't be read."""
        environment, _ = self.config.stash[OWN]
        try:
            page = read_page(self.path, Path(os.path.relpath(self.path, self.config.rootpath)))
        except PageError as error:
            raise self.CollectError(str(error)) from None
        for snippet in page.snippets:
            if runs_in(snippet, environment):
                name = f"line {snippet.fence.line}"
                yield OwnSnippet.from_parent(self, name=name, page=page, snippet=snippet)


class OwnSnippet(pytest.Item):
    """A snippet on the reader's Keras."""

    def __init__(self, *, page: Page, snippet: Snippet, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self.page, self.snippet = page, snippet

    def runtest(self) -> None:
        """Fail with what differs in substance; keep what differs in form for the report."""
        environment, runner = self.config.stash[OWN]
        part = run_snippet(self.page, self.snippet, runner, environment.package)
        if not part:
            return
        found = list(differences(self.snippet, part))
        for one in found:
            if one.kind == FORM:
                self.user_properties.append((FORM, f"{self.page.path}:{one.line}: {one.what}"))
        wrong = [one for one in found if one.kind == SUBSTANCE]
        if wrong:
            lines = [
                f"{self.page.path}:{one.line}: {environment.name}: {one.what}" for one in wrong
            ]
            pytest.fail("\n".join([*lines, part.output or ""]), pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the place as terminals and editors link it."""
        line = self.snippet.fence.line
        return self.path, line - 1, f"{self.page.path}:{line}"
