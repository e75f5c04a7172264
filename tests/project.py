"""The project as its tests see it: its folders, pages and examples, ways to run its tools."""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from bs4 import BeautifulSoup

from proof import notebooks
from proof.rendered import blocks_in_notebook
from search import index

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DATA = ROOT / "tests" / "data"
PAGES = sorted(DOCS.rglob("*.md"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
KEPT = ROOT / notebooks.KEPT
BIN = Path(sys.executable).parent
# Code that notes its process and its parent's, and doesn't end.
ENDLESS = """\
import os
import time
from pathlib import Path

Path({noted!r}).write_text(f"{{os.getpid()}} {{os.getppid()}}")
time.sleep(600)
"""


def run(
    *command: str | Path, cwd: Path = ROOT, limit: float = 600, **variables: str
) -> subprocess.CompletedProcess:
    """Run a command, of this environment unless it has a path; what it prints is kept as text."""
    return subprocess.run(
        [BIN / command[0], *map(str, command[1:])],
        cwd=cwd,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
    )


@contextlib.contextmanager
def started(*command: str | Path, cwd: Path = ROOT, **variables: str) -> Iterator[subprocess.Popen]:
    """A command of this environment that runs meanwhile, and prints where the test does."""
    process = subprocess.Popen(
        [BIN / command[0], *command[1:]], cwd=cwd, env=os.environ | variables
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_until(done: Callable[[], object], running: subprocess.Popen) -> None:
    """Wait until something is so; fail after two minutes, or where the command has ended."""
    end = time.monotonic() + 120
    while not done():
        assert running.poll() is None, f"{running.args} ended"
        assert time.monotonic() < end, f"{running.args} did not do it"
        time.sleep(0.1)


def left_by(
    number: signal.Signals, noted: Path, *command: str | Path, **variables: str
) -> list[psutil.Process]:
    """Stop a command that runs ENDLESS by a signal; return the processes that outlive it."""
    with started(*command, **variables) as running:
        wait_until(lambda: noted.exists() and " " in noted.read_text(), running)
        processes = [psutil.Process(int(pid)) for pid in noted.read_text().split()]
        running.send_signal(number)
        running.wait(60)
    return psutil.wait_procs(processes, timeout=60)[1]


def prove(folder: Path, *arguments: str | Path, plugins: Sequence[object] = ()) -> int:
    """Prove pages of `folder` in a nested run, with this one's worker; return its exit code."""
    alone = ("-p", "proof.plugin", "-p", "no:randomly", "-p", "no:cacheprovider", "--quiet")
    settings = (f"--rootdir={folder}", "-c", str(ROOT / "pyproject.toml"))
    return pytest.main([*settings, *alone, *map(str, arguments)], plugins=plugins)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table in tests/data/."""
    return index.table(DATA / name)


def address_of(source: Path) -> str:
    """Where the site has a page of docs/ or an example, from its root, as in "learn/stacking/"."""
    place = source.relative_to(DOCS if source.is_relative_to(DOCS) else ROOT).with_suffix("")
    return f"{place.as_posix()}/".removesuffix("index/")


@functools.cache
def parsed(page: Path) -> BeautifulSoup:
    """A page of the built site, which no test may change."""
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def printed(notebook: Path) -> str:
    """What an executed notebook shows as outputs, without its plots."""
    return "\n".join(text for kind, text in blocks_in_notebook(notebook) if kind == "text")
