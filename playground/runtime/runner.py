"""Run a program in the browser's Python by the rule of the pages: each on its own, and all shown.

What it shows, and what its shape comments and tables answer, is found by the code that proves the
pages, `proof.program`. Here stands what takes the place of a process for each program.
"""

import gc
import io
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from itertools import count

import keras
import numpy

from proof import drawing
from proof.program import run
from proof.protocol import Job, Rows
from proof.shape_comments import find_comments, format_answers

HOME = "/home/pyodide"  # emptied before each program
PROGRAM = "program.py"
PAUSE = 0.05  # seconds from one report of output to the next
LONGEST = 10**6  # characters that a program may show


class Endless(BaseException):
    """More output than any page could show."""


class Stream:
    """A text stream that keeps what is written, and reports it while the program runs."""

    encoding = "utf-8"
    errors = "replace"
    newlines = None
    closed = False

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.reported = 0
        self.last = 0.0
        self.report: Callable[[str], None] | None = None

    def write(self, text: str) -> int:
        """Keep `text`. Raises Endless."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.parts.append(text)
        self.size += len(text)
        if self.size > LONGEST:
            raise Endless(f"the program shows over {LONGEST:,} characters")
        if self.report and time.monotonic() - self.last > PAUSE:
            self.report("".join(self.parts[self.reported :]))
            self.reported = len(self.parts)
            self.last = time.monotonic()
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Keep each of the lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing: what is written is there."""

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def writable(self) -> bool:
        """It can be written."""
        return True

    def readable(self) -> bool:
        """It can't be read."""
        return False

    def take(self) -> str:
        """What was written since the last call."""
        text = "".join(self.parts)
        self.parts.clear()
        self.size = self.reported = 0
        return text


class Streams:
    """Standard output and standard error. They outlive a program: loggers hold on to them."""

    def __init__(self) -> None:
        self.printed, self.warned = Stream(), Stream()

    def new_text(self) -> tuple[str, str, str]:
        """What came since the last call: printed, nothing of C's, written to stderr."""
        return self.printed.take(), "", self.warned.take()


STREAMS = Streams()
_modules = dict(sys.modules)
_printing = numpy.get_printoptions()
_environ = dict(os.environ)


def run_job(text: str, report: Callable[[str], None] | None = None) -> str:
    """Run a job {code, tables: [{headers, rows}]}; return a Result of it, as JSON.

    The rows of all tables are numbered from 0. Of each shape comment the answer has what it `says`
    and what it `is`, all that differ where its line was reached more than once. `report` gets the
    output piece by piece. With `picture` in the job, the answer has one of the last model's shapes.
    """
    asked = json.loads(text)
    code = asked["code"]
    comments, _ = find_comments(code)
    numbers = count()
    tables = tuple(
        Rows(tuple(one["headers"]), tuple((next(numbers), row) for row in one["rows"]))
        for one in asked.get("tables", ())
    )
    job = Job(PROGRAM, code, tuple((one.line, one.statement) for one in comments), tables)
    reset()
    STREAMS.printed.report = STREAMS.warned.report = report
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = STREAMS.printed, STREAMS.warned
    try:
        result = run(job, STREAMS.new_text)
    finally:
        sys.stdout, sys.stderr = before
        STREAMS.printed.report = STREAMS.warned.report = None
    said = {one.line: format_answers(one.values) for one in comments}
    answer = asdict(result)
    answer["comments"] = {
        line: {"says": text, "is": list(dict.fromkeys(result.comments.get(line, ())))}
        for line, text in said.items()
    }
    if asked.get("picture"):
        answer["picture"] = picture(vars(sys.modules["__main__"]))
    return json.dumps(answer)


def picture(names: dict[str, object]) -> str:
    """The shapes of the model that a program made last, layer by layer, as SVG; "" for none."""
    models = [one for one in names.values() if isinstance(one, keras.Model) and one.built]
    outputs = []
    for model in models[-1:]:
        try:
            outputs += [("input", tuple(tensor.shape)) for tensor in model.inputs]
            for layer in model.layers:
                if isinstance(layer, keras.layers.InputLayer):
                    continue
                made = keras.tree.flatten(layer.output)
                outputs += [
                    (label(layer, number), tuple(one.shape)) for number, one in enumerate(made)
                ]
        except (AttributeError, ValueError, TypeError):
            return ""  # a subclass of Model, whose layers have no outputs of their own
    return drawing.layers(outputs) if outputs else ""


def label(layer: keras.Layer, number: int) -> str:
    """What stands beside a layer's output: its class and units, or that it is one more output."""
    units = getattr(layer, "units", None)
    if number:
        return f"+ output {number}"
    return type(layer).__name__ + (f"({units})" if units else "")


def reset() -> None:
    """Forget the last program: its modules, files, variables, settings and Keras's names."""
    for name in sys.modules.keys() - _modules.keys():
        if name.partition(".")[0] in ("__main__", "__mp_main__"):
            del sys.modules[name]
    os.environ.clear()
    os.environ.update(_environ)
    os.chdir("/")
    shutil.rmtree(HOME, ignore_errors=True)
    os.makedirs(HOME)
    os.chdir(HOME)
    sys.argv = [PROGRAM]
    sys.stdin = io.StringIO()  # nobody is asked
    numpy.set_printoptions(**_printing)
    keras.saving.get_custom_objects().clear()
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    keras.config.enable_traceback_filtering()
    keras.config.enable_interactive_logging()
    keras.utils.clear_session(free_memory=False)
    gc.collect()
    keras.utils.set_random_seed(0)


def redirect_loggers() -> None:
    """Let absl, through which Keras warns, write to the stream that is read."""
    for handler in logging.getLogger("absl").handlers:
        if python_handler := getattr(handler, "python_handler", None):
            python_handler.stream = STREAMS.warned
