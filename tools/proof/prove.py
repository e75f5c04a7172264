"""Prove a page: run its snippets, compare what they show, look at its words and its blocks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from proof.claims import as_quoted, marked_quotes
from proof.compare import Problem, compare
from proof.drawing import figure_texts
from proof.evidence import Figures
from proof.names import vocabulary, words_of
from proof.page import Page, Snippet
from proof.prose import Known, unsupported
from proof.protocol import Job, Result, Rows
from proof.rendered import MarkdownSettings, misrendered
from proof.runner import SnippetStopped

Run = Callable[[Job], Result]

_BLOCK = re.compile(r"(?ms)^ *```(\w+)[^\n]*\n(.*?)^ *```$")
FIGURES = Path("docs", "assets", "figures")


@dataclass(frozen=True, eq=False)
class Site:
    """What a page is judged by, besides its snippets.

    `markdown`: how it is rendered. `figures`: the words in each. `words`: the names in the code of
    all pages. `outputs`: what all pages show, or say
    that a version said.
    """

    markdown: MarkdownSettings
    figures: Figures
    words: frozenset[str]
    outputs: str

    @classmethod
    def at(cls, root: Path) -> "Site":
        """The site whose `mkdocs.yml` stands in `root`."""
        pages = [page.read_text("utf-8", "replace") for page in (root / "docs").rglob("*.md")]
        blocks = [block for page in pages for block in _BLOCK.findall(page)]
        return cls(
            MarkdownSettings.of_site(root / "mkdocs.yml"),
            figure_texts(root / FIGURES),
            frozenset().union(*(words_of(text) for _, text in blocks)),
            "\n".join(
                [
                    *(as_quoted(text) for language, text in blocks if language == "text"),
                    *(quote for page in pages for quote in marked_quotes(page)),
                ]
            ),
        )


def prove(page: Page, run: Run, site: Site) -> Iterator[Problem]:
    """Everything on a page that isn't true."""
    for snippet in page.snippets:
        yield from prove_snippet(page, snippet, run)
    yield from prove_text(page, run, site)


def prove_snippet(page: Page, snippet: Snippet, run: Run) -> Iterator[Problem]:
    """Run a snippet with its tables; yield where the page differs from what Python showed."""
    try:
        result = run(job_of(page, snippet))
    except SnippetStopped as stopped:
        yield Problem(f"{page.path}:{snippet.fence.line}: {stopped}")
    else:
        yield from compare(page, snippet, result)


def prove_text(page: Page, run: Run, site: Site) -> Iterator[Problem]:
    """What the prose states without support, and the code that a reader sees unrun."""
    yield from map(Problem, unsupported(page, site.figures, _known(site, run)))
    yield from map(Problem, misrendered(page, site.markdown))


@lru_cache(maxsize=1)
def _known(site: Site, run: Run) -> Known:
    """What all sentences are judged by. Raises SnippetStopped."""
    return Known(site.words, site.outputs, vocabulary(run))


def job_of(page: Page, snippet: Snippet) -> Job:
    """What the worker needs to know of a snippet."""
    tables = tuple(
        Rows(
            table.headers,
            tuple((snippet.key(row), row.cells[0].strip("`")) for row in table.rows),
        )
        for table in snippet.tables
    )
    comments = tuple((comment.line, comment.statement) for comment in snippet.comments)
    return Job(str(page.path), snippet.code, comments, tables)
