"""Execute the examples as notebooks, and keep what they showed.

What is kept is used again only where nothing that could change it has changed: the
example and what stands beside it, the lock, Python, the packages that are really installed,
and the settings that it runs with.
"""

import fcntl
import hashlib
import platform
import shutil
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
    kept.mkdir(parents=True, exist_ok=True)
    with (
        open(kept / "lock", "w") as turn,
        tempfile.TemporaryDirectory(prefix="examples-") as home,
    ):
        fcntl.flock(turn, fcntl.LOCK_EX)  # a second build waits, and finds what the first kept
        # What is run is what the key was made from, whatever is saved meanwhile.
        folder = shutil.copytree(examples, Path(home, "examples"))
        keys = _keys(folder, lock)
        stale = {name: key for name, key in keys.items() if _kept_key(kept, name) != key}
        for name in stale:
            (kept / f"{name}.ipynb").unlink(missing_ok=True)
        if stale:
            said = _execute(stale, Path(home), kept, limit, turn.fileno())
            if said:
                raise ExampleError(said.replace(str(folder.resolve()), str(examples)))
    return [kept / f"{name}.ipynb" for name in keys]


def _keys(examples: Path, lock: Path) -> dict[str, str]:
    """The key of each example, by its name, in the order in which they stand."""
    scripts = sorted(examples.glob("*.py"))
    beside = [
        path
        for path in sorted(examples.rglob("*"))
        if path.is_file() and path not in scripts and "__pycache__" not in path.parts
    ]
    machine = (sys.version, sys.platform, platform.machine())
    settings = sorted((environment("") | SETTINGS | {"PATH": "", "PYTHONPATH": ""}).items())
    parts = [repr((machine, settings, _installed())).encode(), lock.read_bytes()]
    for path in [*beside, *(HERE / f"{name}.py" for name in ("notebooks", "cells", "runner"))]:
        parts += [path.name.encode(), path.read_bytes()]
    common = [hashlib.sha256(part).digest() for part in parts]
    return {
        script.stem: hashlib.sha256(b"".join([*common, script.read_bytes()])).hexdigest()
        for script in scripts
    }


def _installed() -> list[tuple[str, str, str]]:
    """Name, version and files with their hashes of each installed package."""
    found = [(one.name, one.version, one.read_text("RECORD") or "") for one in distributions()]
    return sorted((n, v, hashlib.sha256(record.encode()).hexdigest()) for n, v, record in found)


def _kept_key(kept: Path, name: str) -> str | None:
    """The key that an executed notebook was kept with; None where there is none to read."""
    try:
        return nbformat.read(kept / f"{name}.ipynb", as_version=4).metadata.get("executed")
    except (OSError, ValueError):
        return None


def _execute(keys: dict[str, str], home: Path, kept: Path, limit: float, lock: int) -> str:
    """Run examples in a process of their own; return what failed, "" for nothing.

    It ends when this process does, and holds the lock as long as it runs.
    """
    arguments = [kept.resolve(), limit, *(f"{name}={key}" for name, key in keys.items())]
    with (
        open(home / "log", "w+") as log,  # what C writes there is TensorFlow's noise
        subprocess.Popen(
            [sys.executable, "-m", "proof.cells", *map(str, arguments)],
            cwd=home,
            env=environment(str(home)) | SETTINGS,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
        ) as process,
    ):
        status = process.wait()
        failure = home / "failure"
        if failure.exists():
            return failure.read_text(encoding="utf-8")
        log.seek(0)
        return f"the examples could not be run: status {status}\n{log.read()}" if status else ""
