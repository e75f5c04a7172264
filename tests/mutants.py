"""Small changes in the real pages and examples, to see that the proof catches each of them.

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

from proof.fences import CODE_SPAN, MARKER
from proof.page import Page, PageError, Snippet, parse_page
from proof.protocol import Job, Result
from proof.prove import Run, Site, job_of, prove
from proof.rendered import render
from proof.shape_comments import SHAPE

_ERROR = re.compile(r"(\w*(?:Error|Exception|Exit)): (.+)")
_WARNING = re.compile(r"\w*Warning: ")


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
    """Every mutant of a page; `rng` chooses among like changes."""
    for operator in (*ANSWER_OPERATORS, *OTHER_OPERATORS):
        for snippet in page.snippets:
            for line, lines in operator(page, snippet, rng):
                if lines != page.lines:
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


_PRELUDE = """
_survived = set(range({count}))


def _mutant(number, holds):
    try:
        if not holds():
            _survived.discard(number)
    except Exception:
        _survived.discard(number)


"""


def with_mutants(code: str, rng: random.Random) -> tuple[str, list[str]]:
    """A program that also asks each of its assertions with one of its numbers another.

    Returns it, and those mutants. It runs as before, and at its end prints the numbers of the
    mutants that would have passed, or were never asked.
    """
    tree = ast.parse(code)
    mutants: list[str] = []
    asks: dict[ast.Assert, list[ast.stmt]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            asks[node] = []
            for mutant in _other_assertions(node.test, rng):
                asks[node] += ast.parse(f"_mutant({len(mutants)}, lambda: {mutant})").body
                mutants.append(f"line {node.lineno}: {mutant}")
    _Asking(asks).visit(tree)
    program = ast.unparse(ast.fix_missing_locations(tree))
    end = "\nprint('survived:', sorted(_survived))\n"
    return _PRELUDE.format(count=len(mutants)) + program + end, mutants


def _other_assertions(test: ast.expr, rng: random.Random) -> Iterator[str]:
    """An assertion with one of its numbers or open axes another, or two axes swapped."""
    for one in ast.walk(test):
        if isinstance(one, ast.Constant) and (one.value is None or type(one.value) is int):
            true, one.value = one.value, int(_other_number(str(one.value or 0), rng))
            yield ast.unparse(test)
            one.value = true
        if isinstance(one, ast.Tuple):
            for n in range(len(one.elts) - 1):
                before = one.elts
                if ast.unparse(before[n]) != ast.unparse(before[n + 1]):
                    one.elts = [*before[:n], before[n + 1], before[n], *before[n + 2 :]]
                    yield ast.unparse(test)
                    one.elts = before


class _Asking(ast.NodeTransformer):
    """Puts what asks the mutants after their assertion."""

    def __init__(self, asks: dict[ast.Assert, list[ast.stmt]]) -> None:
        self.asks = asks

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        return [node, *self.asks[node]]


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


def _output_line_dropped(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        yield _replaced(page, line)


def _output_line_doubled(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        yield _replaced(page, line, *[page.lines[line - 1]] * 2)


def _output_lines_swapped(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet)[:-1]:
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


def _error_type(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        text = page.lines[line - 1]
        if match := _ERROR.match(text.strip()):
            other = rng.choice(
                [e for e in ("ValueError", "TypeError", "KeyError") if e != match[1]]
            )
            yield _replaced(page, line, text.replace(match[1], other, 1))


def _error_word(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        text = page.lines[line - 1]
        if match := _ERROR.match(text.strip()):
            word = rng.choice(re.findall(r"[A-Za-z]+", match[2]))
            yield _replaced(page, line, text.replace(word, word[::-1] + "s", 1))


def _warning_dropped(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        if _WARNING.match(page.lines[line - 1].strip()):
            yield _replaced(page, line)


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
    _output_line_dropped,
    _output_line_doubled,
    _output_lines_swapped,
    _output_deleted,
    _output_added,
    _error_type,
    _error_word,
    _warning_dropped,
    _code_number,
    _code_word,
    _code_line_dropped,
    _table_code,
    _indentation,
)
