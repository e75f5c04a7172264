"""Prove a page: run its snippets, compare what they show, look at its words and its blocks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from proof.compare import Problem, compare
from proof.drawing import figure_texts
from proof.page import Page, Snippet
from proof.prose import Figures, unsupported
from proof.protocol import Job, Result, Rows
from proof.rendered import MarkdownSettings, misrendered
from proof.runner import SnippetStopped

Run = Callable[[Job], Result]

FIGURES = Path("docs", "assets", "figures")


@dataclass(frozen=True)
class Site:
    """What a page is judged by, besides its snippets: how it is rendered, and the figures."""

    markdown: MarkdownSettings
    figures: Figures

    @classmethod
    def at(cls, root: Path) -> "Site":
        """The site whose `mkdocs.yml` stands in `root`."""
        return cls(MarkdownSettings.of_site(root / "mkdocs.yml"), figure_texts(root / FIGURES))


def prove(page: Page, run: Run, site: Site) -> Iterator[Problem]:
    """Everything on a page that isn't true."""
    for snippet in page.snippets:
        yield from prove_snippet(page, snippet, run)
    yield from prove_text(page, site)


def prove_snippet(page: Page, snippet: Snippet, run: Run) -> Iterator[Problem]:
    """Run a snippet with its tables; yield where the page differs from what Python showed."""
    try:
        result = run(job_of(page, snippet))
    except SnippetStopped as stopped:
        yield Problem(f"{page.path}:{snippet.fence.line}: {stopped}")
    else:
        yield from compare(page, snippet, result)


def prove_text(page: Page, site: Site) -> Iterator[Problem]:
    """The numbers in the prose that nothing supports, and the code that a reader sees unrun."""
    yield from map(Problem, unsupported(page, site.figures))
    yield from map(Problem, misrendered(page, site.markdown))


def job_of(page: Page, snippet: Snippet) -> Job:
    """What the worker needs to know of a snippet."""
    tables = tuple(
        Rows(
            table.headers,
            tuple((snippet.key(row), row.cells[0].strip("`")) for row in table.rows),
        )
        for table in snippet.tables
    )
    lines = tuple(comment.line for comment in snippet.comments)
    return Job(str(page.path), snippet.code, lines, tables)
