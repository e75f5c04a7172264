"""Small changes in the real pages, to see that the proof catches each of them.

A mutant is a page with one change. It is caught where the page can't be read, differs from what
Python shows, states a number that nothing supports, or shows a reader other code than is run. It
is equivalent where a reader sees the same page, or Keras answers the same to the changed code.
"""

import ast
import difflib
import io
import random
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from proof.fences import CODE_SPAN
from proof.outputs import MARKER
from proof.page import Page, PageError, Snippet, parse_page
from proof.protocol import Job, Result
from proof.prove import Run, Site, job_of, prove
from proof.rendered import render
from proof.shape_comments import SHAPE

_ERROR = re.compile(r"(\w*(?:Error|Exception|Exit)): (.+)")


@dataclass(frozen=True)
class Mutant:
    """A page with one change: what kind, in which line, and the whole text."""

    page: Page
    operator: str
    line: int
    lines: tuple[str, ...]

    def diff(self) -> str:
        """The change, as a unified diff."""
        name = str(self.page.path)
        changed = difflib.unified_diff(self.page.lines, self.lines, name, name, lineterm="", n=1)
        return "\n".join([f"{name}:{self.line}: {self.operator}", *changed])


def mutants_of(page: Page, rng: random.Random) -> Iterator[Mutant]:
    """Every mutant of a page, once; `rng` chooses among like changes."""
    seen = {page.lines}
    for operator in (*ANSWER_OPERATORS, *OTHER_OPERATORS):
        for snippet in page.snippets:
            for line, lines in operator(page, snippet, rng):
                if lines not in seen:
                    seen.add(lines)
                    yield Mutant(page, operator.__name__.strip("_"), line, lines)
    for line, lines in _prose(page, rng):
        yield Mutant(page, "prose", line, lines)


def answers_of(page: Page, run: Run) -> Run:
    """A way to run jobs that knows what the page's own show, whatever their comments say."""
    known = {_without_comments(job): run(job) for job in jobs_of(page)}

    def run_if_unknown(job: Job) -> Result:
        return known.get(_without_comments(job)) or run(job)

    return run_if_unknown


def _without_comments(job: Job) -> Job:
    try:
        return replace(job, code=ast.unparse(ast.parse(job.code)))
    except (SyntaxError, RecursionError):
        return job


def classify(mutant: Mutant, run: Run, site: Site) -> str:
    """'caught', 'equivalent' or 'survived'."""
    try:
        changed = parse_page("\n".join(mutant.lines), mutant.page.path)
    except PageError:
        return "caught"
    if any(prove(changed, run, site)):
        return "caught"
    # Code that was changed, was run, and showed what the page says: Keras answers alike.
    if jobs_of(changed) != jobs_of(mutant.page):
        return "equivalent"
    same = render(changed, site.markdown) == render(mutant.page, site.markdown)
    return "equivalent" if same else "survived"


def jobs_of(page: Page) -> list[Job]:
    """What is run for a page."""
    return [job_of(page, snippet) for snippet in page.snippets]


Change = Iterator[tuple[int, tuple[str, ...]]]


def _replaced(page: Page, line: int, *new: str, count: int = 1) -> tuple[int, tuple[str, ...]]:
    """The page with `count` lines from `line` on replaced by others."""
    return line, (*page.lines[: line - 1], *new, *page.lines[line - 1 + count :])


def _other_number(text: str, rng: random.Random) -> str:
    return str(int(text) + rng.choice([1, 2, 7]))


def _numbers_changed(text: str, rng: random.Random) -> Iterator[str]:
    """The text with one of its numbers another, for each number."""
    for match in re.finditer(r"(?<![\w.])\d+(?![\w.])", text):
        yield text[: match.start()] + _other_number(match[0], rng) + text[match.end() :]


def _axes_swapped(text: str) -> Iterator[str]:
    """The text with two neighboring axes of a shape swapped, for each two that differ."""
    for match in re.finditer(SHAPE, text):
        axes = [axis.strip() for axis in match[0].strip("()").split(",") if axis.strip()]
        for n in range(len(axes) - 1):
            if axes[n] != axes[n + 1]:
                other = [*axes[:n], axes[n + 1], axes[n], *axes[n + 2 :]]
                yield text[: match.start()] + f"({', '.join(other)})" + text[match.end() :]


def _output_lines(page: Page, snippet: Snippet) -> range:
    output = snippet.output_fence
    return range(output.line + 1, output.end) if output else range(0)


