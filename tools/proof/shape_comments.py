"""Shape comments: the shapes and counts that code states, and what a value answers to them.

They are written as Python writes them: `(8, 2, 3)` for a shape, `168` for a count, several with
commas between: `(8, 3), (8, 3)`.
"""

from __future__ import annotations

import ast
import io
import numbers
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Tuple

_SIZE = r"(?:0|[1-9]\d*)"
SHAPE = rf"(?<![\w.\])])\(\s*(?:(?:{_SIZE}|None)\s*,\s*)+(?:(?:{_SIZE}|None)\s*)?\)"
_VALUE = rf"(?:{SHAPE}|\(\)|{_SIZE}(?!\d))"
_COMMENT = re.compile(rf"#\s*({_VALUE}(?:,\s*{_VALUE})*)\s*(?::\D*)?")
_LIST = re.compile(r"(?<!\w)[\[(]\s*(?:\d+|None)\s*(?:,\s*(?:\d+|None)\s*)*,?\s*[\])]")
_NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)*)")
_YEAR = re.compile(r"20[12]\d")

Valued = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Return)
Place = Tuple[int, int]


@dataclass(frozen=True)
class ShapeComment:
    """A shape comment: its line in the snippet, from 1, and its text.

    `statement`: the line and the column where the statement begins whose value it states.
    """

    line: int
    text: str
    statement: Place

    @property
    def values(self) -> list[object]:
        """The shapes and counts, as Python values."""
        return list(ast.literal_eval(f"[{self.text}]"))


@lru_cache(maxsize=4096)  # a page is parsed again for each of its mutants
def find_comments(code: str) -> tuple[tuple[ShapeComment, ...], tuple[int, ...]]:
    """Find the shape comments of a snippet.

    Returns them, and the lines of other comments that state a shape or a count, which nothing
    can check: not at the end of a statement that makes a value, or in other words. Code that
    doesn't parse has neither: running it says why.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (), ()
    last = sorted(_valued(tree), key=lambda node: node.end_col_offset or 0)
    checkable = {node.end_lineno: (node.lineno, node.col_offset) for node in last}
    comments, unchecked = [], []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        match = _COMMENT.fullmatch(token.string)
        trails = bool(token.line[: token.start[1]].strip())
        if match and trails and line in checkable:
            comments.append(ShapeComment(line, match[1], checkable[line]))
        elif (
            (trails and re.match(r"#\s*\d", token.string))
            or _LIST.search(token.string)
            or numbers_in(token.string, smallest=10)
        ):
            unchecked.append(line)
    return tuple(comments), tuple(unchecked)


def attach_checks(tree: ast.Module, comments: dict[Place, int], name: str) -> None:
    """Make `name(value, line)` see the value of each statement that has a shape comment.

    `comments`: where the statement begins → the line of its comment.
    """
    for node in _valued(tree):
        line, value = comments.get((node.lineno, node.col_offset)), node.value
        if line and value:
            call = ast.Call(ast.Name(name, ast.Load()), [value, ast.Constant(line)], [])
            node.value = ast.copy_location(call, value)
            ast.fix_missing_locations(node)


def _valued(tree: ast.Module) -> Iterator[ast.Assign | ast.AnnAssign | ast.Expr | ast.Return]:
    """The statements that make a value a reader can name: assignments, expressions, returns."""
    for node in ast.walk(tree):
        if isinstance(node, Valued) and node.value:
            yield node


def answer(value: object) -> list[object]:
    """What `value` answers to a shape comment: its shape, a count, or those of its parts.

    A tensor, array or variable answers its shape; a tuple of ints and None is a
    shape itself; an int is a count; a list or tuple of such answers one by one.
    Raises TypeError where there is nothing of the kind.
    """
    one = _answer_one(value)
    if one is not None:
        return [one]
    if isinstance(value, (list, tuple)) and value:
        parts = [_answer_one(part) for part in value]
        if None not in parts:
            return parts
    raise TypeError(f"{type(value).__name__} has no shape and is no count")


def _answer_one(value: object) -> object:
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, numbers.Number) or type(value).__name__ == "bool":
        return None
    shape = getattr(value, "shape", value)
    if hasattr(shape, "as_list"):  # tf.TensorShape
        shape = tuple(shape.as_list())
    if isinstance(shape, tuple) and all(size is None or type(size) is int for size in shape):
        return shape
    return None


def format_answers(answers: list[object]) -> str:
    """Answers as a page writes them: `(8, 3), (8, 3)`."""
    return ", ".join(str(one) for one in answers)


def numbers_in(text: str, *, smallest: int = 0) -> list[str]:
    """The shapes in `text`, then its other numbers from `smallest` on.

    Digits inside names (float32) and versions (3.15.1) are no numbers; where only large
    ones count, years aren't either. `8x9` is two numbers, `10,800` is one.
    """
    shapes = [match[0] for match in re.finditer(SHAPE, text)]
    rest = re.sub(r"(?<=\d)[x\u00d7](?=\d)", " ", re.sub(SHAPE, " ", text))
    return shapes + [
        number
        for number in _NUMBER.findall(rest)
        if number.count(".") < 2
        and float(number.replace(",", "")) >= smallest
        and not (smallest and _YEAR.fullmatch(number))
    ]
