"""What the site shows of the records: a note on each snippet that differs somewhere."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import pairwise

from matrix.environments import Environment, environments
from matrix.form import FORM, SUBSTANCE, differences
from matrix.jobs import digest, runs_in
from matrix.record import Part, Record, path_of, read_record
from proof.page import Page, Snippet

_PLACE = "differs-elsewhere-{}-{}"
_PLACES = re.compile(r"(?m)^ *differs-elsewhere-\d+-\d+\n\n?")
_SHOWN = re.compile(r"<p>differs-elsewhere-(\d+)-(\d+)</p>")
LONGEST, WIDEST = 40, 400  # lines of an output, letters of a line
_JAX_ADVICE = re.compile(r"(?m)^-{20}\nFor simplicity, JAX has removed .*\n?")
# What the compatibility page says once. Keras 2.2: an array into a layer, `Input` in a list,
# `Dense(4, "softmax")`. Torch: NumPy refuses what has a gradient. JAX: no `.numpy()`.
_SAID_ONCE = re.compile(
    "isn't a symbolic tensor|must be an instance of class Layer. Found: Tensor"
    "|can accept only 1 positional|Can't call numpy\\(\\) on Tensor that requires grad"
    "|'jaxlib._jax.ArrayImpl' object has no attribute 'numpy'"
)


@cache
def records() -> dict[Environment, Record]:
    """The records that there are, in the order of the table. Raises ValueError for a bad one."""
    return {one: read_record(path_of(one)) for one in environments() if path_of(one).exists()}


Place = tuple[int, int]  # the line of the page that a note follows, and how deep it stands


@dataclass(frozen=True)
class Elsewhere:
    """What a snippet shows in some environments."""

    text: str
    environments: tuple[Environment, ...]


def elsewhere(page: Page) -> dict[Place, list[Elsewhere]]:
    """Where snippets of a page differ in substance: the place of a note → its groups."""
    found: defaultdict[Place, list[Elsewhere]] = defaultdict(list)
    for snippet in page.snippets:
        groups: defaultdict[str, list[Environment]] = defaultdict(list)
        for environment, part in _parts(page, snippet):
            if text := shown(snippet, part):
                groups[text].append(environment)
        for text, those in groups.items():
            found[_end(page, snippet)].append(Elsewhere(text, tuple(those)))
    return dict(found)


def _parts(page: Page, snippet: Snippet) -> Iterator[tuple[Environment, Part]]:
    """Where a snippet parts from its page, in each environment that runs it."""
    name = digest(page, snippet)
    for environment, record in records().items():
        if runs_in(snippet, environment) and (part := record.part(name)):
            yield environment, part


def shown(snippet: Snippet, part: Part) -> str:
    """What a note shows of a part: where it differs in substance; nothing if only in form.

    Nor what the compatibility page says once.
    """
    serious = [one for one in differences(snippet, part) if one.kind == SUBSTANCE]
    if not serious or _SAID_ONCE.search(part.output or ""):
        return ""
    if part.stopped is not None:
        return part.stopped
    said = _said(snippet)
    lines = [f"{_code_at(snippet, one.line)}{one.what}" for one in serious if one.line != said]
    if part.output is not None and any(one.line == said for one in serious):
        output = _JAX_ADVICE.sub("", part.output).rstrip("\n")
        lines += output.split("\n") if output.strip() else ["No output: it runs."]
    cut = [line if len(line) <= WIDEST else f"{line[:WIDEST]}…" for line in lines[:LONGEST]]
    return "\n".join([*cut, "…"] if len(lines) > len(cut) else cut)


def other_words(page: Page, snippet: Snippet) -> Iterator[str]:
    """What a snippet shows where the error of its page has other words.

    Not before Keras 2.12, nor on other backends: there errors are as often Python's or the
    backend's own, which say nothing of the cause.
    """
    oldest = environments()[0]
    for environment, part in _parts(page, snippet):
        found = [one for one in differences(snippet, part) if one.line == _said(snippet)]
        has_words = part.output is not None and all(one.kind == FORM for one in found)
        if has_words and environment != oldest and environment.backend == "tensorflow":
            yield str(part.output)


def _said(snippet: Snippet) -> int:
    """The line of a snippet's output, which differences of it name."""
    return (snippet.output_fence or snippet.fence).line


def _code_at(snippet: Snippet, line: int) -> str:
    """The code that a difference is about: a statement with its comment, or a row's first cell."""
    code = snippet.code.split("\n")
    if 0 < line - snippet.fence.line <= len(code):
        return re.sub(r"#[^#]*$", "# ", code[line - snippet.fence.line - 1].strip())
    rows = (row for table in snippet.tables for row in table.rows)
    return next((f"{row.cells[0].strip('`')}: " for row in rows if row.line == line), "")


def _end(page: Page, snippet: Snippet) -> Place:
    """Where a note on a snippet stands: after its tables, its output, or the tabs under it."""
    rows = [row.line for table in snippet.tables for row in table.rows]
    end = max(rows, default=(snippet.output_fence or snippet.fence).end)
    below = next((n for n, line in enumerate(page.lines[end:], end + 1) if line.strip()), 0)
    if below and not page.tabs[end] and page.lines[below - 1].startswith("==="):
        inside = [n for n, tab in page.tabs.items() if tab and tab.first == below]
        return max(n for n in inside if page.lines[n - 1].strip()), 0
    line = page.lines[end - 1]
    return end, len(line) - len(line.lstrip())


def with_places(markdown: str, places: Iterable[Place]) -> str:
    """A page with places for notes."""
    text = markdown.split("\n")
    for line, indent in sorted(places, key=lambda place: (-place[0], place[1])):
        text[line:line] = ["", " " * indent + _PLACE.format(line, indent), ""]
    return "\n".join(text)


def without_places(markdown: str) -> str:
    """A page's text for machines, as it was written."""
    return _PLACES.sub("", markdown)


def with_notes(html: str, found: Mapping[Place, list[Elsewhere]]) -> str:
    """A page's HTML, with the notes in their places."""
    return _SHOWN.sub(lambda place: _note(found[int(place[1]), int(place[2])]), html)


def _note(groups: list[Elsewhere]) -> str:
    everywhere = [one for group in groups for one in group.environments]
    order = environments()
    parts = [
        f'<div data-in="{" ".join(one.slug for one in group.environments)}">'
        f"<p>{escape(names(group.environments))}</p>"
        f"<pre><samp>{escape(group.text)}</samp></pre></div>"
        for group in sorted(groups, key=lambda group: order.index(group.environments[0]))
    ]
    summary = f"Differs in {escape(names(everywhere))}"
    return (
        f'<details class="elsewhere" data-search-exclude="true"><summary>{summary}</summary>'
        f"{''.join(parts)}</details>"
    )


def names(those: Iterable[Environment]) -> str:
    """Environments by name; neighbors of one Keras as a range: `Keras 3.0 to 3.9`."""
    kept = set(those)
    runs: list[list[Environment]] = []
    for before, one in pairwise([None, *environments()]):
        if one not in kept or one is None:
            continue
        if before in kept and before and before.family == one.family:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(
        " to ".join(dict.fromkeys([run[0].name, run[-1].name.partition(" ")[2]][: len(run)]))
        for run in runs
    )