def _digits_changed(text: str, start: int = 0, end: int | None = None) -> Iterator[str]:
    """The text with one of its digits from `start` to `end` another, for each digit."""
    for match in re.compile(r"\d").finditer(text, start, len(text) if end is None else end):
        at = match.start()
        yield text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def _output_digit(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        for new in _digits_changed(page.lines[line - 1]):
            yield _replaced(page, line, new)


def _output_line(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    """Without a line, with one twice, with two in another order."""
    lines = _output_lines(page, snippet)
    for line in lines:
        yield _replaced(page, line)
        yield _replaced(page, line, *[page.lines[line - 1]] * 2)
    for line in lines[:-1]:
        yield _replaced(page, line, page.lines[line], page.lines[line - 1], count=2)


def _output_deleted(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    if snippet.output_fence:
        end = snippet.fence.end
        yield _replaced(page, end + 1, count=snippet.output_fence.end - end)


def _output_added(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    if not snippet.output_fence:
        block = ("", MARKER, "", "```text", "(8, 3)", "```")
        indented = [snippet.fence.indent + line if line else "" for line in block]
        yield _replaced(page, snippet.fence.end + 1, *indented, count=0)


def _error(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    """Another type of error, or another word in what it says."""
    for line in _output_lines(page, snippet):
        text = page.lines[line - 1]
        if match := _ERROR.match(text.strip()):
            other = {"ValueError", "TypeError", "KeyError"} - {match[1]}
            yield _replaced(page, line, text.replace(match[1], rng.choice(sorted(other)), 1))
            word = rng.choice(re.findall(r"[A-Za-z]+", match[2]))
            yield _replaced(page, line, text.replace(word, word[::-1] + "s", 1))


def _code_lines(page: Page, snippet: Snippet) -> range:
    return range(snippet.fence.line + 1, snippet.fence.end)


def _code_number(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for token in tokenize.generate_tokens(io.StringIO(snippet.code).readline):
        if token.type == tokenize.NUMBER and token.string.isdigit():
            line = snippet.fence.line + token.start[0]
            start = len(snippet.fence.indent) + token.start[1]
            text = page.lines[line - 1]
            other = _other_number(token.string, rng)
            yield _replaced(page, line, text[:start] + other + text[start + len(token.string) :])


def _code_word(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    """Another truth value, class of layer, or form of input."""
    for old, new in (
        ("return_sequences=True", "return_sequences=False"),
        ("return_sequences=False", "return_sequences=True"),
        ("stateful=True", "stateful=False"),
        ("LSTM(", "GRU("),
        ("GRU(", "LSTM("),
        ("SimpleRNN(", "GRU("),
        ("batch_input_shape=(8, ", "input_shape=("),
        ("batch_shape=(8, ", "shape=("),
        ("batch_shape=(batch_size, ", "shape=("),
    ):
        for line in _code_lines(page, snippet):
            text = page.lines[line - 1]
            for match in re.finditer(rf"(?<!\w){re.escape(old)}", text):
                yield _replaced(page, line, text[: match.start()] + new + text[match.end() :])


def _code_line_dropped(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    """Without an import, or without the last line, which is the one that raises."""
    code = [line for line in _code_lines(page, snippet) if page.lines[line - 1].strip()]
    for line in code:
        if page.lines[line - 1].strip().startswith(("import ", "from ")) or line == code[-1]:
            yield _replaced(page, line)


def _comment(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for comment in snippet.comments:
        line = snippet.fence.line + comment.line
        before, _, after = page.lines[line - 1].rpartition(comment.text)
        for new in (*_digits_changed(comment.text), *_axes_swapped(comment.text)):
            yield _replaced(page, line, before + new + after)


def _table_answer(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for row in (row for table in snippet.tables for row in table.rows):
        text = page.lines[row.line - 1]
        start = text.index(row.cells[0]) + len(row.cells[0])
        for span in CODE_SPAN.finditer(text, start):
            for new in _digits_changed(text, *span.span()):
                yield _replaced(page, row.line, new)
        for new in _axes_swapped(text[start:]):
            yield _replaced(page, row.line, text[:start] + new)


def _table_code(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for row in (row for table in snippet.tables for row in table.rows):
        text = page.lines[row.line - 1]
        start = text.index(row.cells[0])
        end = start + len(row.cells[0])
        for new in _numbers_changed(text[start:end], rng):
            yield _replaced(page, row.line, text[:start] + new + text[end:])


def _indentation(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    fence = snippet.fence
    for line in (fence.line, fence.line + 1, fence.end) if fence.indent else ():
        yield _replaced(page, line, page.lines[line - 1][2:])
        yield _replaced(page, line, "    " + page.lines[line - 1])


def _prose(page: Page, rng: random.Random) -> Change:
    for line, text in page.prose:
        if page.lines[line - 1] != text:
            continue
        for start, end in (*(span.span() for span in CODE_SPAN.finditer(text)), *_in_images(text)):
            stated = text[start:end]
            for new in (*_numbers_changed(stated, rng), *_axes_swapped(stated)):
                yield _replaced(page, line, text[:start] + new + text[end:])


def _in_images(text: str) -> Iterator[tuple[int, int]]:
    """Where the shapes are that the words for an image state."""
    for image in re.finditer(r"!\[[^\]]*\]", text):
        for shape in re.finditer(SHAPE, image[0]):
            yield image.start() + shape.start(), image.start() + shape.end()


# What a run is compared with: to judge these, nothing is run again.
ANSWER_OPERATORS: tuple[Callable[[Page, Snippet, random.Random], Change], ...] = (
    _output_digit,
    _comment,
    _table_answer,
)
OTHER_OPERATORS: tuple[Callable[[Page, Snippet, random.Random], Change], ...] = (
    _output_line,
    _output_deleted,
    _output_added,
    _error,
    _code_number,
    _code_word,
    _code_line_dropped,
    _table_code,
    _indentation,
)
