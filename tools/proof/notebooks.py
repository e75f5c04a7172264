"""Execute the examples as notebooks, each in a Jupyter kernel, and keep what they showed.

A kept notebook is used again only where nothing changed that could change it: the example and
what stands beside it, the lock, this code, the settings, Python, and the installed packages.
"""

import asyncio
import fcntl
import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from proof.installed import installed_digest
from proof.runner import environment
from proof.scripts import Example, ExampleError, read_example

__all__ = ["SETTINGS", "ExampleError", "execute_examples"]

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
    "--HistoryManager.enabled=False",
    "--InteractiveShell.automagic=False",
    "--InlineBackend.figure_formats=svg",
    "--IPKernelApp.capture_fd_output=False",  # TensorFlow's C++ logs go to the kernel's log
]
SVG = "image/svg+xml"

# Evaluated in a kernel: the line of the cell on which the last error was raised, from 1.
ERROR_LINE = """next(
    line
    for frame, line in __import__("traceback").walk_tb(__import__("sys").last_traceback)
    if frame.f_globals.get("__name__") == "__main__"
)"""


def execute_examples(examples: Path, lock: Path, kept: Path, limit: float = LIMIT) -> list[Path]:
    """Return the examples as executed notebooks, in `kept`, in the order of their names.

    Raises ExampleError for one that is refused, fails, or isn't done within `limit` seconds.
    """
    kept.mkdir(parents=True, exist_ok=True)
    with (
        open(kept / "lock", "w") as turn,
        tempfile.TemporaryDirectory(prefix="examples-", ignore_cleanup_errors=True) as home,
    ):
        fcntl.flock(turn, fcntl.LOCK_EX)  # a second build waits, and finds what the first kept
        # What is run is what the key was made from, whatever is saved meanwhile.
        folder = shutil.copytree(examples, Path(home, "examples"))
        keys = _keys(folder, lock)
        stale = [name for name, key in keys.items() if _kept_key(kept, name) != key]
        for name in stale:
            (kept / f"{name}.ipynb").unlink(missing_ok=True)
        read = [read_example(folder / f"{name}.py", examples / f"{name}.py") for name in stale]
        for example in read:
            example.notebook.metadata["executed"] = keys[example.path.stem]
        try:
            asyncio.run(_execute_all(read, Path(home), kept, limit))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
    return [kept / f"{name}.ipynb" for name in keys]


def _keys(examples: Path, lock: Path) -> dict[str, str]:
    """The key of each example, by its name, in the order of the names."""
    files = [path for path in sorted(examples.rglob("*")) if path.is_file()]
    scripts = [path for path in files if path.parent == examples and path.suffix == ".py"]
    machine = (sys.version, sys.platform, platform.machine())
    settings = sorted((environment("") | SETTINGS | {"PATH": "", "PYTHONPATH": ""}).items())
    parts = [repr((machine, settings, installed_digest())).encode(), lock.read_bytes()]
    for name in ("notebooks", "scripts", "runner"):
        parts.append(Path(__file__).with_name(f"{name}.py").read_bytes())
    for path in files:
        if path not in scripts and "__pycache__" not in path.parts:
            parts += [str(path.relative_to(examples)).encode(), path.read_bytes()]
    common = b"".join(hashlib.sha256(part).digest() for part in parts)
    return {path.stem: hashlib.sha256(common + path.read_bytes()).hexdigest() for path in scripts}


def _kept_key(kept: Path, name: str) -> str:
    """The key that an executed notebook was kept with; "" where there is none to read."""
    try:
        return str(nbformat.read(kept / f"{name}.ipynb", as_version=4).metadata.executed)
    except (OSError, ValueError, AttributeError):
        return ""


async def _execute_all(examples: list[Example], home: Path, kept: Path, limit: float) -> None:
    """Execute examples, as many at once as there are cores; the first that fails ends all."""
    (home / "matplotlibrc").write_text(MATPLOTLIBRC, encoding="utf-8")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = asyncio.Semaphore(usable or 1)

    async def execute_and_keep(example: Example) -> None:
        async with cores:
            await _execute(example, home, limit)
        target = kept / f"{example.path.stem}.ipynb"
        nbformat.write(example.notebook, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)

    async with asyncio.TaskGroup() as tasks:
        for example in examples:
            tasks.create_task(execute_and_keep(example))


