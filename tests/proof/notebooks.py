"""Execute the examples as notebooks, and keep what they showed.

What is kept is used again only where nothing that could change it has changed: the
examples, the lock, Python and the packages that are really installed.
"""

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

import nbformat

from proof.runner import environment

LIMIT = 300
HERE = Path(__file__).parent
SETTINGS = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "SOURCE_DATE_EPOCH": "0",  # no time of day in a plot
    # The same sums on any number of cores; examples run side by side instead.
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}


class ExampleError(Exception):
    """An example that fails; its text is `path:line: error`."""


def execute_examples(examples: Path, lock: Path, kept: Path, limit: float = LIMIT) -> list[Path]:
    """Return the examples as executed notebooks, in `kept`.

    Raises ExampleError for one that fails, or doesn't end within `limit` seconds.
    """
    key = _key(examples, lock)
    scripts = {kept / f"{script.stem}.ipynb": script for script in sorted(examples.glob("*.py"))}
    kept.mkdir(parents=True, exist_ok=True)
    with open(kept / "lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # a second build waits, and finds what the first kept
        stale = [script for target, script in scripts.items() if not _is_fresh(target, key)]
        if stale:
            _execute(stale, key, kept, limit)
    return list(scripts)


def _key(examples: Path, lock: Path) -> str:
    digest = hashlib.sha256()
    ours = [HERE / "notebooks.py", HERE / "cells.py", HERE / "runner.py"]
    theirs = [
        path
        for path in sorted(examples.rglob("*"))
        if not any(part.startswith((".", "__")) for part in path.relative_to(examples).parts[:-1])
    ]
    for path in [lock, *theirs, *ours]:
        if path.is_file():
            digest.update(f"{path.name}\0".encode() + path.read_bytes())
    installed = sorted(f"{one.name}=={one.version}" for one in distributions())
    digest.update("\n".join([sys.version, sys.platform, *installed]).encode())
    return digest.hexdigest()


def _is_fresh(target: Path, key: str) -> bool:
    return target.exists() and nbformat.read(target, as_version=4).metadata.get("executed") == key


def _execute(scripts: list[Path], key: str, kept: Path, limit: float) -> None:
    arguments = [key, kept.resolve(), limit, *(script.resolve() for script in scripts)]
    with tempfile.TemporaryDirectory(prefix="examples-") as home:
        ran = subprocess.run(
            [sys.executable, "-m", "proof.cells", *map(str, arguments)],
            cwd=home,
            env=environment(home) | SETTINGS,
            stdin=subprocess.DEVNULL,
            capture_output=True,  # what C writes there is TensorFlow's noise
            text=True,
        )
    if ran.returncode:
        raise ExampleError(ran.stdout.strip() or ran.stderr.strip() or f"status {ran.returncode}")
