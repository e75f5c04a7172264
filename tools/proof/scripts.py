"""Read the script of an example as a notebook, and refuse what isn't the same as a program."""

import ast
import re
import warnings
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
    r"(?m)^[ \t]*#[ \t]*(%+[a-zA-Z]|![ \t]*\w)": MAGIC,  # by default, jupytext would make it one
}


class ExampleError(Exception):
    """An example that fails; its text is `path:line: error`."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


@dataclass(frozen=True)
class Example:
    """An example as a notebook; `lines` has the line of `path` on which each cell begins."""

    path: Path
    notebook: NotebookNode
    lines: list[int]

    def error(self, message: str, cell: int, line: int = 1) -> ExampleError:
        """An error on a line, from 1, of a cell, from 0."""
        return ExampleError(self.path, self.lines[cell] + line - 1, message)


def read_example(path: Path, source: bytes) -> Example:
    """Read a script as a notebook with the same statements.

    Raises ExampleError where it can't be read, or holds what only a notebook or only a program
    would run.
    """
    text = _text(path, source)
    program = _parsed(path, text)
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
            cell.source = cell.source.strip("\n")
            statements += _statements(cell.source)
            if (start := f"\n{text}".find(f"\n{cell.source}", end)) >= 0:
                line, end = text.count("\n", 0, start) + 1, start + len(cell.source)
        example.lines.append(line)
    for node, statement in zip_longest(program, statements):
        if not node or ast.dump(node) != statement:
            raise ExampleError(path, node.lineno if node else line, NOT_THE_SAME)
    return example


def _text(path: Path, source: bytes) -> str:
    """The text of a script. Raises ExampleError where jupytext would read another."""
    if not re.fullmatch(r"[\w-]+", path.stem):
        said = "a file name with other than letters, digits, _ and -; fix it: rename the file"
        raise ExampleError(path, 1, said)
    source = source.replace(b"\r\n", b"\n")
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ExampleError(path, line, "not UTF-8; fix it: save the file as UTF-8") from None
    for pattern, message in REFUSED.items():
        if found := re.search(pattern, text):
            raise ExampleError(path, text.count("\n", 0, found.start()) + 1, message)
    return text


def _parsed(path: Path, text: str) -> list[ast.stmt]:
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
        raise ExampleError(path, line, MAGIC if is_magic else f"SyntaxError: {error.msg}") from None


def _statements(cell: str) -> list[str]:
    """The statements of a cell of code."""
    try:
        return [ast.dump(one) for one in ast.parse(cell).body]
    except SyntaxError:
        return ["a part of a statement"]
