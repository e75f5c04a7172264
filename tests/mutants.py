"""Small lies in the real pages, to see that the proof catches each of them.

A mutant is a page with one change. It is caught where the page can't be read, differs from what
Python shows, states a number that nothing proves, or looks otherwise when it is built. It is
equivalent where a reader sees the same page, or Keras answers the same to the changed code.
"""

import ast
import difflib
import io
import random
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown import Markdown

from census import blocks_in_html, strayed_outputs
from proof.compare import failures, job_of
from proof.page import CODE_SPAN, MARKER, Page, PageError, Snippet, parse_page
from proof.runner import Memory, Runner
from proof.shape_comments import SHAPE, claims_in
from proof.worker import Job

SNIPPET_LIMIT = 20
SPELLINGS = (
    *("```", "``` python", "```py", "```python3", "```pycon", "```Python", "```{.python}"),
    *('```python title="a.py"', '```python hl_lines="1"', "````python", "~~~python", "> ```python"),
)
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
    """Every mutant of a page, in the page's order; `rng` chooses among like changes."""
    for operator in (*_ON_SNIPPETS, *_ON_PAGES):
        units = page.snippets if operator in _ON_SNIPPETS else [None]
        for unit in units:
            for line, lines in operator(page, unit, rng):
                if lines != page.lines:
                    yield Mutant(page, operator.__name__.strip("_"), line, lines)


class Judge:
    """Judges mutants; keeps what each snippet showed, so that only changed ones are run."""

    def __init__(self, runner: Runner, extensions: list) -> None:
        self.memory = Memory(runner, SNIPPET_LIMIT)
        self.extensions = extensions

    def verdict(self, mutant: Mutant) -> str:
        """'caught', 'equivalent' or 'survived'."""
        try:
            lie = parse_page("\n".join(mutant.lines), mutant.page.path)
        except PageError:
            return "caught"
        if any(failures(lie, self.memory)):
            return "caught"
        html = self.rendered(lie)
        shown = [(language, text.strip("\n")) for language, text in lie.blocks]
        if blocks_in_html(html) != shown or strayed_outputs(html):
            return "caught"
        # Code that was changed, was run, and showed what the page says: Keras answers alike.
        alike = jobs_of(lie) != jobs_of(mutant.page)
        return "equivalent" if alike or html == self.rendered(mutant.page) else "survived"

    def rendered(self, page: Page) -> str:
        """The page as the site's Markdown settings render it."""
        names = [name for one in self.extensions for name in ([one] if type(one) is str else one)]
        settings = {k: v for one in self.extensions if type(one) is dict for k, v in one.items()}
        body = Markdown(extensions=names, extension_configs=settings).convert("\n".join(page.lines))
        return f"<article>{body}</article>"


def jobs_of(page: Page) -> list[Job]:
    """What is run for a page."""
    return [job_of(snippet, page.path) for snippet in page.snippets]


Change = Iterator[tuple[int, tuple[str, ...]]]


_JUDGE = """
_standing = set(range({count}))


def _lie(number, answer):
    try:
        if not answer():
            _standing.discard(number)
    except Exception:
        _standing.discard(number)


"""


def with_lies(code: str, rng: random.Random) -> tuple[str, list[str]]:
    """A program that also asks each of its assertions with one of its numbers another.

    Returns it, and its lies. It runs as before, and at its end prints the numbers of the
    lies that would have passed, or were never asked.
    """
    tree = ast.parse(code)
    lies: list[str] = []
    asks: dict[ast.Assert, list[ast.stmt]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            asks[node] = []
            for lie in _lies(node.test, rng):
                asks[node] += ast.parse(f"_lie({len(lies)}, lambda: {lie})").body
                lies.append(f"line {node.lineno}: {lie}")
    _Asking(asks).visit(tree)
    judged = ast.unparse(ast.fix_missing_locations(tree))
    return _JUDGE.format(
        count=len(lies)
    ) + judged + "\nprint('standing:', sorted(_standing))\n", lies


def _lies(test: ast.expr, rng: random.Random) -> Iterator[str]:
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
    """Puts what asks the lies behind their assertion."""

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


def _output_digit(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for line in _output_lines(page, snippet):
        for new in _numbers_changed(page.lines[line - 1], rng):
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
    for claim in claims_in(snippet.code)[0]:
        line = snippet.fence.line + claim.line
        before, _, after = page.lines[line - 1].rpartition(claim.text)
        for new in (*_numbers_changed(claim.text, rng), *_axes_swapped(claim.text)):
            yield _replaced(page, line, before + new + after)


def _table_cell(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    for row in (row for table in snippet.tables for row in table.rows):
        text = page.lines[row.line - 1]
        for new in (*_numbers_changed(text, rng), *_axes_swapped(text)):
            yield _replaced(page, row.line, new)


def _spelling(page: Page, snippet: Snippet, rng: random.Random) -> Change:
    fence = snippet.fence
    for spelling in SPELLINGS:
        yield _replaced(page, fence.line, fence.indent + spelling)
    if snippet.output_fence:
        line = fence.end + 1
        while page.lines[line - 1].strip() != MARKER:
            line += 1
        for other in (MARKER.replace("-codeblocks", "_codeblocks"), MARKER.replace("d-", "d_"), ""):
            yield _replaced(page, line, fence.indent + other)
    if fence.indent:
        for line in (fence.line, fence.line + 1, fence.end):
            yield _replaced(page, line, page.lines[line - 1][2:])
            yield _replaced(page, line, "    " + page.lines[line - 1])


def _prose(page: Page, _: None, rng: random.Random) -> Change:
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


_ON_SNIPPETS: tuple[Callable, ...] = (
    _output_digit,
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
    _comment,
    _table_cell,
    _spelling,
)
_ON_PAGES: tuple[Callable, ...] = (_prose,)
