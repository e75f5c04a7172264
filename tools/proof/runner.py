"""Hand snippets to a worker process; stop an endless one, replace a spoilt worker."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from multiprocessing import Pipe
from pathlib import Path

from proof.worker import COLUMNS, Job, Result

START_LIMIT = 300
READY_LIMIT = 10
_TENSORFLOW_GREETING = re.compile(r"I0000 |WARNING: All log messages")


class SnippetStopped(Exception):
    """A snippet that did not come to its end; its text says why, and the mend."""


class Runner:
    """Keeps one worker. `start` begins the import of Keras and doesn't wait for it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        atexit.register(self.stop)

    def start(self) -> None:
        """Start the worker, if there is none."""
        if self.process:
            return
        self.home = Path(tempfile.mkdtemp(prefix="proof-"))
        self.pipe, theirs = Pipe()
        with open(self.home / "log", "a+b") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "proof.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment(str(self.home)),
                start_new_session=True,
            )
        theirs.close()
        self.used = False

    def run(self, job: Job, limit: float) -> Result:
        """Run a job within `limit` seconds. Raises SnippetStopped."""
        if self.process and self.used and not self._is_ready():
            self.stop()
        self.start()
        if not self.used:
            self._receive(START_LIMIT, "Keras could not be imported")
            self.used = True
        self.pipe.send(job)
        return self._receive(limit, "the snippet ended Python itself, which it may not")

    def _is_ready(self) -> bool:
        """Whether the last snippet left the worker alive, and as it was."""
        try:
            return self.pipe.poll(READY_LIMIT) and self.pipe.recv()
        except (EOFError, OSError):
            return False

    def _receive(self, limit: float, died: str) -> Result:
        try:
            if self.pipe.poll(limit):
                return self.pipe.recv()
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
            raise SnippetStopped(f"{died}: {self.stop()}") from None
        self.stop()
        raise SnippetStopped(
            f"the snippet did not end within {limit:g} s; mend it, or allow it more with "
            "--snippet-timeout"
        )

    def stop(self) -> str:
        """Stop the worker and all that it started; return its status and its last words."""
        if not self.process:
            return ""
        self.pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.wait()
        self.process = None
        log = (self.home / "log").read_text("utf-8", "replace").splitlines()
        said = [line for line in log if not _TENSORFLOW_GREETING.match(line)]
        shutil.rmtree(self.home, ignore_errors=True)
        return "\n".join([f"status {status}", *said[-20:]])


class Memory:
    """Runs a job only where it hasn't run the same before; a job knows no place on its page."""

    def __init__(self, runner: Runner, limit: float) -> None:
        self.runner = runner
        self.limit = limit
        self.outcomes: dict[Job, Result | SnippetStopped] = {}

    def run(self, job: Job) -> Result:
        """Return what the job shows. Raises SnippetStopped, the first time and again."""
        if job not in self.outcomes:
            try:
                self.outcomes[job] = self.runner.run(job, self.limit)
            except SnippetStopped as stopped:
                self.outcomes[job] = stopped
        outcome = self.outcomes[job]
        if isinstance(outcome, SnippetStopped):
            raise outcome
        return outcome


def environment(home: str) -> dict[str, str]:
    """The worker's environment: nothing of the user's that changes what Keras shows."""
    needed = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in needed if name in os.environ} | {
        "HOME": home,
        "TMPDIR": home,
        "KERAS_HOME": home,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # the same arithmetic on every processor
        "CUDA_VISIBLE_DEVICES": "-1",
        "MPLBACKEND": "Agg",  # no window
        "COLUMNS": COLUMNS,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
