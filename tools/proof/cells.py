"""Run examples as notebooks, cell by cell: `python -m proof.cells KEPT LIMIT NAME=KEY...`.

TensorFlow is imported once. Each example then runs in a fork of this process, so it sees
nothing of the others; as many run at once as there are cores, in the order of their names.
An executed notebook is put into KEPT. The first failure ends the run.
"""

import contextlib
import gc
import io
import os
import re
import shutil
import signal
import sys
import time
import traceback
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import jupytext
import matplotlib
import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from matplotlib_inline import backend_inline
from matplotlib_inline.config import InlineBackend
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

PRELOADED = ("keras", "tf_keras", "matplotlib.pyplot")
SVG = "image/svg+xml"
WORDS = ("alt", "folded")  # what a cell may say of itself

_outputs: list[NotebookNode] = []  # of the cell that runs


class CellError(Exception):
    """A cell that fails: the line of the script, and what is wrong there."""


class _Stream(io.TextIOBase):
    """Keeps what is written to it among the outputs of the cell."""

    encoding = "utf-8"

    def __init__(self, name: str) -> None:
        self.name = name

    def write(self, text: str) -> int:
        if not (_outputs and _outputs[-1].get("name") == self.name):
            _outputs.append(new_output("stream", name=self.name, text=""))
        _outputs[-1].text += text
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(self, data: dict, metadata: dict | None = None, **_: object) -> None:
        _outputs.append(new_output("display_data", data=data, metadata=metadata or {}))


class _Hook(DisplayHook):
    """Keeps the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        count = self.prompt_count
        _outputs.append(new_output("execute_result", data=format_dict, execution_count=count))

    def finish_displayhook(self) -> None:
        pass


class _Shell(InteractiveShell):
    display_pub_class = _Publisher
    displayhook_class = _Hook


def run_notebook(script: Path, key: str, at: Synchronized) -> NotebookNode:
    """Run a script as a notebook, in this process and folder. Raises CellError.

    `at.value` is the line of the script on which the cell that runs begins.
    """
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "executed": key,
    }
    shell = _shell(key)
    sys.stdout, sys.stderr = _Stream("stdout"), _Stream("stderr")
    source, place = "\n" + script.read_text(encoding="utf-8"), 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {name: cell.metadata[name] for name in WORDS if name in cell.metadata}
        if cell.cell_type == "code":
            place = source.index("\n" + cell.source, place)
            at.value = source.count("\n", 0, place) + 1
            place += len(cell.source)
            _outputs.clear()
            result = shell.run_cell(cell.source, store_history=True)
            cell.execution_count, cell.outputs = result.execution_count, list(_outputs)
            _check(cell, result, at.value)
    return notebook


def _check(cell: NotebookNode, result: ExecutionResult, first: int) -> None:
    """Raise CellError where a cell, which begins on line `first`, failed or is not for readers."""
    if error := result.error_before_exec or result.error_in_exec:
        line = _line(error)
        said = str(error) or cell.source.split("\n")[line - 1].strip()
        raise CellError(first + line - 1, f"{type(error).__name__}: {said}")
    for output in cell.outputs:
        if output.get("name") == "stderr":
            raise CellError(first, f"a page shows no warnings and no log; mend it: {output.text}")
        if SVG in output.get("data", {}):
            if "alt" not in cell.metadata:
                raise CellError(
                    first,
                    "a plot without words for who can't see it; begin its cell with "
                    '# %% alt="..."',
                )
            output.metadata[SVG] = {"alt": cell.metadata["alt"]}
            output.data[SVG] = _lighter(output.data[SVG])


def _lighter(svg: str) -> str:
    """A plot with coordinates to a hundredth of a point, and its words as they are."""
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), svg)


def _shell(key: str) -> InteractiveShell:
    """A shell whose outputs are kept, and whose plots are SVG: light, the same in each run."""
    shell = _Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    backend_inline.configure_inline_support(shell, "inline")
    InlineBackend.instance().figure_formats = {"svg"}
    matplotlib.rcParams.update({"svg.hashsalt": key, "svg.fonttype": "none"})
    return shell


def _line(error: BaseException) -> int:
    """The line of a cell, from 1, in which an error is."""
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in frames if "ipython-input" in frame.filename), 1)


def _child(script: Path, key: str, kept: Path, at: Synchronized) -> None:
    """Run one example, beside what stands beside it but no other example, and keep it.

    Where it fails, what failed is left in a file with its name.
    """
    os.setpgid(0, 0)  # so that all that it starts can be stopped with it
    others = [path.name for path in script.parent.glob("*.py") if path != script]
    folder = Path.cwd() / script.stem
    shutil.copytree(script.parent, folder, ignore=shutil.ignore_patterns(*others))
    os.chdir(folder)
    sys.path[0] = str(folder)
    try:
        notebook = run_notebook(script, key, at)
        target = kept / f"{script.stem}.ipynb"
        nbformat.write(notebook, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)
    except Exception as error:
        line, said = error.args if isinstance(error, CellError) else (at.value, repr(error))
        _failed(script).write_text(f"{script}:{line}: {said}", encoding="utf-8")


def _failed(script: Path) -> Path:
    return script.parent.with_name(f"{script.stem}.failed")


def run_all(keys: dict[Path, str], kept: Path, limit: float) -> str:
    """Run scripts side by side, each within `limit` seconds, while standard input is open.

    Returns what the first that fails said, having stopped the others; "" where none does.
    """
    # A fork of a process that uses macOS's frameworks isn't safe; there each child imports.
    start = get_context("spawn" if sys.platform == "darwin" else "fork")
    waiting, running = list(keys), {}
    try:
        while waiting or running:
            while waiting and len(running) < _cores():
                script, at = waiting.pop(0), start.Value("i", 1)
                process = start.Process(target=_child, args=(script, keys[script], kept, at))
                process.start()
                with contextlib.suppress(OSError):  # it has done so itself
                    os.setpgid(process.pid, process.pid)
                running[process.sentinel] = script, process, at, time.monotonic() + limit
            script, _, at, end = min(running.values(), key=lambda one: one[-1])
            ended = wait([*running, sys.stdin], max(0, end - time.monotonic()))
            if sys.stdin in ended:
                return "the build was stopped"
            if not ended:
                return (
                    f"{script}:{at.value}: the cell here was not done within {limit:g} s; mend it"
                )
            for sentinel in ended:
                script, process, at, _ = running.pop(sentinel)
                _stop(process)
                if _failed(script).exists():
                    return _failed(script).read_text(encoding="utf-8")
                if not (kept / f"{script.stem}.ipynb").exists() or process.exitcode:
                    return f"{script}:{at.value}: the cell here ended Python itself; mend it"
        return ""
    finally:
        for _, process, *_ in running.values():
            _stop(process)


def _stop(process: BaseProcess) -> None:
    """Stop an example, and whatever it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(kept: str, limit: str, *arguments: str) -> None:
    """Import what the examples need, then run them; leave what failed in `failure`."""
    named = dict(argument.split("=") for argument in arguments)
    keys = {Path("examples", f"{name}.py").resolve(): key for name, key in named.items()}
    sources = "".join(script.read_text(encoding="utf-8") for script in keys)
    for name in PRELOADED:
        if name in sources:
            import_module(name)
    gc.freeze()  # what is imported is no work for a fork's collector
    if failure := run_all(keys, Path(kept), float(limit)):
        Path("failure").write_text(failure, encoding="utf-8")
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
