"""What was run near a sentence: in its section, and in the opening of its page."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from markdown.extensions.toc import slugify

from proof.generations import KERAS_2, KERAS_3, in_keras_2
from proof.page import Page, read_page
from proof.sections import Section
from proof.shape_comments import SHAPE, find_comments

_FIGURE = re.compile(r"!\[[^\]]*\]\((?:[^()]*/)?([\w-]+\.svg)\)")
_LINK = re.compile(r"\]\(([^)#\s]+\.md)?(?:#([\w-]+))?\)")
# The sizes of the site's examples, where code binds no others.
_USUAL = {"batch": 8, "batch_size": 8, "timesteps": 2, "features": 10, "units": 3}

# Where a shape has the number of what, and which names in code stand for it.
_AXES = (
    ("(?:time)?steps?", -2, "step|length|window|look|horizon|frames"),
    ("features?|columns?", -1, "feature|column|channel"),
    ("units?", -1, "unit"),
    ("sequences?|rows?|batch|windows?", 0, "batch|sequence|row|window|sample|clip"),
)

Figures = Mapping[str, str]  # the name of each figure's file, and the words drawn in it
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Piece:
    """Something that was run: its section, its generation, its text, and whether it answers.

    `program`: which of them it is of; the same in both generations.
    """

    section: Section
    generation: str | None
    text: str
    is_answer: bool
    program: str = ""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was run near a sentence, once for the same pieces.

    `answers`: outputs, shape comments, run cells and what stands in figures.
    `code`: other code that was run.
    """

    pieces: tuple[Piece, ...]

    @staticmethod
    @lru_cache(maxsize=4096)  # a page is judged again for each of its mutants
    def of(pieces: tuple[Piece, ...]) -> "Evidence":
        """The evidence of these pieces."""
        return Evidence(pieces)

    def runs(self, generation: str) -> bool:
        """Whether something of it is run in a generation."""
        return any(piece.generation == generation for piece in self.pieces) or self.has_both

    def shows_alone(self, pattern: str, generation: str) -> bool:
        """Whether a program shows this in one generation, and not in the other."""
        shown = {
            one: {
                piece.program
                for piece in self.pieces
                if piece.generation == one and piece.is_answer and re.search(pattern, piece.text)
            }
            for one in (KERAS_3, KERAS_2)
        }
        mine = shown.pop(generation)
        return bool(mine.difference(*shown.values())) or (
            self.has_both and bool(re.search(pattern, self.answers))
        )

    @cached_property
    def has_both(self) -> bool:
        """Whether some code of it takes both generations."""
        return any("tf_keras" in piece.text for piece in self.pieces if not piece.generation)

    @cached_property
    def differs(self) -> bool:
        """Whether something shows another thing in Keras 2 than in Keras 3, or is another."""
        by_generation = [
            sorted(in_keras_2(piece.text) for piece in self.pieces if piece.generation == one)
            for one in (KERAS_3, KERAS_2)
        ]
        return by_generation[0] != by_generation[1] or self.has_both

    @cached_property
    def answers(self) -> str:
        """What was shown, a line each."""
        return "\n".join(piece.text for piece in self.pieces if piece.is_answer)

    @cached_property
    def code(self) -> str:
        """What was run."""
        return "\n".join(piece.text for piece in self.pieces if not piece.is_answer)

    @cached_property
    def text(self) -> str:
        """All of it."""
        return f"{self.answers}\n{self.code}"

    @cached_property
    def shapes(self) -> set[Shape]:
        """The shapes among the answers."""
        return shapes_in(self.answers)

    def has(self, number: int, what: str) -> bool:
        """Whether something run has this number of steps, features, units, axes and the like."""
        if what.startswith("ax"):
            return number in {len(shape) for shape in self.shapes}
        if re.match("tensors?|states?", what):
            return number in self.together
        for stem, at, names in _AXES:
            if re.match(stem, what):
                sizes = [size for name, size in self.sizes.items() if re.search(names, name)]
                counted = str(number) in self.answers.split("\n")
                return counted or any(
                    number in one
                    for one in (*sizes, *(shape[at:][:1] for shape in self.all_shapes))
                )
        return number in self.numbers

    @cached_property
    def all_shapes(self) -> set[Shape]:
        """The shapes among the answers, and in other code."""
        return self.shapes | shapes_in(self.code)

    @cached_property
    def together(self) -> set[int]:
        """How many shapes stand in a line."""
        return {len(re.findall(SHAPE, line)) for line in self.answers.split("\n")}

    @cached_property
    def numbers(self) -> set[int]:
        """How many shapes stand in a line, and the small numbers that stand in none."""
        alone = re.sub(SHAPE, " ", f"{self.answers}\n{self.code}")
        return self.together | set(map(int, re.findall(r"(?<![\w.,-])\d{1,2}(?![\w.,-])", alone)))

    @cached_property
    def sizes(self) -> Mapping[str, set[int]]:
        """What each name of code, bound to a whole number, stands for."""
        sizes: defaultdict[str, set[int]] = defaultdict(set)
        for piece in self.pieces:
            for name, size in [] if piece.is_answer else _bound(piece.text):
                sizes[name].add(size)
        if "batch_size" in sizes:
            sizes["batch"] |= sizes["batch_size"]
        return {name: {size} for name, size in _USUAL.items()} | sizes


