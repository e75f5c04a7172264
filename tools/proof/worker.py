"""The process that runs snippets, each in a fork of itself, with Keras already imported.

`python -m proof.worker FD` says None over the pipe FD once Keras is imported. Each request is
then a limit in seconds and a Job; the answer is a Result, or a text that says why there is none.
Nothing is run in this process but imports, so no snippet sees anything of another.
"""

import ast
import builtins
import contextlib
import ctypes
import gc
import io
import linecache
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import threading
import traceback
import types
import warnings
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any, NoReturn

from proof.protocol import MISTAKES, Job, Result
from proof.shape_comments import answer, attach_checks, format_answers

PRELOADED = ("keras", "tf_keras", "numpy")
TOOLS = str(Path(__file__).parents[1])
CHECK = "__check_shape_comment__"
LARGEST_FILE = 64 * 2**20  # bytes
LONGEST_OUTPUT = 10**6  # characters

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What TensorFlow's C++ part logs, and what its errors say of files, devices and running numbers.
_LOG = re.compile(
    r"(?m)^(?:[IWEF]\d{4} |\d{4}-\d\d-\d\d .*: [IWEF] |WARNING: All log messages).*\n?"
)
_GRAPH_FILES = re.compile(r'(?m)^ +File ".*", line \d+, in .*\n(?: {8}.*\n)?\n*')
_GRAPH_PLACE = re.compile(r"\{\{function_node [^}]*\}\} ?")
_GRAPH_NUMBER = re.compile(r"(__(?:inference|forward|backward)_\w+?)_\d+\b")


class Streams:
    """The files that a snippet's output goes to: standard output, C's and Python's errors.

    Made before the fork, so that they can be read when the snippet has ended its process.
    """

    def __init__(self) -> None:
        self.files: list[IO[bytes]] = [tempfile.TemporaryFile() for _ in range(3)]
        self.read = [0, 0, 0]

    def redirect(self) -> None:
        """Send what this process prints to the files."""
        printed, logged, warned = self.files
        sys.stdin = open(os.devnull, encoding="utf-8")
        for file, descriptor in ((printed, 1), (logged, 2), (warned, sys.stderr.fileno())):
            os.dup2(file.fileno(), descriptor)

    def new_text(self) -> tuple[str, str, str]:
        """What came since the last call: printed, written by C to stderr, by Python to stderr."""
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()  # type: ignore[union-attr]
        ctypes.CDLL(None).fflush(None)
        texts = []
        for index, file in enumerate(self.files):
            size = os.fstat(file.fileno()).st_size
            data = os.pread(file.fileno(), size - self.read[index], self.read[index])
            self.read[index] = size
            texts.append(data.decode("utf-8", "surrogateescape"))
        return texts[0], _LOG.sub("", texts[1]), texts[2]

    def close(self) -> None:
        """Delete the files."""
        for file in self.files:
            file.close()


def serve(pipe: Connection) -> None:
    """Import Keras, then answer requests until the other end of the pipe is closed."""
    os.set_inheritable(pipe.fileno(), False)
    # One file for good: the loggers of TensorFlow and absl hold on to it. In a fork its
    # descriptor leads elsewhere.
    stderr = os.fdopen(os.dup(2), "wb")
    sys.stderr = io.TextIOWrapper(stderr, "utf-8", "backslashreplace", line_buffering=True)
    setattr(sys, "__stderr__", sys.stderr)  # noqa: B010
    sys.stdout.reconfigure(errors="surrogateescape", line_buffering=True)  # type: ignore[union-attr]
    for name in PRELOADED:
        import_module(name)
    gc.collect()
    gc.freeze()  # a fork needn't look through what is imported
    pipe.send(None)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            limit, text = pipe.recv()
            pipe.send(run_in_fork(Job.from_json(text), limit, pipe))


def run_in_fork(job: Job, limit: float, caller: Connection) -> tuple[str, str]:
    """Run a job in a fork of this process, and stop all that it started.

    Returns ("result", a Result as JSON) or ("stopped", why there is none). Raises EOFError where
    the caller goes away.
    """
    folder, streams = tempfile.mkdtemp(prefix="snippet-"), Streams()
    receiving, sending = Pipe(duplex=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork where C has threads
        child = os.fork()
    if not child:
        _run_and_exit(job, folder, streams, sending)
    sending.close()
    status = None
    try:
        ready = wait([receiving, caller], limit)
        if caller in ready:
            raise EOFError
        if receiving not in ready:
            return "stopped", f"the snippet did not end within {limit:g} s"
        try:
            kind, text = receiving.recv()
            return kind, text
        except EOFError:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            _, logged, said = streams.new_text()
            last = [f"status {status}", *(logged + said).splitlines()[-20:]]
            ended = "the snippet ended Python itself, which it may not: "
            return "stopped", ended + "\n".join(last)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if status is None:
            os.waitpid(child, 0)
        receiving.close()
        streams.close()
        shutil.rmtree(folder, ignore_errors=True)


def _run_and_exit(job: Job, folder: str, streams: Streams, answers: Connection) -> NoReturn:
    """Run a job in this process, which is its own, and send what comes of it."""
    try:
        os.setsid()
        child = os.getpid()
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        _settle(folder, job.path)
        streams.redirect()
        result = run(job, streams)
        if os.getpid() == child:  # else the snippet forked, and this is not its parent
            if len(result.output) > LONGEST_OUTPUT:
                answers.send(("stopped", f"the snippet shows over {LONGEST_OUTPUT:,} characters"))
            else:
                answers.send(("result", result.to_json()))
    finally:
        os._exit(0)


def _settle(folder: str, path: str) -> None:
    """Make this process that of a program in `folder`, which sees nothing of this project."""
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder, KERAS_HOME=folder)
    os.environ.pop("PYTHONPATH", None)
    tempfile.tempdir = folder
    sys.argv = [path]
    sys.path[:] = [folder, *(one for one in sys.path[1:] if one != TOOLS)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "proof"]:
        del sys.modules[name]


