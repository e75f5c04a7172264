"""The process that runs snippets: Keras imported once, a fresh namespace for each.

`python -m proof.worker FD` answers each Job that comes over the pipe FD with a Result.
"""

import abc
import ast
import contextvars
import gc
import io
import linecache
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from proof.claims import answer, attach_checks, written

COLUMNS = "80"
SEED = 0
CHECK = "__check_claim__"

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_GUARDED = ("keras", "tf_keras", "numpy", "builtins", "tensorflow.python.eager")
_FIXED = {
    *(type, abc.ABCMeta, types.FunctionType, types.BuiltinFunctionType),
    *(property, staticmethod, classmethod, str, int, float, bool),
}


@dataclass(frozen=True)
class Rows:
    """A table to run: the code of its headers, and each row's key and first code."""

    codes: tuple[str | None, ...]
    rows: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Job:
    """A snippet to run: its page, its code, the lines of its claims (from 1), its tables."""

    path: str
    code: str
    claims: tuple[int, ...] = ()
    tables: tuple[Rows, ...] = ()


@dataclass
class Result:
    """What a snippet showed, and what its claims and tables really are.

    `claims`: line of a shape comment → its answers, each time that it was reached.
    `cells`: key of a table row → its cells, None where nothing is run.
    `failures`: key of a table row → why it could not be run.
    `raised_at`: the line of the snippet that raised, or None.
    `clean`: False where the snippet left something behind in the process.
    """

    output: str = ""
    claims: dict[int, list[str]] = field(default_factory=dict)
    cells: dict[int, list[str | None]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    raised_at: int | None = None
    clean: bool = True


class Stderr(io.StringIO):
    """Python's standard error, for good: TensorFlow's and absl's loggers hold on to it."""

    def close(self) -> None:
        """Stay open for the next snippet."""


class Worker:
    """Runs jobs one after the other, each as if it were the first."""

    def __init__(self) -> None:
        self.stderr = sys.stderr = Stderr()
        self.printed = tempfile.TemporaryFile()
        self.folder = tempfile.mkdtemp(prefix="snippet-")

        import keras
        import tf_keras
        from tensorflow.python.eager.polymorphic_function import polymorphic_function
        from tensorflow.python.platform import tf_logging
        from tensorflow.python.util import deprecation

        self.seed = keras.utils.set_random_seed
        self.clears = keras.utils.clear_session, tf_keras.backend.clear_session
        self.registered = keras.saving.get_custom_objects, tf_keras.saving.get_custom_objects
        self.tensorflow = polymorphic_function, tf_logging, deprecation
        self.modules = dict(sys.modules)
        self.environ = dict(os.environ)
        self.path = list(sys.path)
        self.guarded = _guarded()
        self.settings = self._settings()
        # clear_session() collects garbage: without this, all of TensorFlow's heap each time.
        gc.collect()
        gc.freeze()

    def run(self, job: Job) -> Result:
        """Run one job. No exception of the snippet's gets out."""
        result = Result()
        self._reset()
        try:
            contextvars.copy_context().run(self._run, job, result)
        finally:
            sys.modules["__main__"] = self.modules["__main__"]
            sys.stderr = self.stderr
            sys.stdout = sys.__stdout__
        result.clean = self._is_clean()
        return result

    def _reset(self) -> None:
        """Forget earlier snippets: session, counters, environment, files, random state."""
        for clear in self.clears:
            clear()
        functions, tf_logging, deprecation = self.tensorflow
        manager = functions._frequent_tracing_detector_manager
        functions._frequent_tracing_detector_manager = type(manager)()
        tf_logging._log_counter_per_token.clear()
        deprecation._PRINTED_WARNING.clear()
        os.environ.clear()
        os.environ.update(self.environ)
        sys.path[:] = self.path
        shutil.rmtree(self.folder, ignore_errors=True)
        os.mkdir(self.folder)
        os.chdir(self.folder)
        self.seed(SEED)

    def _run(self, job: Job, result: Result) -> None:
        module = types.ModuleType("__main__")
        module.__dict__["__file__"] = job.path
        sys.modules["__main__"] = module
        sys.argv = [job.path]
        lines = job.code.splitlines(keepends=True)
        linecache.cache[job.path] = (len(job.code), None, lines, job.path)

        def check(value: object, line: int) -> object:
            try:
                text = written(answer(value))
            except TypeError as error:
                text = str(error)
            result.claims.setdefault(line, []).append(text)
            return value

        module.__dict__[CHECK] = check
        with self._showing() as shown:
            try:
                exec(_compiled(job), module.__dict__)
                raised = ""
            except BaseException as error:
                raised = _raised(error)
                result.raised_at = _line_of(error, job.path)
            result.output = _lines(*shown(), raised)
            for table in job.tables:
                for row, code in table.rows:
                    try:
                        result.cells[row] = _cells(table.codes, code, module.__dict__)
                    except BaseException as error:
                        result.failures[row] = _raised(error)
                    extra = _lines(*shown())
                    if extra:
                        result.failures.setdefault(
                            row, f"the row shows this, and a table has no place for it:\n{extra}"
                        )

    @contextmanager
    def _showing(self) -> Iterator:
        """Catch what Python and C print, and what Python warns and logs.

        Yields a function that returns both texts since its last call.
        """
        target = self.printed.fileno()
        os.dup2(target, 1)
        sys.stdout = io.TextIOWrapper(
            os.fdopen(os.dup(target), "wb", buffering=0), encoding="utf-8", write_through=True
        )
        sys.stdin = open(os.devnull, encoding="utf-8")

        def shown() -> tuple[str, str]:
            self.printed.seek(0)
            printed = self.printed.read().decode("utf-8", "replace")
            warned = self.stderr.getvalue()
            self.printed.seek(0)
            self.printed.truncate()
            self.stderr.seek(0)
            self.stderr.truncate()
            return printed, warned

        def show(message: Warning | str, category: type[Warning], *_: object) -> None:
            self.stderr.write(f"{category.__name__}: {message}\n")

        sys.stderr = self.stderr
        shown()
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            # It comes when the garbage collector likes, so no page can show it.
            warnings.simplefilter("ignore", ResourceWarning)
            warnings.showwarning = show  # type: ignore[assignment]
            yield shown

    def _is_clean(self) -> bool:
        """Whether nothing that a later snippet could meet has changed."""
        return (
            threading.active_count() == 1
            and _childless()
            and self._settings() == self.settings
            and all(sys.modules.get(name) is module for name, module in self.modules.items())
            and all(_fixed(owner) == before for owner, before in self.guarded.items())
        )

    def _settings(self) -> list[object]:
        """What a snippet may register or set for the whole process: classes, loggers."""
        loggers = [logging.root, *logging.root.manager.loggerDict.values()]
        return [
            *(dict(registered()) for registered in self.registered),
            [
                (one.name, one.level, one.disabled, list(one.handlers))
                for one in loggers
                if isinstance(one, logging.Logger) and (one.handlers or one.level)
            ],
        ]


def _childless() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def _guarded() -> dict[object, dict[str, object]]:
    """What a snippet could patch: each guarded module and class, with its fixed attributes."""
    state = {}
    for name, module in list(sys.modules.items()):
        if name.startswith(_GUARDED) and isinstance(module, types.ModuleType):
            classes = [value for value in vars(module).values() if isinstance(value, type)]
            for owner in (module, *classes):
                state[owner] = _fixed(owner)
    return state


def _fixed(owner: object) -> dict[str, object]:
    """The functions, classes and constants of a module or class, which no run changes."""
    return {name: value for name, value in vars(owner).items() if type(value) in _FIXED}


def _compiled(job: Job) -> types.CodeType:
    tree = ast.parse(job.code)
    attach_checks(tree, set(job.claims), CHECK)
    return compile(tree, job.path, "exec", dont_inherit=True)


def _cells(codes: tuple[str | None, ...], code: str, names: dict) -> list[str | None]:
    """Run a row: bind its first code to the first header's name, evaluate the other headers."""
    names[codes[0]] = eval(code, names)
    cells: list[str | None] = [code]
    for header in codes[1:]:
        cells.append(None if header is None else _text(eval(header, names)))
    return cells


def _text(value: object) -> str:
    try:
        return written(answer(value))
    except TypeError:
        return str(value)


def _raised(error: BaseException) -> str:
    """An error as Python's last line shows it: its type, its message, its notes."""
    message = (error.msg or "") if isinstance(error, SyntaxError) else _message(error)
    head = type(error).__name__ + (f": {message}" if message else "")
    return "\n".join([head, *getattr(error, "__notes__", [])])


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as broken:
        return f"<message that raises {type(broken).__name__}>"


def _line_of(error: BaseException, path: str) -> int | None:
    line, trace = None, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _lines(*parts: str) -> str:
    """Parts one below the other, without colour codes and trailing blanks, which no one sees."""
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts if part)
    return "".join(line.rstrip() + "\n" for line in _COLOUR.sub("", text).splitlines())


def serve(pipe: Connection) -> None:
    """Answer jobs until the pipe closes."""
    worker = Worker()
    pipe.send("ready")
    try:
        while True:
            pipe.send(worker.run(pipe.recv()))
    except EOFError:
        pass


if __name__ == "__main__":
    # Under its importable name, so that what it sends is the parent's own classes.
    from proof import worker

    worker.serve(Connection(int(sys.argv[1])))
