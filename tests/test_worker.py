"""The worker outlives what snippets do, and ends with who started it."""

import subprocess
import time
from pathlib import Path

import psutil

from project import BIN, ROOT
from proof.plugin import annotations
from proof.protocol import Job
from proof.runner import shared_runner

ENDLESS = """\
import os
from pathlib import Path

Path({noted!r}).write_text(f"{{os.getpid()}} {{os.getppid()}}")
while True:
    pass
"""


def test_a_killed_run_leaves_no_snippet_running(tmp_path: Path) -> None:
    """Neither an endless snippet nor the worker outlives pytest."""
    noted = tmp_path / "noted"
    code = ENDLESS.format(noted=str(noted))
    (tmp_path / "page.md").write_text(f"# Page\n\n```python\n{code}```\n")
    settings = ("-p", "proof.plugin", "-c", ROOT / "pyproject.toml")
    command = [BIN / "pytest", *settings, tmp_path / "page.md"]
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    while not (noted.exists() and " " in noted.read_text()):
        assert running.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.1)
    left = [psutil.Process(int(pid)) for pid in noted.read_text().split()]
    running.kill()
    running.wait()
    _, alive = psutil.wait_procs(left, timeout=60)
    assert not alive


def test_the_worker_outlives_its_snippets() -> None:
    """One process for all of them, whatever they do to theirs."""
    runner = shared_runner()
    parents = []
    for code in ("", "os.kill(os.getpid(), 9) if 0 else None", "sys.stdout.close()"):
        program = f"import os, sys\nprint(os.getppid(), flush=True)\n{code}\n"
        parents.append(runner.run(Job("page.md", program)).output)
    assert len(set(parents)) == 1


def test_each_message_annotates_its_line_on_github() -> None:
    """A command for each place that a message begins with, and for nothing else."""
    text = "docs/a.md:3: 100% wrong\n+ docs/b.md:1: in a diff\n\ndocs/learn/c.md:5: again"
    assert list(annotations(text)) == [
        "::error file=docs/a.md,line=3::100%25 wrong",
        "::error file=docs/learn/c.md,line=5::again",
    ]
