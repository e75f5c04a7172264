"""Execute the examples as notebooks, and keep what they showed.

What is kept is used again only where nothing that could change it has changed: the
examples, the lock, Python and the packages that are really installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from proof.runner import environment

CELL_LIMIT = 300
_COLOR = re.compile(r"\x1b\[[0-9;]*m")


class ExampleError(Exception):
    """An example that fails; its text is `path:line: error`."""


def execute_examples(examples: Path, lock: Path, kept: Path) -> list[Path]:
    """Return the examples as executed notebooks, in `kept`. Raises ExampleError."""
    key = _key(examples, lock)
    return [_execute(script, key, kept) for script in sorted(examples.glob("*.py"))]


def _key(examples: Path, lock: Path) -> str:
    digest = hashlib.sha256()
    for path in [lock, *sorted(examples.rglob("*")), Path(__file__)]:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    installed = sorted(f"{one.name}=={one.version}" for one in distributions())
    digest.update("\n".join([sys.version, sys.platform, *installed]).encode())
    return digest.hexdigest()


def _execute(script: Path, key: str, kept: Path) -> Path:
    target = kept / f"{script.stem}.ipynb"
    if target.exists():
        old = nbformat.read(target, as_version=4)
        if old.metadata.get("executed") == key:
            return target
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "executed": key,
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {}
    with tempfile.TemporaryDirectory(prefix="example-") as home:
        folder = shutil.copytree(script.parent, Path(home, "examples"))
        started: list[nbformat.NotebookNode] = []
        client = NotebookClient(
            notebook,
            timeout=CELL_LIMIT,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            # What C writes to the console is TensorFlow's noise, and goes nowhere.
            extra_arguments=["--IPKernelApp.capture_fd_output=False"],
            record_timing=False,
            on_cell_execute=lambda cell, cell_index: started.append(cell),
            coalesce_streams=True,
        )
        try:
            client.execute(env=environment(home), stderr=subprocess.DEVNULL)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise _failure(script, started[-1], error) from None
    kept.mkdir(parents=True, exist_ok=True)
    new = target.with_suffix(f".{os.getpid()}")  # two builds at once don't meet
    nbformat.write(notebook, new)
    return new.replace(target)


def _failure(script: Path, cell: nbformat.NotebookNode, error: Exception) -> ExampleError:
    """Name the line of the script on which the failing cell begins, and the error."""
    line = script.read_text(encoding="utf-8").partition(cell.source)[0].count("\n") + 1
    said = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
    return ExampleError(f"{script}:{line}: the cell here fails: {_COLOR.sub('', said)}")
