"""Read the script of an example as a notebook, and refuse what isn't the same as a program."""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import jupytext
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
USED_METADATA = ("alt", "folded")
MAGIC = "a magic works only in a notebook; fix it: write it in Python, or remove it"
NOT_THE_SAME = (
    "a notebook reads this differently from a program; fix it: begin a cell of code with # %%, "
    "keep whole statements in it, and only comments in other cells"
)
REFUSED = {
    r"\A\s*\Z": "an empty file; fix it: write the example, or remove the file",
    r"[\0\v\f\r\x1c-\x1e\x85\u2028\u2029\ufeff]": "an invisible character (a byte-order mark, a "
    "form feed, or the like); fix it: remove it",
    r"(?m)^# ?%%.*\bactive[=-]": "an active cell; fix it: begin it with # %% alone",
}


class ExampleError(Exception):
    """An example that fails; its text is `path:line: error`."""


@dataclass(frozen=True)
class Example:
    """An example as a notebook; `lines` has the line of `path` on which each cell begins."""

    path: Path
    notebook: NotebookNode
    lines: list[int]

    def error(self, message: str, cell: int, line: int = 1) -> ExampleError:
        """An error on a line, from 1, of a cell, from 0."""
        return ExampleError(f"{self.path}:{self.lines[cell] + line - 1}: {message}")


def read_example(script: Path, path: Path) -> Example:
    """Read a script, which errors call `path`, as a notebook with the same statements.

    Raises ExampleError where it can't be read, or holds what only a notebook or only a program
    would run.
    """
    text = _text(script, path)
    program = _parsed(text, path)
    notebook = jupytext.reads(text, PERCENT)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    example = Example(path, notebook, [])
    statements: list[str] = []
    line, end = 1, 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {one: cell.metadata[one] for one in USED_METADATA if one in cell.metadata}
        if cell.cell_type == "code":
            cell.source = re.sub(r"\A(\s*\n)+", "", cell.source).rstrip()
            statements += _statements(cell.source)
            if (start := f"\n{text}".find(f"\n{cell.source}", end)) >= 0:
                line, end = text.count("\n", 0, start) + 1, start + len(cell.source)
        example.lines.append(line)
    for node, statement in zip_longest(program, statements):
        if not node or ast.dump(node) != statement:
            raise _refused(path, node.lineno if node else line, NOT_THE_SAME)
    for number, cell in enumerate(notebook.cells):
        for line in _commented_magics(cell.source) if cell.cell_type == "code" else ():
            raise example.error(MAGIC, number, line)
    return example


def _refused(path: Path, line: int, message: str) -> ExampleError:
    return ExampleError(f"{path}:{line}: {message}")


def _text(script: Path, path: Path) -> str:
    """The text of a script. Raises ExampleError where jupytext would read another."""
    if not re.fullmatch(r"[\w-]+", script.stem):
        said = "a file name with other than letters, digits, _ and -; fix it: rename the file"
        raise _refused(path, 1, said)
    data = script.read_bytes().replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(path, line, "not UTF-8; fix it: save the file as UTF-8") from None
    for pattern, message in REFUSED.items():
        if found := re.search(pattern, text):
            raise _refused(path, text.count("\n", 0, found.start()) + 1, message)
    return text


def _parsed(text: str, path: Path) -> list[ast.stmt]:
    """The statements of a program. Raises ExampleError where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # for a warning, such as of "\d", raises SyntaxError
            compile(text, path, "exec")
            return ast.parse(text).body
    except SyntaxError as error:
        line = error.lineno or 1
        source = f"{text}\n\n".split("\n")[line - 1].strip()
        is_magic = "get_ipython()" in TransformerManager().transform_cell(source)
        raise _refused(path, line, MAGIC if is_magic else f"SyntaxError: {error.msg}") from None


def _statements(source: str) -> list[str]:
    """What IPython would run of a cell, statement by statement."""
    try:
        return [
            ast.dump(one) for one in ast.parse(TransformerManager().transform_cell(source)).body
        ]
    except SyntaxError:
        return ["a part of a statement"]


def _commented_magics(source: str) -> Iterator[int]:
    """The lines, from 1, of comments that jupytext would by default make magics."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and re.match(r"#\s*(%+[a-zA-Z]|!\s*\w)", token.string):
            yield token.start[0]
