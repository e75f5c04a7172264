"""The worker outlives what snippets do, and ends with who started it."""

import signal
from pathlib import Path

from project import ENDLESS, ROOT, left_by
from proof.plugin import annotations
from proof.protocol import Job
from proof.runner import shared_runner


def test_a_killed_run_leaves_no_snippet_running(tmp_path: Path) -> None:
    """Neither an endless snippet nor the worker outlives pytest."""
    noted = tmp_path / "noted"
    code = ENDLESS.format(noted=str(noted))
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n```python\n{code}```\n")
    command = ("pytest", "-p", "proof.plugin", "-c", ROOT / "pyproject.toml", page)
    assert not left_by(signal.SIGKILL, noted, *command)


def test_the_worker_outlives_its_snippets() -> None:
    """One process for all of them, whatever they do to theirs."""
    runner = shared_runner()
    program = "import os, sys\nprint(os.getppid(), flush=True)\n"
    jobs = [Job("page.md", f"{program}{code}\n") for code in ("sys.stdout.close()", "pass")]
    assert len({runner.run(job).output for job in jobs}) == 1


def test_each_message_annotates_its_line_on_github() -> None:
    """A command for each place that a message begins with, and for nothing else."""
    text = "docs/a.md:3: 100% wrong\n+ docs/b.md:1: in a diff\n\ndocs/learn/c.md:5: again"
    assert list(annotations(text)) == [
        "::error file=docs/a.md,line=3::100%25 wrong",
        "::error file=docs/learn/c.md,line=5::again",
    ]