def run(job: Job, streams: Streams) -> Result:
    """Run a job in this process. No exception of the snippet's gets out."""
    result = Result()
    names = _namespace(job, result)
    linecache.cache[job.path] = (len(job.code), None, job.code.splitlines(True), job.path)
    streams.new_text()
    _show_all_warnings()
    try:
        tree = ast.parse(job.code)
        attach_checks(tree, set(job.comment_lines), CHECK)
        exec(compile(tree, job.path, "exec", dont_inherit=True), names)
        _join_threads()
        raised = ""
    except BaseException as error:
        raised = _without_places(_raised(error).removesuffix("\n") + "\n")
        result.raised_at = _line_of(error, job.path)
    result.output = _shown(streams, raised)
    for table in job.tables:
        for key, code in table.rows:
            try:
                result.cells[key] = _cells(table.headers, code, names)
            except BaseException as error:
                result.failures[key] = _raised(error)
            if extra := _shown(streams):
                result.failures.setdefault(
                    key, f"the row shows this, and a table has no place for it:\n{extra}"
                )
    return result


def _namespace(job: Job, result: Result) -> dict[str, Any]:
    """The names of a program that has just begun, and the check of its shape comments."""
    module = types.ModuleType("__main__")
    names = vars(module)
    names.update(__file__=job.path, __annotations__={}, __cached__=None, __builtins__=builtins)
    names["__loader__"] = Loader(job.code)
    sys.modules["__main__"] = module
    if job.comment_lines:

        def check(value: object, line: int) -> object:
            try:
                text = format_answers(answer(value))
            except Exception as error:
                text = str(error)
            result.comments.setdefault(line, []).append(text)
            return value

        # Not among the snippet's own names, which `dir()` shows.
        names["__builtins__"] = {**vars(builtins), CHECK: check}
    return names


class Loader:
    """Gives a snippet's code to what reads it again, such as TensorFlow's AutoGraph."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_source(self, name: str) -> str:
        """The code of the module, which has no file."""
        return self.code


def _show_all_warnings() -> None:
    """Write each warning as `Category: message`, each time that it comes.

    Left out is what Python shows to no reader, deprecations outside the snippet itself, and
    ResourceWarning, which comes when the garbage collector likes.
    """
    warnings.resetwarnings()
    warnings.simplefilter("always")
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning):
        warnings.simplefilter("ignore", category)
        warnings.filterwarnings("always", "", category, "__main__$")
    warnings.simplefilter("ignore", ResourceWarning)

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        print(f"{category.__name__}: {message}", file=sys.stderr)

    warnings.showwarning = show


def _join_threads() -> None:
    """Wait for the threads that Python waits for before it ends."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _cells(headers: tuple[str | None, ...], code: str, names: dict[str, Any]) -> list[str | None]:
    """Run a row: bind its first code to the first header's name, evaluate the other headers."""
    names[str(headers[0])] = eval(code, names)
    return [code, *(None if one is None else _cell(one, names) for one in headers[1:])]


def _cell(code: str, names: dict[str, Any]) -> str:
    """What a header's code answers: the type that it raises, else first warns of, else its value.

    A typing error is raised again, since no table is about one.
    """
    warned: list[str] = []

    def note(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        warned.append(category.__name__)

    show, warnings.showwarning = warnings.showwarning, note
    try:
        value = eval(code, names)
    except Exception as error:
        if type(error).__name__ in MISTAKES:
            raise
        return f"raises {type(error).__name__}"
    finally:
        warnings.showwarning = show
    if warned:
        return f"warns {warned[0]}"
    try:
        return format_answers(answer(value))
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
    """The innermost line of the snippet from which an error came."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return lines[-1] if lines else None


def _without_places(message: str) -> str:
    """A message without what TensorFlow says of its files, its devices and running numbers."""
    return _GRAPH_NUMBER.sub(r"\1", _GRAPH_PLACE.sub("", _GRAPH_FILES.sub("", message)))


def _shown(streams: Streams, raised: str = "") -> str:
    """What a reader sees: what was printed, what went to standard error, what was raised.

    Without colors and without blanks at the end of a line; tabs are spaces, as in a terminal, and
    other control characters are spelled out.
    """
    printed, logged, warned = streams.new_text()
    parts = (printed, _without_places(logged), warned, raised)
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts if part)
    text = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], _COLOR.sub("", text))
    return "".join(line.expandtabs().rstrip() + "\n" for line in text.split("\n")[:-1])


if __name__ == "__main__":
    # Under its importable name, so that it exists once.
    import_module("proof.worker").serve(Connection(int(sys.argv[1])))
