"""The environments of the matrix: a table, one line each, and how one is made."""

import csv
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from proof.generations import KERAS_2, KERAS_3
from proof.runner import Runner

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("environments.csv")
FOLDER = ROOT / ".cache" / "matrix"
UV = ROOT / ".cache" / "uv" / "bin" / "uv"
SAME_FILES = ("keras", "keras-nightly")  # where both are asked for, the one overwrites the other
LEAST_SPACE = 6 * 2**30  # bytes, for one environment


class NotMade(Exception):
    """An environment that can't be made; its text says why."""


@dataclass(frozen=True)
class Environment:
    """A Python with one Keras.

    `python`: the version of Python. `backend`: that of Keras 3; Keras 2 has TensorFlow.
    `packages`: what is installed, as pip reads it. `newest`: whether pre-releases are, made anew
    each time.
    """

    name: str
    python: str
    backend: str
    packages: tuple[str, ...]
    newest: bool = False

    @property
    def slug(self) -> str:
        """Its name in files and commands."""
        return self.name.lower().replace(" ", "-")

    @property
    def package(self) -> str:
        """The package in which its Keras is."""
        return "tf_keras" if self.name.startswith("tf_keras") else "keras"

    @property
    def generation(self) -> str:
        """The generation of its Keras."""
        return KERAS_3 if self.name.startswith("Keras 3") else KERAS_2

    @property
    def has_both(self) -> bool:
        """Whether Keras 2 is there too, as tf_keras beside Keras 3."""
        return self.generation == KERAS_3 and any(
            one.startswith("tf_keras") for one in self.packages
        )

    @property
    def family(self) -> tuple[str, str, str]:
        """What it shares with those that differ from it in their version alone."""
        return self.generation, self.package, self.backend

    def runner(self, python: str) -> Runner:
        """A worker in it, which is at `python`."""
        # Imported once, not in each snippet: on other backends `fit` takes its data by TensorFlow.
        data = ("tensorflow",) if any(one.startswith("tensorflow") for one in self.packages) else ()
        runner = Runner(python, (self.package, self.backend, *data, "numpy"), self.backend)
        if self.backend == "jax":  # else each snippet compiles what others have compiled: 2 to 5 s
            kept = f"JAX_COMPILATION_CACHE_DIR={FOLDER / 'compiled'}"
            runner.command[:0] = ["env", kept, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0"]
        return runner


@cache
def environments() -> tuple[Environment, ...]:
    """Those of the table, oldest first."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Environment(row["name"], row["python"], row["backend"], tuple(row["packages"].split()))
            for row in csv.DictReader(file)
        )


def make(environment: Environment) -> str:
    """Install an environment where it isn't yet; return its Python. Raises NotMade.

    Where space is short, the others are removed first.
    """
    folder = FOLDER / environment.slug
    python = folder / "bin" / "python"
    if (folder / "made").exists() and not environment.newest:
        return str(python)
    shutil.rmtree(folder, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(FOLDER).free < LEAST_SPACE:
        for other in FOLDER.glob("*/made"):
            shutil.rmtree(other.parent)
    if (free := shutil.disk_usage(FOLDER).free) < LEAST_SPACE:
        raise NotMade(f"{free / 2**30:.1f} GB are free in {FOLDER}, and it needs 6")
    _uv("venv", "--quiet", "--python", _python(environment.python), str(folder))
    options: tuple[str, ...] = ()
    if environment.newest:
        excludes = folder / "excludes.txt"
        excludes.write_text("\n".join({*SAME_FILES} - {*environment.packages}))
        options = ("--prerelease", "allow", "--excludes", str(excludes))
    _uv("pip", "install", "--quiet", *options, "--python", str(python), *environment.packages)
    (folder / "made").touch()
    return str(python)


def _python(version: str) -> str:
    """The Python of a version that pyenv has, whose shims uv can't use; else the version."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return max(map(str, root.glob(f"versions/{version}.*/bin/python")), default=version)


def _uv(*arguments: str) -> None:
    """Run uv. Raises NotMade with its last words."""
    done = subprocess.run([UV, *arguments], capture_output=True, text=True)
    if done.returncode:
        raise NotMade(" ".join(done.stderr.split())[-500:])
