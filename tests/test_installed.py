"""Any change of an installed package changes the digest of what is installed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from proof.installed import installed_digest


def digest(packages: Path) -> str:
    """The digest, computed anew."""
    return installed_digest.__wrapped__((packages,))


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder with a package, as in site-packages."""
    package = tmp_path / "packages" / "package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("ANSWER = 42\n")
    os.utime(package / "__init__.py", (0, 0))
    return package.parent


def change_a_byte(packages: Path) -> None:
    """Leave the size as it is."""
    (packages / "package" / "__init__.py").write_text("ANSWER = 43\n")


def change_the_size(packages: Path) -> None:
    """Leave the time as it is."""
    path = packages / "package" / "__init__.py"
    before = path.stat()
    path.write_text("ANSWER = 142\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def add_a_file(packages: Path) -> None:
    """An empty one."""
    (packages / "package" / "more.py").touch()


def remove_a_file(packages: Path) -> None:
    """The only one."""
    (packages / "package" / "__init__.py").unlink()


def move_a_file(packages: Path) -> None:
    """It keeps its time and size."""
    (packages / "package").rename(packages / "other")


@pytest.mark.parametrize(
    "change", [change_a_byte, change_the_size, add_a_file, remove_a_file, move_a_file]
)
def test_a_change_changes_the_digest(packages: Path, change: Callable[[Path], None]) -> None:
    """Whatever it is."""
    before = digest(packages)
    change(packages)
    assert digest(packages) != before


def test_what_is_no_change_leaves_the_digest(packages: Path) -> None:
    """Neither reading nor compiled bytecode."""
    before = digest(packages)
    cache = packages / "package" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"code")
    assert digest(packages) == before


def test_the_same_packages_in_another_folder_have_the_same_digest(packages: Path) -> None:
    """As where an environment is reached by a link."""
    before = digest(packages)
    assert digest(packages.rename(packages.with_name("moved"))) == before
