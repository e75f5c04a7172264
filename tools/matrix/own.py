"""The reader's own Keras: an environment that exists, or one made for a version.

`python -m matrix.own 3.9.2` makes an environment with that Keras and prints its Python.
"""

import os
import subprocess
import sys
from dataclasses import replace

from matrix.environments import Environment, NotMade, environments, make
from proof.runner import Runner

_FIND = """
from importlib.util import find_spec
print(*[name for name in ("keras", "tf_keras", "tensorflow", "jax", "torch") if find_spec(name)])
"""


def environment_at(python: str) -> tuple[Environment, Runner]:
    """The environment whose Python is at `python`, and a worker that has imported its Keras.

    Raises NotMade where there is no Keras, and SnippetStopped where it can't be imported.
    """
    try:
        done = subprocess.run([python, "-c", _FIND], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMade(f"{python} doesn't run: {error}") from None
    found = done.stdout.split()
    package = next((name for name in ("keras", "tf_keras") if name in found), None)
    backend: str | None = next(
        (one for one in ("tensorflow", "jax", "torch") if one in found), None
    )
    if done.returncode or not package or not backend:
        reason = done.stderr.strip().splitlines()[-1:] or ["it has no Keras with a backend"]
        raise NotMade(f"{python}: {reason[0]}; install keras and tensorflow there")
    backend = os.environ.get("KERAS_BACKEND") or str(backend)
    probe = Environment("Keras 3" if package == "keras" else "tf_keras", "", backend, tuple(found))
    runner = probe.runner(python)
    runner.wait_until_ready()
    name = f"{'Keras' if package == 'keras' else package} {runner.versions[package]}"
    return replace(probe, name=name), runner


def environment_for(version: str) -> Environment:
    """An environment for a version of Keras, with the other packages of the last row before it.

    Raises NotMade for what is no version.
    """
    try:
        wanted = _parts(version)
    except ValueError:
        raise NotMade(f"{version!r} is no version of Keras; write KERAS=3.9.2") from None
    before = None
    for one in environments():
        pin = next((pin for pin in one.packages if pin.startswith("keras==")), None)
        if pin and one.backend == "tensorflow" and _parts(pin.removeprefix("keras==")) <= wanted:
            before = one
    if not before:
        raise NotMade(f"Keras {version} is older than all of tools/matrix/environments.csv")
    others = tuple(pin for pin in before.packages if not pin.startswith("keras=="))
    if (2, 4) <= wanted < (3,):  # since then each has a TensorFlow of its own
        others = (f"tensorflow~={wanted[0]}.{wanted[1]}.0",)
    return Environment(
        f"Keras {version}", before.python, before.backend, (f"keras=={version}", *others)
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    try:
        print(make(environment_for(sys.argv[1])))
    except NotMade as error:
        sys.exit(f"Keras {sys.argv[1]} can't be had: {error}")
