"""The process that runs snippets: Keras imported once, a fresh namespace for each.

`python -m proof.worker FD` answers each Job that comes over the pipe FD with a Result.
"""

import abc
import ast
import contextlib
import contextvars
import ctypes
import functools
import gc
import io
import linecache
import locale
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from proof.shape_comments import answer, attach_checks, written

COLUMNS = "80"
SEED = 0
CHECK = "__check_claim__"

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What TensorFlow's C++ part logs, and what its errors say of files, devices and running numbers.
_NOISE = re.compile(
    r"(?m)^(?:[IWEF]\d{4} |\d{4}-\d\d-\d\d .*: [IWEF] |WARNING: All log messages).*\n?"
)
_GRAPH_FILES = re.compile(r'(?m)^ +File ".*", line \d+, in .*\n(?: {8}.*\n)?\n*')
_GRAPH_PLACE = re.compile(r"\{\{function_node [^}]*\}\} ?")
_GRAPH_NUMBER = re.compile(r"(__(?:inference|forward|backward)_\w+?)_\d+\b")
_GUARDED = (
    *("keras", "tf_keras", "numpy", "tensorflow.python.eager", "tensorflow.python.framework"),
    *("builtins", "warnings", "logging", "os", "sys", "random", "math", "json", "threading"),
)
# What no page names, except where settings are kept: it is large, and reading it takes time.
_PRIVATE = re.compile(r"\.(?:src\.(?!backend[._]config$|utils\.(?:io|traceback)_utils$)|_)")
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
    """

    output: str = ""
    claims: dict[int, list[str]] = field(default_factory=dict)
    cells: dict[int, list[str | None]] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    raised_at: int | None = None


class Stderr(io.StringIO):
    """Python's standard error, for good: TensorFlow's and absl's loggers hold on to it."""

    def close(self) -> None:
        """Stay open for the next snippet."""


