"""What several tests share: the project's folder, its pages, the built site."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make mutants` asks for."""
    group = parser.getgroup("mutants", "small lies that the proof must catch")
    group.addoption("--all-mutants", action="store_true", help="judge all, not a sample")
    group.addoption("--mutant-seed", type=int, default=0, metavar="N", help="choose other ones")


def run(*command: str | Path, cwd: Path = ROOT, limit: float = 600) -> subprocess.CompletedProcess:
    """Run a Python module of this environment, with what it prints kept as text."""
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, strictly, into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    built = run("mkdocs", "build", "--strict", "--site-dir", folder)
    assert built.returncode == 0, built.stdout
    return folder
