"""Start the worker, hand it snippets, stop it."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from multiprocessing import Pipe
from pathlib import Path

from proof.protocol import COLUMNS, Job, Result

PACKAGES = ("keras", "tf_keras", "numpy")
START_LIMIT = 300  # seconds
SNIPPET_LIMIT = 60.0  # seconds
_TENSORFLOW_GREETING = re.compile(r"I0000 |WARNING: All log messages")


class SnippetStopped(Exception):
    """A snippet that did not come to its end; its text says why."""


class Runner:
    """Keeps one worker. `start` begins the import of Keras and doesn't wait for it.

    `python`: the one that runs it. `packages`: what is imported before the first snippet.
    """

    def __init__(
        self,
        python: str = sys.executable,
        packages: Sequence[str] = PACKAGES,
        backend: str = "tensorflow",
    ) -> None:
        self.command = [python, "-m", "proof.worker"]
        self.packages = packages
        self.backend = backend
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.versions: dict[str, str] = {}
        atexit.register(self.stop)

    def start(self) -> None:
        """Start the worker, if there is none."""
        if self.process:
            return
        self.home = Path(tempfile.mkdtemp(prefix="proof-"))
        self.pipe, workers_end = Pipe()
        with open(self.home / "log", "a+b") as log:
            self.process = subprocess.Popen(
                [*self.command, str(workers_end.fileno()), *self.packages],
                pass_fds=[workers_end.fileno()],
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment(str(self.home), self.backend),
                start_new_session=True,
            )
        workers_end.close()
        self.ready = False

    def run(self, job: Job, limit: float = SNIPPET_LIMIT) -> Result:
        """Run a job within `limit` seconds. Raises SnippetStopped."""
        self.wait_until_ready()
        try:
            self.pipe.send((limit, job.to_json()))
            kind, text = self.pipe.recv()
        except (EOFError, OSError):
            raise SnippetStopped(f"the worker ended: {self.stop()}") from None
        if kind == "stopped":
            raise SnippetStopped(text)
        return Result.from_json(text)

    def wait_until_ready(self) -> None:
        """Start the worker, if there is none, and wait for its imports. Raises SnippetStopped."""
        self.start()
        if self.ready:
            return
        try:
            if self.pipe.poll(START_LIMIT):
                self.versions = self.pipe.recv()
                self.ready = True
        except (EOFError, OSError):
            pass
        if not self.ready:
            raise SnippetStopped(f"Keras could not be imported: {self.stop()}")

    def stop(self) -> str:
        """Stop the worker and what it runs; return its status and its last words."""
        if not self.process:
            return ""
        self.pipe.close()  # upon which it stops its snippet and ends
        try:
            status = self.process.wait(5 if self.ready else 0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            status = self.process.wait()
        self.process = None
        log = (self.home / "log").read_text("utf-8", "replace").splitlines()
        last = [line for line in log if not _TENSORFLOW_GREETING.match(line)][-20:]
        shutil.rmtree(self.home, ignore_errors=True)
        return "\n".join([f"status {status}", *last])


@cache
def shared_runner(number: int = 0) -> Runner:
    """The worker of this process, which takes seconds to start; by another number another one.

    Two workers have other random numbers, and another order of sets.
    """
    return Runner()


def environment(home: str, backend: str = "tensorflow") -> dict[str, str]:
    """The worker's environment: nothing of the user's that changes what Keras shows."""
    needed = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in needed if name in os.environ} | {
        "HOME": home,
        "TMPDIR": home,
        "KERAS_HOME": home,
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # the same arithmetic on every processor
        "CUDA_VISIBLE_DEVICES": "-1",
        "MPLBACKEND": "Agg",  # no window
        "COLUMNS": COLUMNS,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS: a fork only runs Python and Keras
    }
