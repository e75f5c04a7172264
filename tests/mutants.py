"""Small changes in the real pages, to see that the proof catches each of them.

A mutant is a page with one change. It is caught where the page can't be read, differs from what
Python shows, states a number that nothing supports, or shows a reader other code than is run. It
is equivalent where a reader sees the same page, or Keras answers the same to the changed code.
"""

import ast
import difflib
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from proof.fences import CODE_SPAN
from proof.outputs import MARKER
from proof.page import Page, PageError, Snippet, parse_page
from proof.protocol import Job, Result
from proof.prove import Run, Site, job_of, prove_snippet, prove_text
from proof.rendered import render
from proof.shape_comments import SHAPE
from sentence_mutants import changed_sentences

_ERROR = re.compile(r"(\w*(?:Error|Exception|Exit)): (.+)")
_IMPORT = re.compile(r" *(?:import|from) ")


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
    sentences = (
        (operator, *_replaced(page, line, text))
        for operator, line, text in changed_sentences(page, rng)
    )
    for operator, line, lines in (*_changed_places(page, rng), *_changed_lines(page), *sentences):
        if lines not in seen:
            seen.add(lines)
            yield Mutant(page, operator, line, lines)


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
    """'refused' where the page can't be read, else 'caught', 'equivalent' or 'survived'."""
    try:
        changed = parse_page("\n".join(mutant.lines), mutant.page.path)
    except PageError:
        return "refused"
    # The others are true: they are proved where the page is.
    touched = [one for one in changed.snippets if one not in mutant.page.snippets]
    if any(problem for one in touched for problem in prove_snippet(changed, one, run)):
        return "caught"
    if any(prove_text(changed, run, site)):
        return "caught"
    # Code that was changed, was run, and showed what the page says: Keras answers alike.
    if jobs_of(changed) != jobs_of(mutant.page):
        return "equivalent"
    same = render(changed, site.markdown) == render(mutant.page, site.markdown)
    return "equivalent" if same else "survived"


def jobs_of(page: Page) -> list[Job]:
    """What is run for a page."""
    return [job_of(page, snippet) for snippet in page.snippets]


def _changed_places(page: Page, rng: random.Random) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """The operator, the line and the whole text of each change within a line."""
    for kind, line, start, end in places(page):
        text = page.lines[line - 1]
        for change in CHANGES[kind]:
            for new in change(text[start:end], rng):
                changed = text[:start] + new + text[end:]
                yield f"{kind}: {change.__name__}", *_replaced(page, line, changed)


def places(page: Page) -> Iterator[tuple[str, int, int, int]]:
    """What is changed within a line: its kind, its line, where it begins and ends in it."""
    for snippet in page.snippets:
        for line in _output_lines(snippet):
            yield "output", line, 0, len(page.lines[line - 1])
        for line in range(snippet.fence.line + 1, snippet.fence.end):
            yield "code", line, 0, len(page.lines[line - 1].partition("  # ")[0])
        for comment in snippet.comments:
            line = snippet.fence.line + comment.line
            start = page.lines[line - 1].rindex(comment.text)
            yield "comment", line, start, start + len(comment.text)
        for row in (row for table in snippet.tables for row in table.rows):
            first, *others = CODE_SPAN.finditer(page.lines[row.line - 1])
            yield "row", row.line, *first.span()
            for span in others:
                yield "answer", row.line, *span.span()
    for line, text in page.prose:
        if page.lines[line - 1] == text:
            for span in (*CODE_SPAN.finditer(text), *_shapes_in_images(text)):
                yield "prose", line, *span.span()


def _shapes_in_images(text: str) -> Iterator[re.Match[str]]:
    for image in re.finditer(r"!\[[^\]]*\]", text):
        yield from re.compile(SHAPE).finditer(text, *image.span())


def digits(text: str, rng: random.Random) -> Iterator[str]:
    """One of the digits another, for each digit."""
    for match in re.finditer(r"\d", text):
        at = match.start()
        yield text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]


def numbers(text: str, rng: random.Random) -> Iterator[str]:
    """One of the numbers another, for each number."""
    for match in re.finditer(r"(?<![\w.])\d+(?![\w.])", text):
        other = int(match[0]) + rng.choice([1, 2, 7])
        yield f"{text[: match.start()]}{other}{text[match.end() :]}"


