"""Shapes and formulas in names, `(batch, timesteps, units)`: what they are in numbers."""

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

from proof.evidence import Evidence, Shape, shapes_in

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}

Sizes = set[int | None]


class _Unbound(Exception):
    """A name without a size."""


def is_in_names(span: str) -> bool:
    """Whether a span of code is a shape or a formula in names."""
    tree = _parsed(span)
    return isinstance(tree, ast.Tuple | ast.BinOp) and _has_names(tree)


def unanswered(span: str, evidence: Evidence) -> Iterator[str]:
    """What is wrong with the shapes and formulas in a span of code."""
    tree = _parsed(span)
    for node in ast.walk(tree) if tree else ():
        try:
            if isinstance(node, ast.Tuple) and _has_names(node):
                found = _shape(node, node is tree, evidence)
            elif isinstance(node, ast.BinOp) and node is tree and _has_names(node):
                found = _formula(node, evidence)
            else:
                continue
        except _Unbound as name:
            advice = "bind it to a number in code of this section, or of the page's opening"
            yield f"`{name}` in `{span}` has no size; {advice}"
        else:
            if found:
                yield f"`{ast.unparse(node)}` is {found} here, which is no answer in this section"


def _parsed(span: str) -> ast.expr | None:
    try:
        return ast.parse(span, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _has_names(node: ast.Tuple | ast.BinOp) -> bool:
    """Whether all of it is names, numbers and signs, and a name among them."""
    kinds = (ast.Tuple, ast.BinOp, ast.Name, ast.Constant, ast.operator, ast.expr_context)
    nodes = list(ast.walk(node))
    return all(isinstance(one, kinds) for one in nodes) and any(
        isinstance(one, ast.Name) for one in nodes
    )


def _formula(tree: ast.BinOp, evidence: Evidence) -> str:
    """The values of a formula, where none of them is an answer, and code doesn't have it."""
    if ast.unparse(tree) in evidence.code:
        return ""
    values = _sizes(tree, evidence)
    answers = set(evidence.answers.replace(",", "").replace("`", " ").split())
    return "" if any(str(value) in answers for value in values) else _listed(values)


def _shape(node: ast.Tuple, is_alone: bool, evidence: Evidence) -> str:
    """The axes of a shape, where no answer fits; in other code, code will do."""
    axes = [_sizes(axis, evidence) for axis in node.elts]
    known = evidence.shapes if is_alone else evidence.shapes | shapes_in(evidence.code)
    if any(_fits(shape, axes) for shape in known):
        return ""
    if not is_alone and ast.unparse(node) in evidence.code:
        return ""
    return f"({', '.join(map(_listed, axes))})"


def _fits(shape: Shape, axes: list[Sizes]) -> bool:
    """Whether a shape has these axes; its batch may be open."""
    return len(shape) == len(axes) and all(
        size in axis or (n == 0 and size is None) or axis == {None}
        for n, (size, axis) in enumerate(zip(shape, axes, strict=True))
    )


def _sizes(node: ast.expr, evidence: Evidence) -> Sizes:
    """The sizes that an expression may stand for. Raises _Unbound."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, int | None) else set()
    if isinstance(node, ast.Name):
        if node.id not in evidence.sizes:
            raise _Unbound(node.id)
        return set(evidence.sizes[node.id])
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        apply = _OPERATORS[type(node.op)]
        sides = _sizes(node.left, evidence), _sizes(node.right, evidence)
        known = [[size for size in side if size is not None] for side in sides]
        return {apply(a, b) for a in known[0] for b in known[1]}
    return set()


def _listed(sizes: Sizes) -> str:
    return " or ".join(sorted(map(str, sizes)))
