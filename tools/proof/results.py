"""Keep what snippets showed, so that nothing is run twice where nothing changed."""

import contextlib
import fcntl
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from proof.installed import installed_digest
from proof.protocol import Job, Result
from proof.runner import SNIPPET_LIMIT, Runner, SnippetStopped, environment

_WORKER = ("worker.py", "program.py", "protocol.py", "shape_comments.py", "runner.py")


class ResultCache:
    """Runs a job only where it hasn't run the same before, in this process or another.

    Kept below `folder`, in a folder named for all that a result depends on besides the job: Python
    and the machine, each file of each installed package, the worker and its environment. A snippet
    that was stopped is not kept for the next run, since the machine may have been busy.
    """

    def __init__(self, runner: Runner, folder: Path, limit: float = SNIPPET_LIMIT) -> None:
        self.runner = runner
        self.limit = limit
        self.folder = folder / environment_digest()
        self.outcomes: dict[Job, Result | SnippetStopped] = {}
        self.runs = 0
        self.folder.mkdir(parents=True, exist_ok=True)
        for other in set(folder.iterdir()) - {self.folder}:
            shutil.rmtree(other, ignore_errors=True)

    def run(self, job: Job, limit: float | None = None) -> Result:
        """Return what the job shows, within `limit` seconds where it isn't the usual one.

        Raises SnippetStopped, the first time and again.
        """
        if job not in self.outcomes:
            try:
                self.outcomes[job] = self._kept_or_run(job, limit or self.limit)
            except SnippetStopped as stopped:
                self.outcomes[job] = stopped
        outcome = self.outcomes[job]
        if isinstance(outcome, SnippetStopped):
            raise outcome
        return outcome

    def _kept_or_run(self, job: Job, limit: float) -> Result:
        key = hashlib.sha256(job.to_json().encode()).hexdigest()
        path = self.folder / f"{key}.json"
        with self._locked(int(key[:12], 16)):
            with contextlib.suppress(OSError, ValueError):  # none, or a damaged one
                return Result.from_json(path.read_text(encoding="utf-8"))
            self.runs += 1
            result = self.runner.run(job, limit)
            new = path.with_suffix(f".{os.getpid()}")
            new.write_text(result.to_json(), encoding="utf-8")
            new.replace(path)
            return result

    @contextlib.contextmanager
    def _locked(self, place: int) -> Iterator[None]:
        """Let other processes wait for this job, at its place in a file of locks."""
        with open(self.folder / "locks", "ab") as locks:
            fcntl.lockf(locks, fcntl.LOCK_EX, 1, place)
            yield


def environment_digest() -> str:
    """All that a result depends on besides its job, as a short name."""
    settings = environment("") | {"PATH": "", "PYTHONPATH": ""}
    parts = [repr((sys.version, platform.platform(), sorted(settings.items()))), installed_digest()]
    code = [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in _WORKER]
    return hashlib.sha256("\0".join([*parts, *code]).encode()).hexdigest()[:16]