def axes(text: str, rng: random.Random) -> Iterator[str]:
    """Two neighboring axes of a shape swapped, for each two that differ."""
    for match in re.finditer(SHAPE, text):
        sizes = [size.strip() for size in match[0].strip("()").split(",") if size.strip()]
        for n in range(len(sizes) - 1):
            if sizes[n] != sizes[n + 1]:
                other = [*sizes[:n], sizes[n + 1], sizes[n], *sizes[n + 2 :]]
                yield f"{text[: match.start()]}({', '.join(other)}){text[match.end() :]}"


def errors(text: str, rng: random.Random) -> Iterator[str]:
    """Another type of error, or another word in what it says."""
    if match := _ERROR.match(text.strip()):
        other = {"ValueError", "TypeError", "KeyError"} - {match[1]}
        yield text.replace(match[1], rng.choice(sorted(other)), 1)
        if found := re.findall(r"[A-Za-z]+", match[2]):
            word = rng.choice(found)
            yield text.replace(word, word[::-1] + "s", 1)


def outcomes(text: str, rng: random.Random) -> Iterator[str]:
    """Another type that a row raises or warns of, or a warning for an error, or the reverse."""
    if match := re.fullmatch(r"`(raises|warns) (\w+)`", text):
        yield f"`{match[1]} {match[2]}s`"
        yield f"`{'warns' if match[1] == 'raises' else 'raises'} {match[2]}`"


def words(text: str, rng: random.Random) -> Iterator[str]:
    """Another truth value, class of layer, or form of input."""
    for old, new in (
        ("True", "False"),
        ("False", "True"),
        ("LSTM(", "GRU("),
        ("GRU(", "LSTM("),
        ("SimpleRNN(", "GRU("),
        ("batch_input_shape=(8, ", "input_shape=("),
        ("batch_shape=(8, ", "shape=("),
        ("batch_shape=(batch_size, ", "shape=("),
    ):
        for match in re.finditer(rf"(?<!\w){re.escape(old)}", text):
            yield text[: match.start()] + new + text[match.end() :]


CHANGES: dict[str, tuple[Callable[[str, random.Random], Iterator[str]], ...]] = {
    "output": (digits, errors),
    "comment": (digits, axes),
    "answer": (digits, axes, outcomes),
    "code": (numbers, words),
    "row": (numbers,),
    "prose": (numbers, axes),
}
# What a run is compared with: to judge these, nothing is run again.
ANSWERS = (
    *("output: digits", "comment: digits", "comment: axes"),
    *("answer: digits", "answer: axes", "answer: outcomes"),
)


def _changed_lines(page: Page) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """The operator, the line and the whole text of each change of whole lines."""
    for snippet in page.snippets:
        fence, output = snippet.fence, snippet.output_fence
        for line in _output_lines(snippet):
            yield "line dropped", *_replaced(page, line)
            yield "line doubled", *_replaced(page, line, *[page.lines[line - 1]] * 2)
        for line in _output_lines(snippet)[:-1]:
            swapped = page.lines[line], page.lines[line - 1]
            yield "lines swapped", *_replaced(page, line, *swapped, count=2)
        if output:
            yield "output deleted", *_replaced(page, fence.end + 1, count=output.end - fence.end)
        else:
            block = ("", MARKER, "", "```text", "(8, 3)", "```")
            indented = [fence.indent + line if line else "" for line in block]
            yield "output added", *_replaced(page, fence.end + 1, *indented, count=0)
        code = [n for n in range(fence.line + 1, fence.end) if page.lines[n - 1].strip()]
        # The last line is the one that raises.
        for line in (n for n in code if _IMPORT.match(page.lines[n - 1]) or n == code[-1]):
            yield "code dropped", *_replaced(page, line)
        for line in (fence.line, fence.line + 1, fence.end) if fence.indent else ():
            yield "indentation", *_replaced(page, line, page.lines[line - 1][2:])
            yield "indentation", *_replaced(page, line, "    " + page.lines[line - 1])


def _output_lines(snippet: Snippet) -> range:
    output = snippet.output_fence
    return range(output.line + 1, output.end) if output else range(0)


def _replaced(page: Page, line: int, *new: str, count: int = 1) -> tuple[int, tuple[str, ...]]:
    """The page with `count` lines from `line` on replaced by others."""
    return line, (*page.lines[: line - 1], *new, *page.lines[line - 1 + count :])
