"""The project as its tests see it: its folders, pages and examples, ways to run its tools."""

import csv
import functools
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from proof import notebooks
from proof.rendered import blocks_in_notebook

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
DATA = ROOT / "tests" / "data"
PAGES = sorted(DOCS.rglob("*.md"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
KEPT = ROOT / notebooks.KEPT
BIN = Path(sys.executable).parent


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


def prove(folder: Path, *arguments: str | Path, plugins: Sequence[object] = ()) -> int:
    """Prove pages of `folder` in a nested run, with this one's worker; return its exit code."""
    alone = ("-p", "proof.plugin", "-p", "no:randomly", "-p", "no:cacheprovider", "--quiet")
    settings = (f"--rootdir={folder}", "-c", str(ROOT / "pyproject.toml"))
    return pytest.main([*settings, *alone, *map(str, arguments)], plugins=plugins)


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table in tests/data/."""
    with (DATA / name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@functools.cache
def parsed(page: Path) -> BeautifulSoup:
    """A page of the built site, which no test may change."""
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def printed(notebook: Path) -> str:
    """What an executed notebook shows as outputs, without its plots."""
    return "\n".join(text for kind, text in blocks_in_notebook(notebook) if kind == "text")