class Worker:
    """Runs jobs one after the other, each as if it were the first."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.stderr = sys.stderr = Stderr()
        self.log = os.dup(2)
        self.folder = tempfile.mkdtemp(prefix="snippet-")
        os.environ.update(HOME=self.folder, TMPDIR=self.folder)
        tempfile.tempdir = self.folder

        import keras
        import numpy
        import tf_keras
        from tensorflow.python.eager import context
        from tensorflow.python.eager.polymorphic_function import polymorphic_function
        from tensorflow.python.platform import tf_logging
        from tensorflow.python.util import deprecation

        self.seed = keras.utils.set_random_seed
        self.clears = (
            functools.partial(keras.utils.clear_session, free_memory=False),
            tf_keras.backend.clear_session,
        )
        self.c_library = ctypes.CDLL(None)
        self.fixed_kinds = _FIXED | {numpy.ufunc}
        self.is_logging = tf_keras.utils.is_interactive_logging_enabled
        self.registered = keras.saving.get_custom_objects, tf_keras.saving.get_custom_objects
        self.tensorflow = polymorphic_function, tf_logging, deprecation
        self.modules = dict(sys.modules)
        self.environ = dict(os.environ)
        self.path = list(sys.path)
        self.guarded = self._guarded()
        self.settings = self._settings()
        # clear_session() also throws away TensorFlow's compiled kernels, which hold no results and
        # take more time to make again than a small snippet does to run.
        context.context().clear_kernel_cache = lambda: None

    def run(self, job: Job) -> Result:
        """Run one job. No exception of the snippet's gets out."""
        result = Result()
        try:
            contextvars.copy_context().run(self._run, job, result)
        finally:
            if os.getpid() != self.pid:  # the snippet forked, and this is not its parent
                os._exit(0)
            sys.modules["__main__"] = self.modules["__main__"]
            sys.stderr = self.stderr
            sys.stdout = sys.__stdout__
        return result

    def make_ready(self) -> bool:
        """Prepare for the next job; return False where the last one left something behind."""
        if not self._is_clean():
            return False
        self._reset()
        return True

    def _reset(self) -> None:
        """Forget earlier snippets: session, counters, environment, files, random state."""
        for clear in self.clears:
            clear()
        # What survives stays: without this, all of TensorFlow's heap would be searched each time.
        gc.collect()
        gc.freeze()
        functions, tf_logging, deprecation = self.tensorflow
        manager = functions._frequent_tracing_detector_manager
        functions._frequent_tracing_detector_manager = type(manager)()
        tf_logging._log_counter_per_token.clear()
        deprecation._PRINTED_WARNING.clear()
        signal.alarm(0)
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
            except Exception as error:
                text = str(error)
            result.claims.setdefault(line, []).append(text)
            return value

        module.__dict__[CHECK] = check
        with self._showing() as shown:
            try:
                exec(_compiled(job), module.__dict__)
                _join_threads()
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

    @contextlib.contextmanager
    def _showing(self) -> Iterator:
        """Catch what Python and C print, and what Python warns and logs.

        Yields a function that returns, since its last call, what was printed, what C wrote to
        standard error, and what Python did.
        """
        # Made anew, so that what an earlier snippet left running writes elsewhere.
        with tempfile.TemporaryFile() as printed:
            os.dup2(printed.fileno(), 1)
            os.dup2(self.log, 2)
            sys.stdin = open(os.devnull, encoding="utf-8")
            stdout = sys.stdout = io.TextIOWrapper(
                os.fdopen(os.dup(printed.fileno()), "wb"),
                encoding="utf-8",
                errors="surrogateescape",
                line_buffering=True,
            )
            sys.stderr = self.stderr
            logged = os.fstat(self.log).st_size

            def shown() -> tuple[str, str, str]:
                nonlocal logged
                self._flush(stdout)
                texts = [_text_from(printed.fileno(), 0), _text_from(self.log, logged)]
                os.truncate(printed.fileno(), 0)
                os.lseek(printed.fileno(), 0, os.SEEK_SET)
                logged = os.fstat(self.log).st_size
                warned = self.stderr.getvalue()
                self.stderr.seek(0)
                self.stderr.truncate()
                return texts[0], _NOISE.sub("", texts[1]), warned

            shown()
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                # Python shows these to no reader, except for what the snippet itself does.
                for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning):
                    warnings.simplefilter("ignore", category)
                    warnings.filterwarnings("always", "", category, "__main__$")
                # This one comes when the garbage collector likes, so no page can show it.
                warnings.simplefilter("ignore", ResourceWarning)
                warnings.showwarning = self._show_warning  # type: ignore[assignment]
                yield shown

    def _show_warning(self, message: Warning | str, category: type[Warning], *_: object) -> None:
        self.stderr.write(f"{category.__name__}: {message}\n")

    def _flush(self, stdout: io.TextIOWrapper) -> None:
        """Have the streams of the snippet, of Python and of C write what they hold."""
        for stream in (stdout, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        self.c_library.fflush(None)

    def _is_clean(self) -> bool:
        """Whether nothing that a later snippet could meet has changed."""
        return (
            threading.active_count() == 1
            and _childless()
            and self._settings() == self.settings
            and self.modules.items() <= sys.modules.items()
            and all(
                _same(list(vars(owner).values()), values) or self._fixed(owner) == fixed
                for owner, values, fixed in self.guarded
            )
        )

    def _guarded(self) -> list[tuple[object, list[object], dict[str, object]]]:
        """What a snippet could patch: a module or class, all its values, those no run changes."""
        owners: dict[object, None] = {}
        for name, module in list(sys.modules.items()):
            named = name.startswith(_GUARDED) and not _PRIVATE.search(name)
            if named and isinstance(module, types.ModuleType):
                owners[module] = None
                owners.update((one, None) for one in vars(module).values() if isinstance(one, type))
        return [(owner, list(vars(owner).values()), self._fixed(owner)) for owner in owners]

    def _fixed(self, owner: object) -> dict[str, object]:
        """The functions, classes and constants of a module or class, which no run changes."""
        return {
            name: value for name, value in vars(owner).items() if type(value) in self.fixed_kinds
        }

    def _settings(self) -> list[object]:
        """What a snippet may register or set for the whole process: classes, loggers."""
        loggers = [logging.root, *logging.root.manager.loggerDict.values()]
        return [
            *(dict(registered()) for registered in self.registered),
            [
                (one.name, one.level, one.disabled, one.handlers[:], one.filters[:])
                for one in loggers
                if isinstance(one, logging.Logger) and (one.handlers or one.level or one.filters)
            ],
            (logging.root.manager.disable, logging.getLevelName(logging.WARNING)),
            (sys.getrecursionlimit(), locale.setlocale(locale.LC_ALL), self.is_logging()),
            [signal.getsignal(one) for one in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)],
        ]


def _childless() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def _same(now: list[object], before: list[object]) -> bool:
    """Whether nothing at all has changed; quick, for what is identical isn't looked into."""
    try:
        return now == before
    except Exception:
        return False


def _join_threads() -> None:
    """Wait for the threads that Python waits for before it ends."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _text_from(descriptor: int, start: int) -> str:
    """What a file holds from a place on, as text."""
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size - start, start).decode("utf-8", "surrogateescape")


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
    """Parts one below the other, as a reader sees them.

    Without colors and blanks at the end of a line; other control characters are spelt out; of a
    graph error, without what changes from run to run and from place to place.
    """
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts if part)
    text = _GRAPH_PLACE.sub("", _GRAPH_FILES.sub("", _COLOR.sub("", text)))
    text = _GRAPH_NUMBER.sub(r"\1", text)
    text = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
    return "".join(line.expandtabs().rstrip() + "\n" for line in text.split("\n")[:-1])


def serve(pipe: Connection) -> None:
    """Say whether the worker is ready, answer a job, and so on until the pipe closes."""
    os.set_inheritable(pipe.fileno(), False)
    try:
        worker = Worker()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        raise
    with contextlib.suppress(EOFError):
        while True:
            # After the answer, so that it costs no one's time.
            pipe.send(worker.make_ready())
            pipe.send(worker.run(pipe.recv()))


if __name__ == "__main__":
    # Under its importable name, so that what it sends is the parent's own classes.
    from proof import worker

    worker.serve(Connection(int(sys.argv[1])))
