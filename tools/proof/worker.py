"""The process that runs snippets, each in a fork of itself, with Keras already imported.

`python -m proof.worker FD keras numpy` says over the pipe FD which versions it has, once these
packages are imported. Each request is then a limit in seconds and a Job; the answer is a Result,
or a text that says why there is none. Nothing is run in this process but imports, so no snippet
sees anything of another. Runs on Python 3.7 and newer, with any Keras.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import os
import platform
import re
import resource
import shutil
import signal
import sys
import tempfile
import warnings
from importlib import import_module
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, NoReturn

from proof.program import run
from proof.protocol import Job

TOOLS = str(Path(__file__).parents[1])
LARGEST_FILE = 64 * 2**20  # bytes
LONGEST_OUTPUT = 10**6  # characters

# What TensorFlow's C++ part logs.
_LOG = re.compile(
    r"(?m)^(?:[IWEF]\d{4} |\d{4}-\d\d-\d\d .*: [IWEF] |WARNING: All log messages).*\n?"
)


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


def serve(pipe: Connection, packages: list[str]) -> None:
    """Import the packages, then answer requests until the other end of the pipe is closed."""
    os.set_inheritable(pipe.fileno(), False)
    # One file for good: the loggers of TensorFlow and absl hold on to it. In a fork its
    # descriptor leads elsewhere.
    stderr = os.fdopen(os.dup(2), "wb")
    sys.stderr = io.TextIOWrapper(stderr, "utf-8", "backslashreplace", line_buffering=True)
    setattr(sys, "__stderr__", sys.stderr)  # noqa: B010
    sys.stdout.reconfigure(errors="surrogateescape", line_buffering=True)  # type: ignore[union-attr]
    modules = [import_module(name) for name in packages]
    gc.collect()
    gc.freeze()  # a fork needn't look through what is imported
    versions = {one.__name__: str(one.__version__) for one in modules}
    pipe.send({"python": platform.python_version(), **versions})
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
        warnings.simplefilter("ignore")  # a fork where C has threads
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
            status = _exit_code(os.waitpid(child, 0)[1])
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


def _exit_code(status: int) -> int:
    """What the status of a process that was waited for says; negative for a signal."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def _run_and_exit(job: Job, folder: str, streams: Streams, answers: Connection) -> NoReturn:
    """Run a job in this process, which is its own, and send what comes of it."""
    try:
        os.setsid()
        child = os.getpid()
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        _settle(folder, job.path)
        streams.redirect()
        result = run(job, streams.new_text)
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


if __name__ == "__main__":
    # Under its importable name, so that it exists once.
    import_module("proof.worker").serve(Connection(int(sys.argv[1])), sys.argv[2:])
