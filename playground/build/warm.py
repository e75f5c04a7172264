"""Import Keras and what its models need, use it, and leave nothing behind. Runs in Pyodide.

The memory that this leaves is what each reader's browser begins with.
"""

import gc
import json
import linecache
import os
import sys
import zipfile

import numpy.random  # noqa: F401  Keras imports it when it first needs it

# isort: split
import browser

# isort: split
import keras  # noqa: F401  finds what `browser` has made ready
from rich.cells import get_character_cell_size

import runner

STDLIB = "/lib/python312.zip"
PACKAGES = next(path for path in sys.path if path.endswith("site-packages"))
PROGRAMS = (
    """
import keras
import numpy as np

model = keras.Sequential([
    keras.Input((5, 3)),
    keras.layers.Masking(),
    keras.layers.LSTM(4, return_sequences=True),
    keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True)),
    keras.layers.TimeDistributed(keras.layers.Dense(2)),
    keras.layers.SimpleRNN(2),
    keras.layers.Dense(1),
])
model.summary()
model.compile(loss="mse", optimizer="adam")
model.predict(np.random.rand(2, 5, 3), verbose=0)
model.predict(np.random.rand(2, 5, 3))
model.evaluate(np.random.rand(2, 5, 3), np.zeros((2, 1)))
keras.Sequential([keras.layers.LSTM(3, input_shape=(2, 10))])
keras.layers.Conv1D(2, 2)(np.zeros((1, 4, 2)))  # (1, 3, 2)
""",
    "import keras\n\nkeras.layers.LSTM(3)(keras.Input((2,)))\n",
)


def files() -> list[str]:
    """The files of the packages, by their paths."""
    return sorted(
        os.path.relpath(os.path.join(at, name), PACKAGES)
        for at, _, names in os.walk(PACKAGES)
        for name in names
    )


def module(file: str) -> str:
    """The name of the module that a compiled file holds."""
    name = file.partition(".pyc")[0].partition(".cpython")[0]
    return name.removesuffix("/__init__").replace("/", ".")


def zipped(names: list[str], to: str) -> None:
    """Write the files `names` of the packages into a zip, the same each time.

    Called when the memory has been written down.
    """
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name in names:
            with open(os.path.join(PACKAGES, name), "rb") as file:
                made.writestr(zipfile.ZipInfo(name), file.read(), zipfile.ZIP_DEFLATED, 9)


runner.redirect_loggers()
said = [json.loads(runner.run_job(json.dumps({"code": code})))["output"] for code in PROGRAMS]
assert "Total params" in said[0], said[0]
assert said[1].startswith("ValueError"), said[1]
get_character_cell_size("\N{HORIZONTAL ELLIPSIS}")  # reads a table, for long names in a summary

loaded = frozenset(sys.modules)
# What isn't in the memory, but may be imported: it is fetched when it is.
later = [name for name in files() if module(name) not in loaded]
roots = {module(name).partition(".")[0] for name in zipfile.ZipFile(STDLIB).namelist()}
browser.Later.names = frozenset((roots | set(map(module, later))) - loaded)

runner.reset()
linecache.clearcache()
sys.path_importer_cache.clear()
gc.collect()
sys._clear_type_cache()
gc.freeze()
