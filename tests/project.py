"""The project as its tests see it: its folders, pages and examples, ways to run its tools."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from proof import notebooks
from proof.rendered import blocks_in_notebook

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
KEPT = ROOT / notebooks.KEPT
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path = ROOT, limit: float = 600) -> subprocess.CompletedProcess:
    """Run a command of this environment, with what it prints kept as text."""
    return subprocess.run(
        [BIN / command[0], *map(str, command[1:])],
        cwd=cwd,
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


def printed(notebook: Path) -> str:
    """What an executed notebook shows as outputs, without its plots."""
    return "\n".join(text for kind, text in blocks_in_notebook(notebook) if kind == "text")
