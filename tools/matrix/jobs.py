"""What is run in an environment: the snippets whose Keras it has."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from matrix.environments import Environment
from proof.page import Page, Snippet, read_page
from proof.protocol import Job
from proof.prove import job_of


def pages(docs: Path) -> Iterator[Page]:
    """The pages that have snippets, named from `docs`."""
    for path in sorted(docs.rglob("*.md")):
        page = read_page(path, path.relative_to(docs))
        if page.snippets:
            yield page


def runs_in(snippet: Snippet, environment: Environment) -> bool:
    """Whether an environment has all that a snippet needs: its Keras, both, or none."""
    if snippet.generation:
        return snippet.generation == environment.generation
    return environment.has_both or not re.search(r"\bkeras\b", snippet.code)


def job_in(page: Page, snippet: Snippet, package: str) -> Job:
    """A snippet's job where its Keras is in `package`."""
    job = job_of(page, snippet)
    if package == "tf_keras" or not snippet.generation or "tf_keras" not in job.code:
        return job
    return replace(job, code=re.sub(r"\btf_keras\b", package, job.code))


def digest(page: Page, snippet: Snippet) -> str:
    """A snippet with all that its page says of it, as a short name."""
    rows = [(snippet.key(row), row.cells) for table in snippet.tables for row in table.rows]
    headers = [table.headers for table in snippet.tables]
    said = (snippet.code, snippet.output, snippet.comments, headers, rows)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:10]
