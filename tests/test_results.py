"""What snippets showed is kept, and is never stale."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from proof import results as results_module
from proof.installed import installed_digest
from proof.protocol import Job, Result
from proof.results import ResultCache
from proof.runner import SnippetStopped

JOB = Job("page.md", "print(168)")


class FakeRunner:
    """Answers each job with the number of jobs so far; stops the ones that are endless."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, job: Job, limit: float) -> Result:
        """Run nothing."""
        self.jobs.append(job)
        if "while" in job.code:
            raise SnippetStopped(f"the snippet did not end within {limit:g} s")
        return Result(output=str(len(self.jobs)), comments={3: ["(8, 3)"]}, cells={4: ["x", None]})


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one installed package, which is all that is installed."""
    folder = tmp_path / "site-packages"
    (folder / "keras" / "__pycache__").mkdir(parents=True)
    (folder / "keras" / "__init__.py").write_text("units = 3\n")
    digest = installed_digest.__wrapped__
    monkeypatch.setattr(results_module, "installed_digest", lambda: digest((folder,)))
    return folder


def output(folder: Path, job: Job = JOB) -> tuple[str, int]:
    """What a new process finds for a job, and how many jobs it ran."""
    cache = ResultCache(runner := FakeRunner(), folder / "results")
    return cache.run(job).output, len(runner.jobs)


def test_a_result_is_kept_for_the_next_run(tmp_path: Path, packages: Path) -> None:
    """The same job isn't run twice, and its result is the same in every part."""
    first = ResultCache(FakeRunner(), tmp_path / "results")
    kept = first.run(JOB)
    runner = FakeRunner()
    assert ResultCache(runner, tmp_path / "results").run(JOB) == kept == first.run(JOB)
    assert not runner.jobs


def test_another_job_is_run(tmp_path: Path, packages: Path) -> None:
    """Its page, its code and what is checked count."""
    others = (Job("other.md", JOB.code), Job(JOB.path, "print(169)"), Job(JOB.path, JOB.code, (1,)))
    assert [output(tmp_path, job)[1] for job in (JOB, *others)] == [1, 1, 1, 1]


def test_another_environment_runs_everything_again(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte of a package, a setting, Python; compiled files don't count. Old results go."""
    code = packages / "keras" / "__init__.py"
    assert output(tmp_path) == ("1", 1)
    (packages / "keras" / "__pycache__" / "init.pyc").touch()
    assert output(tmp_path) == ("1", 0)
    changes = (
        lambda: code.write_text("units = 4\n"),
        lambda: code.with_name("lstm.py").touch(),
        lambda: code.unlink(),
    )
    for change in changes:
        change()
        assert output(tmp_path) == ("1", 1)
        assert len(list((tmp_path / "results").iterdir())) == 1
    monkeypatch.setattr(results_module, "environment", lambda home: {"COLUMNS": "100"})
    assert output(tmp_path)[1] == 1
    monkeypatch.setattr(results_module, "sys", SimpleNamespace(version="3.14"))
    assert output(tmp_path)[1] == 1


def test_a_damaged_result_is_made_again(tmp_path: Path, packages: Path) -> None:
    """What can't be read counts as never kept."""
    output(tmp_path)
    (path,) = (tmp_path / "results").glob("*/*.json")
    for damage in ("", "[]", "{}", path.read_text()[:20]):
        path.write_text(damage)
        assert output(tmp_path) == ("1", 1)
    assert output(tmp_path) == ("1", 0)


def test_a_stopped_snippet_is_tried_again_by_the_next_run(tmp_path: Path, packages: Path) -> None:
    """The machine may have been busy; within a run it is stopped once."""
    endless = Job("page.md", "while True: pass")
    cache = ResultCache(runner := FakeRunner(), tmp_path / "results", limit=8)
    for _ in range(2):
        with pytest.raises(SnippetStopped, match="within 8 s"):
            cache.run(endless)
    assert len(runner.jobs) == 1
    with pytest.raises(SnippetStopped):
        output(tmp_path, endless)
