"""Print the names that Keras, TensorFlow, NumPy and Python have, and the defaults of Keras.

Run by the worker, like a snippet: what exists is asked of the packages, and not kept in a list.
"""

import builtins
import inspect
import json
import keyword
import sys
import types

import keras
import numpy
import tensorflow
import tf_keras

PACKAGES = ("keras", "tf_keras", "numpy", "tensorflow")
SIMPLE = (bool, int, float, str, type(None))

names = {*dir(builtins), *keyword.kwlist, *sys.stdlib_module_names, "__version__"}
for kind in (str, list, dict, tuple, int, float):
    names.update(dir(kind))
defaults: dict[str, set[str]] = {}
seen: set[int] = set()


def look_at(value: object) -> None:
    """Note the names of a module, a class or a function, and what they hold."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, types.ModuleType):
        spec = vars(value).get("__spec__")
        if spec and spec.name.partition(".")[0] in PACKAGES:
            public = [name for name in dir(value) if not name.startswith("_")]
            names.update(public)
            for name in public:
                look_at(getattr(value, name, None))
    elif callable(value):
        note_parameters(value)
        if isinstance(value, type):
            for name in [name for name in dir(value) if not name.startswith("__")]:
                names.add(name)
                note_parameters(getattr(value, name, None))


def note_parameters(value: object) -> None:
    """Note the parameters of what can be called, and their defaults."""
    try:
        parameters = inspect.signature(value).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    for parameter in parameters.values():
        names.add(parameter.name)
        if isinstance(parameter.default, SIMPLE):
            defaults.setdefault(parameter.name, set()).add(repr(parameter.default))


for package in (keras, tf_keras, numpy, tensorflow):
    look_at(package)
print(json.dumps([sorted(names), {name: sorted(one) for name, one in defaults.items()}]))