async def _execute(example: Example, home: Path, limit: float) -> None:
    """Execute an example in a kernel of its own, beside what stands beside it but other examples.

    Raises ExampleError.
    """
    name, number = example.path.stem, 0
    folder = shutil.copytree(home / "examples", home / "run" / name)
    for other in set(folder.glob("*.py")) - {folder / example.path.name}:
        other.unlink()
    env = environment(str(home)) | SETTINGS | {"MATPLOTLIBRC": str(home / "matplotlibrc")}
    del env["PYTHONPATH"]  # an example sees nothing of this project
    connection = home / f"{name}.json"
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
    log = open(home / f"{name}.log", "wb")
    starting = asyncio.ensure_future(
        client.async_start_new_kernel(cwd=folder, env=env, stdout=log, stderr=log)
    )
    try:
        async with asyncio.timeout(limit):
            await asyncio.shield(starting)
            await client.async_start_new_kernel_client()
            for number in range(len(example.lines)):
                await _execute_cell(client, example, number)
    except TimeoutError:
        said = f"the cell here was not done within {limit:g} s; fix it"
        raise example.error(said, number) from None
    except DeadKernelError:
        raise example.error("the cell here ended Python itself; fix it", number) from None
    finally:
        log.close()
        stopping = asyncio.ensure_future(_stop(client, kernel, starting))
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:  # another example failed meanwhile
            await stopping
            raise


async def _stop(
    client: NotebookClient, kernel: AsyncKernelManager, starting: asyncio.Future[Any]
) -> None:
    """Stop a kernel and all that it started, once it is there to be stopped."""
    await asyncio.wait([starting])
    if client.kc:
        client.kc.stop_channels()
    await kernel.shutdown_kernel(now=True)


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
        answer = reply["content"]["user_expressions"]["line"]
        line = int(answer["data"]["text/plain"]) if answer["status"] == "ok" else 1
        said = error.evalue or cell.source.split("\n")[line - 1].strip()
        raise example.error(f"{error.ename}: {said}", number, line) from None
    if cell.cell_type == "code":
        cell.outputs = _shown(example, number)


def _refuse_exit(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
    """Raise DeadKernelError after `exit()`, which ends a kernel only after its cell."""
    if any(one["source"] == "ask_exit" for one in execute_reply["content"].get("payload", [])):
        raise DeadKernelError


def _shown(example: Example, number: int) -> list[NotebookNode]:
    """The outputs of a cell as a page shows them: text, and plots as SVG.

    What is displayed as text joins what is printed. Raises ExampleError for a plot without a text
    alternative, and for anything on standard error.
    """
    cell, shown = example.notebook.cells[number], []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        text = output.get("text") or re.sub(r"\x1b\[[\d;]*m", "", data.get("text/plain", ""))
        if output.get("name") == "stderr":
            raise example.error(f"a page shows no warnings and no log; fix it: {text}", number)
        if SVG in data:
            if not (alt := cell.metadata.get("alt")):
                said = "a plot without words for who can't see it; fix it: begin its cell with "
                raise example.error(f'{said}# %% alt="..."', number)
            plot = {SVG: _shorter(data[SVG]), "text/plain": text}
            shown.append(new_output("display_data", plot, metadata={SVG: {"alt": alt}}))
        elif output.output_type == "execute_result":
            count = output.execution_count
            shown.append(new_output("execute_result", {"text/plain": text}, execution_count=count))
        else:
            if not (shown and shown[-1].output_type == "stream"):
                shown.append(new_output("stream", name="stdout", text=""))
            shown[-1].text += text if text.endswith("\n") or not data else f"{text}\n"
    return shown


def _shorter(svg: str) -> str:
    """A plot with coordinates of two decimals; numbers in its text are kept."""
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), svg)
