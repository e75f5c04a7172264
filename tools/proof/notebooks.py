"""Execute the examples as notebooks, each in a Jupyter kernel, and keep what they showed.

A kept notebook is used again only where nothing changed that could change it: the example, the
lock, this code, the settings, Python, and the installed packages.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import platform
import re
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from proof.installed import installed_digest
from proof.runner import environment
from proof.scripts import Example, read_example

KEPT = Path(".cache", "notebooks", "examples")
LIMIT = 300
SETTINGS = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",  # the same order in each set
    "SOURCE_DATE_EPOCH": "0",  # no time of day in a plot
    "JUPYTER_COLUMNS": "80",  # the width of what Rich displays
    # The same sums on any number of cores; examples run side by side instead.
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
MATPLOTLIBRC = "svg.hashsalt: examples\nsvg.fonttype: none\n"  # the same each time, text as text
KERNEL_OPTIONS = [
    "--InteractiveShell.automagic=False",
    "--InlineBackend.figure_formats=svg",
    "--IPKernelApp.capture_fd_output=False",  # no page shows what C++ code logs
]
SVG = "image/svg+xml"

# Evaluated in a kernel: the line of the cell on which the last error was raised, from 1.
ERROR_LINE = '__import__("sys").last_traceback.tb_next.tb_lineno'


def execute_examples(root: Path, limit: float = LIMIT) -> list[Path]:
    """Return the examples of a project as executed notebooks, in the order of their names.

    Raises ExampleError for one that is refused, fails, or isn't done within `limit` seconds.
    """
    kept = root / KEPT
    kept.mkdir(parents=True, exist_ok=True)
    notebooks, stale = [], {}
    with (
        open(kept / "lock", "w") as turn,
        tempfile.TemporaryDirectory(prefix="examples-", ignore_cleanup_errors=True) as home,
    ):
        fcntl.flock(turn, fcntl.LOCK_EX)  # a second build waits, and finds what the first kept
        surroundings = _surroundings(root / "requirements.txt")
        for script in sorted(root.glob("examples/*.py")):
            source, target = script.read_bytes(), kept / f"{script.stem}.ipynb"
            key = hashlib.sha256(surroundings + source).hexdigest()
            notebooks.append(target)
            if _kept_key(target) != key:
                stale[target] = read_example(script, source)
                stale[target].notebook.metadata["executed"] = key
        try:
            asyncio.run(_execute_all(stale, Path(home), limit))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
    return notebooks


def example_environment(home: Path) -> dict[str, str]:
    """The environment of each example, in which it shows the same and sees nothing of ours."""
    settings = environment(str(home)) | SETTINGS
    del settings["PYTHONPATH"]
    return settings


def _surroundings(lock: Path) -> bytes:
    """All that decides what an example shows, but the example."""
    settings = example_environment(Path()) | {"PATH": ""}
    machine = (sys.version, sys.platform, platform.machine())
    code = [Path(__file__).with_name(f"{name}.py") for name in ("notebooks", "scripts", "runner")]
    contents = [path.read_bytes() for path in (lock, *code)]
    return repr((settings, machine, installed_digest(), contents)).encode()


def _kept_key(notebook: Path) -> str:
    """The key that an executed notebook was kept with; "" where there is none to read."""
    try:
        return str(nbformat.read(notebook, as_version=4).metadata.executed)
    except (OSError, ValueError, AttributeError):
        return ""


async def _execute_all(examples: dict[Path, Example], home: Path, limit: float) -> None:
    """Execute examples, as many at once as there are cores, and keep each as a notebook.

    The first that fails ends all.
    """
    (home / "matplotlibrc").write_text(MATPLOTLIBRC, encoding="utf-8")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = asyncio.Semaphore(usable or 1)

    async def execute_and_keep(example: Example, target: Path) -> None:
        async with cores:
            await _execute(example, home, limit)
        nbformat.write(example.notebook, target)

    async with asyncio.TaskGroup() as tasks:
        for target, example in examples.items():
            tasks.create_task(execute_and_keep(example, target))


async def _execute(example: Example, home: Path, limit: float) -> None:
    """Execute an example in a kernel and an empty folder of its own. Raises ExampleError."""
    name, number = example.path.stem, 0
    folder, connection = home / "run" / name, home / f"{name}.json"
    folder.mkdir(parents=True)
    kernel = AsyncKernelManager(
        connection_file=str(connection),
        # Sockets, as two builds could choose the same port; but the path of a socket has a limit.
        transport="ipc" if len(bytes(connection)) <= 100 else "tcp",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),  # none of the user's
    )
    client = NotebookClient(
        example.notebook,
        km=kernel,
        extra_arguments=KERNEL_OPTIONS,
        startup_timeout=LIMIT,
        record_timing=False,
        on_cell_executed=_refuse_exit,
    )
    env = example_environment(home) | {"MATPLOTLIBRC": str(home / "matplotlibrc")}
    try:
        async with asyncio.timeout(limit):
            await client.async_start_new_kernel(cwd=folder, env=env, stdout=DEVNULL, stderr=DEVNULL)
            await client.async_start_new_kernel_client()
            for number in range(len(example.lines)):
                await _execute_cell(client, example, number)
    except TimeoutError:
        said = f"the cell here was not done within {limit:g} s; fix it"
        raise example.error(said, number) from None
    except DeadKernelError:
        raise example.error("the cell here ended Python itself; fix it", number) from None
    finally:
        if client.kc:
            client.kc.stop_channels()
        stopping = asyncio.ensure_future(kernel.shutdown_kernel(now=True))
        with contextlib.suppress(asyncio.CancelledError):  # where another failed meanwhile
            await asyncio.shield(stopping)
        await stopping


async def _execute_cell(client: NotebookClient, example: Example, number: int) -> None:
    """Execute a cell, and keep of its outputs what a page shows.

    Raises ExampleError where it fails or shows what no page may, DeadKernelError where it ends
    the kernel.
    """
    cell = example.notebook.cells[number]
    try:
        await client.async_execute_cell(cell, number)
    except DeadKernelError:
        task = asyncio.current_task()
        if task and task.cancelling():  # nbclient takes a cancellation for a death
            raise asyncio.CancelledError from None
        raise
    except CellExecutionError as error:
        assert client.kc
        asked = client.kc.execute("", silent=True, user_expressions={"line": ERROR_LINE})
        reply = await client.async_wait_for_reply(asked) or {}
        line = int(reply["content"]["user_expressions"]["line"]["data"]["text/plain"])
        said = error.evalue or cell.source.split("\n")[line - 1].strip()
        raise example.error(f"{error.ename}: {said}", number, line) from None
    if cell.cell_type == "code":
        cell.outputs = [_shown(output, example, number) for output in cell.outputs]
        CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, number)


def _refuse_exit(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
    """Raise DeadKernelError after `exit()`, which ends a kernel only after its cell."""
    if any(one["source"] == "ask_exit" for one in execute_reply["content"].get("payload", [])):
        raise DeadKernelError


def _shown(output: NotebookNode, example: Example, number: int) -> NotebookNode:
    """An output of a cell as a page shows it: as printed text, or as a plot in SVG.

    Raises ExampleError for a plot without words, and for anything on standard error.
    """
    if output.get("name") == "stderr":
        said = f"a page shows no warnings and no log; fix it: {output.text}"
        raise example.error(said, number)
    if output.output_type == "stream":
        return output
    text = strip_ansi(output.data.get("text/plain", ""))
    if SVG not in output.data:
        output = new_output("stream", text=text.removesuffix("\n") + "\n")
    elif alt := example.notebook.cells[number].metadata.get("alt"):
        # Coordinates of two decimals; numbers in its text are kept.
        svg = re.sub(r"<[^>]*>", lambda t: re.sub(r"(\d\.\d\d)\d+", r"\1", t[0]), output.data[SVG])
        plot = {SVG: svg, "text/plain": text}
        output = new_output("display_data", plot, metadata={SVG: {"alt": alt}})
    else:
        said = "a plot without words for who can't see it; fix it: begin its cell with "
        raise example.error(f'{said}# %% alt="..."', number)
    return output
