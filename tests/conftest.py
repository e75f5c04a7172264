"""What several tests share: the built site, and what `make mutants` asks for."""

from pathlib import Path

import pytest

from project import run


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `make mutants` asks for."""
    group = parser.getgroup("mutants", "small lies that the proof must catch")
    group.addoption("--all-mutants", action="store_true", help="judge all, not a sample")
    group.addoption("--mutant-seed", type=int, default=0, metavar="N", help="choose other ones")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, strictly, into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    built = run("mkdocs", "build", "--strict", "--site-dir", folder)
    assert built.returncode == 0, built.stdout
    return folder
