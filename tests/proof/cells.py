"""Run examples as notebooks, cell by cell: `python -m proof.cells KEY KEPT LIMIT SCRIPT...`.

TensorFlow is imported once. Each example then runs in a fork of this process, so it sees
nothing of the others; as many run at once as there are cores. An executed notebook is put
into KEPT; the first error ends the run, and is all that is printed.
"""

import contextlib
import io
import os
import shutil
import signal
import sys
import time
import traceback
from importlib import import_module
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import jupytext
import matplotlib
import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib_inline import backend_inline
from matplotlib_inline.config import InlineBackend
from nbformat import NotebookNode
from nbformat.v4 import new_output

PRELOADED = ("keras", "tf_keras", "matplotlib.pyplot")
SVG = "image/svg+xml"

_outputs: list[NotebookNode] = []  # of the cell that runs


class CellError(Exception):
    """A cell that fails; its text is `path:line: error`."""


class _Stream(io.TextIOBase):
    """Keeps what is written to it among the outputs of the cell."""

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


def run_notebook(script: Path, key: str) -> NotebookNode:
    """Run a script as a notebook, in this process and folder. Raises CellError."""
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "executed": key,
    }
    shell = _shell(key)
    sys.stdout, sys.stderr = _Stream("stdout"), _Stream("stderr")
    source, place = script.read_text(encoding="utf-8"), 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type != "code":
            continue
        place = source.index(cell.source, place)
        first = source.count("\n", 0, place) + 1
        _outputs.clear()
        result = shell.run_cell(cell.source, store_history=True)
        if error := result.error_before_exec or result.error_in_exec:
            line = first + _line(error) - 1
            raise CellError(f"{script}:{line}: {type(error).__name__}: {error}")
        cell.execution_count, cell.outputs = result.execution_count, list(_outputs)
        for output in cell.outputs:
            if SVG in output.get("data", {}):
                if "alt" not in cell.metadata:
                    raise CellError(
                        f"{script}:{first}: a plot without words for who can't see it; "
                        'begin its cell with # %% alt="..."'
                    )
                output.metadata[SVG] = {"alt": cell.metadata["alt"]}
    return notebook


def _shell(key: str) -> InteractiveShell:
    """A shell whose outputs are kept, and whose plots are SVG: light, the same in each run."""
    shell = _Shell.instance()
    shell.history_manager.enabled = False
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


def _child(script: Path, key: str, kept: Path, said: connection.Connection) -> None:
    """Run one example, in a copy of its folder, and keep it; or say what failed."""
    os.setpgid(0, 0)  # so that all that it starts can be stopped with it
    folder = shutil.copytree(script.parent, Path.cwd() / script.stem)
    os.chdir(folder)
    sys.path[0] = str(folder)
    try:
        notebook = run_notebook(script, key)
    except CellError as error:
        said.send(str(error))
        return
    target = kept / f"{script.stem}.ipynb"
    nbformat.write(notebook, target.with_suffix(".new"))
    target.with_suffix(".new").replace(target)


def run_all(scripts: list[Path], key: str, kept: Path, limit: float) -> None:
    """Run scripts side by side, each within `limit` seconds.

    Raises CellError for the first that fails, and stops the others.
    """
    fork = get_context("fork")
    waiting, running = list(scripts), {}
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                script = waiting.pop(0)
                heard, said = fork.Pipe(duplex=False)
                process = fork.Process(target=_child, args=(script, key, kept, said))
                process.start()
                said.close()
                running[process.sentinel] = script, process, heard, time.monotonic() + limit
            script, *_, end = min(running.values(), key=lambda one: one[-1])
            ended = connection.wait(list(running), max(0, end - time.monotonic()))
            if not ended:
                raise CellError(f"{script}:1: it did not end within {limit:g} s")
            for sentinel in ended:
                _check(*running.pop(sentinel)[:3])
    finally:
        for _, process, *_ in running.values():
            os.killpg(process.pid, signal.SIGKILL)


def _check(script: Path, process: BaseProcess, heard: connection.Connection) -> None:
    """Raise CellError where an example that has ended failed."""
    process.join()
    with contextlib.suppress(EOFError):
        raise CellError(heard.recv())
    if process.exitcode:
        raise CellError(f"{script}:1: it ended Python itself, with status {process.exitcode}")


def main(key: str, kept: str, limit: str, *names: str) -> None:
    """Import what the scripts need, then run them."""
    scripts = [Path(name) for name in names]
    sources = "".join(script.read_text(encoding="utf-8") for script in scripts)
    for name in PRELOADED:
        if name in sources:
            import_module(name)
    try:
        run_all(scripts, key, Path(kept), float(limit))
    except CellError as error:
        print(error)
        sys.exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
