"""What snippets showed is kept, and is never stale."""

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from proof import results as results_module
from proof.installed import installed_digest
from proof.protocol import Job, Result
from proof.results import ResultCache
from proof.runner import SnippetStopped

JOB = Job("page.md", "print(168)")
RESULT = Result(output="168", comments={3: ["(8, 3)"]}, cells={4: ["x", None]})


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one installed package, which is all that is installed."""
    folder = tmp_path / "site-packages"
    (folder / "keras" / "__pycache__").mkdir(parents=True)
    (folder / "keras" / "__init__.py").write_text("units = 3\n")
    digest = installed_digest.__wrapped__
    monkeypatch.setattr(results_module, "installed_digest", lambda: digest((folder,)))
    return folder


def runs(folder: Path, job: Job = JOB) -> int:
    """How often a new process runs a job, whose result has the same in every part."""
    runner = Mock(run=Mock(return_value=RESULT))
    assert ResultCache(runner, folder / "results").run(job) == RESULT
    return runner.run.call_count


def test_a_result_is_kept_for_the_next_run(tmp_path: Path, packages: Path) -> None:
    """Of the same job: its page, its code and what is checked count."""
    others = (
        Job("other.md", JOB.code),
        Job(JOB.path, "print(169)"),
        Job(JOB.path, JOB.code, ((1, (1, 0)),)),
    )
    for times in 1, 0:
        assert [runs(tmp_path, job) for job in (JOB, *others)] == [times] * 4


def test_another_environment_runs_everything_again(
    tmp_path: Path, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One byte of a package, a setting, Python; compiled files don't count. Old results go."""
    code = packages / "keras" / "__init__.py"
    assert runs(tmp_path) == 1
    (packages / "keras" / "__pycache__" / "init.pyc").touch()
    assert runs(tmp_path) == 0
    changes = (
        lambda: code.write_text("units = 4\n"),
        lambda: code.with_name("lstm.py").touch(),
        lambda: code.unlink(),
    )
    for change in changes:
        change()
        assert runs(tmp_path) == 1
        assert len(list((tmp_path / "results").iterdir())) == 1
    monkeypatch.setattr(results_module, "environment", lambda home: {"COLUMNS": "100"})
    assert runs(tmp_path) == 1
    monkeypatch.setattr(results_module, "sys", SimpleNamespace(version="3.14"))
    assert runs(tmp_path) == 1


def test_a_damaged_result_is_made_again(tmp_path: Path, packages: Path) -> None:
    """What can't be read counts as never kept."""
    runs(tmp_path)
    (path,) = (tmp_path / "results").glob("*/*.json")
    for damage in ("", "[]", "{}", path.read_text()[:20]):
        path.write_text(damage)
        assert runs(tmp_path) == 1
    assert runs(tmp_path) == 0


def test_a_stopped_snippet_is_tried_again_by_the_next_run(tmp_path: Path, packages: Path) -> None:
    """The machine may have been busy; within a run it is stopped once."""
    for _ in range(2):
        runner = Mock(run=Mock(side_effect=SnippetStopped))
        cache = ResultCache(runner, tmp_path / "results", limit=8)
        for _ in range(2):
            with pytest.raises(SnippetStopped):
                cache.run(JOB)
        runner.run.assert_called_once_with(JOB, 8)