def shapes_in(text: str) -> set[Shape]:
    """The shapes that are written in a text."""
    return {ast.literal_eval(shape) for shape in re.findall(SHAPE, text)}


def drawn(line: str, figures: Figures) -> list[str]:
    """What stands in the figures that a line of prose shows."""
    return [figures[name] for name in _FIGURE.findall(line) if name in figures]


class PageEvidence:
    """The evidence for each line of a page: what stands under its heading, and in the opening.

    Where nothing is run there, and not even in the opening, it is what the line links to, or for a
    heading what is linked to under it.
    """

    def __init__(self, page: Page, figures: Figures) -> None:
        self.page = page
        self.pieces = tuple(_pieces(page, figures))
        self.known: dict[tuple[Section, str | None, bool], Evidence] = {}

    def near(self, line: int, generation: str | None = None, *, opening: bool = True) -> Evidence:
        """What was run for a line, in one generation where it isn't None."""
        key = self.page.sections[line], generation, opening
        if key not in self.known:
            pieces = [
                piece
                for piece in self.pieces
                if piece.section in self.page.sections[line]
                or (opening and piece.section.is_opening)
            ]
            self.known[key] = Evidence.of(tuple(_of(generation, pieces)))
        if not self.known[key].pieces:
            section = self.page.sections[line]
            end = section.end if line == section.start else line + 1
            return self.linked("\n".join(self.page.lines[line - 1 : end - 1]), generation)
        return self.known[key]

    def linked(self, text: str, generation: str | None = None) -> Evidence:
        """What is run in the sections that a text links to."""
        return Evidence.of(tuple(_of(generation, self._linked(text))))

    def _linked(self, text: str) -> Iterator[Piece]:
        for file, anchor in _LINK.findall(text):
            path = self.page.path.parent / file if file else self.page.path
            if path.is_file():
                other = _evidence_at(path, path.stat().st_mtime_ns)
                yield from other.near(other.anchors.get(anchor, 1)).pieces

    @cached_property
    def anchors(self) -> dict[str, int]:
        """The line of each heading, by what a link to it says."""
        starts = {section.start for section in self.page.sections.values() if section.start}
        return {slugify(self.page.lines[start - 1], "-"): start for start in sorted(starts)}


@lru_cache(maxsize=256)
def _evidence_at(path: Path, _modified: int) -> PageEvidence:
    return PageEvidence(read_page(path, path), {})


def _of(generation: str | None, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Those pieces that hold in a generation."""
    return (one for one in pieces if not generation or one.generation in (None, generation))


def _pieces(page: Page, figures: Figures) -> Iterator[Piece]:
    sections = page.sections
    for snippet in page.snippets:
        section, generation = sections[snippet.fence.line], snippet.generation
        yield Piece(section, generation, snippet.code, is_answer=False)
        program = str(snippet.tab.first if snippet.tab else snippet.fence.line)
        for text in (snippet.output or "", *(comment.text for comment in snippet.comments)):
            yield Piece(section, generation, text, is_answer=True, program=program)
        for table in snippet.tables:
            headers = [header for header in table.headers if header]
            yield Piece(section, generation, "\n".join(headers), is_answer=False)
            for row in table.rows:
                first, *others = zip(table.headers, row.cells, strict=True)
                section = sections[row.line]
                yield Piece(section, generation, first[1].strip("`"), is_answer=False)
                for header, cell in others:
                    if header:
                        program = f"{header}: {first[1]}"
                        yield Piece(section, generation, cell, is_answer=True, program=program)
    for line, text in page.prose:
        for words in drawn(text, figures):
            yield Piece(sections[line], None, words, is_answer=True)


def _bound(code: str) -> Iterator[tuple[str, int]]:
    """The names that code binds to whole numbers, with these.

    Several at once by a tuple, `batch, timesteps = 8, 2`, or by a shape whose sizes stand in a
    shape comment: `batch, timesteps = x.shape  # (8, 2)`.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    commented = {comment.line: comment.values[0] for comment in find_comments(code)[0]}
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Constant(value)):
                bound = [(name, value)]
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)):
                constants = [one.value if isinstance(one, ast.Constant) else None for one in values]
                bound = list(zip(map(ast.unparse, names), constants, strict=False))
            case ast.Assign([ast.Tuple(names)], end_lineno=int(line)):
                shape = commented.get(line)
                sizes = shape if isinstance(shape, tuple) else ()
                bound = list(zip(map(ast.unparse, names), sizes, strict=False))
            case _:
                continue
        for name, size in bound:
            if type(size) is int:
                yield name, size
