"""Examples run as notebooks: an error stops the build, and nothing stale is shown."""

from pathlib import Path

import nbformat
import pytest

from project import ROOT
from proof.notebooks import ExampleError, execute_examples

GOOD = '# %% [markdown]\n# # Title\n\n# %%\nfrom helper import NAME\n\nprint(f"shown by {NAME}")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project: one example, its helper, a lock."""
    helpers = tmp_path / "examples" / "helper"
    helpers.mkdir(parents=True)
    (helpers / "__init__.py").write_text('NAME = "the helper"\n')
    (tmp_path / "examples" / "good.py").write_text(GOOD)
    (tmp_path / "requirements.txt").write_text("keras==3.15.1\n")
    return tmp_path


def execute(project: Path) -> tuple[str, int]:
    """Execute the example; return what it shows, and when its notebook was written."""
    lock = project / "requirements.txt"
    (path,) = execute_examples(project / "examples", lock, project / "kept")
    notebook = nbformat.read(path, as_version=4)
    return notebook.cells[1].outputs[0].text, path.stat().st_mtime_ns


def test_an_unchanged_example_is_not_run_again(project: Path) -> None:
    """What was kept is used where nothing changed."""
    assert execute(project) == execute(project)


@pytest.mark.parametrize("name", ["examples/good.py", "examples/helper/__init__.py"])
def test_a_changed_source_is_run_again(project: Path, name: str) -> None:
    """The script or a helper of its own makes new output."""
    execute(project)
    source = project / name
    source.write_text(source.read_text().replace("the helper", "another").replace("by", "by now"))
    shown, _ = execute(project)
    assert shown in ("shown by another\n", "shown by now the helper\n")


def test_a_changed_lock_is_run_again(project: Path) -> None:
    """Another lock may mean another Keras."""
    _, before = execute(project)
    (project / "requirements.txt").write_text("keras==3.15.2\n")
    _, after = execute(project)
    assert after != before


def test_another_installed_package_is_run_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is really installed counts, whatever the lock says."""
    _, before = execute(project)
    monkeypatch.setattr("proof.notebooks.distributions", lambda: [])
    _, after = execute(project)
    assert after != before


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('raise ValueError("no shape")', "ValueError: no shape"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("import os\n\nos._exit(1)", "Kernel died"),
    ],
)
def test_an_error_stops_the_build_and_names_its_line(
    project: Path, cell: str, message: str
) -> None:
    """A cell that fails is named by the line on which it begins; nothing is kept of it."""
    bad = project / "examples" / "bad.py"
    bad.write_text(f'# %%\nprint("before")\n\n# %%\n{cell}\n')
    with pytest.raises(ExampleError) as caught:
        execute(project)
    assert str(caught.value).startswith(f"{bad}:5: the cell here fails: ")
    assert message in str(caught.value)
    assert not (project / "kept" / "bad.ipynb").exists()


def test_the_article_shows_its_three_summaries(site: Path) -> None:
    """The notebook page and the notebook to download have the outputs of Keras 2."""
    folder = site / "examples" / "original_article"
    page = (folder / "index.html").read_text("utf-8")
    notebook = (folder / "original_article.ipynb").read_text("utf-8")
    for row in (
        "lstm_2 (LSTM)               (None, 3)                 168",
        "lstm_3 (LSTM)               (8, 3)                    168",
        "lstm_4 (LSTM)               (8, 2, 3)                 168",
    ):
        assert row in page
        assert row in notebook
    program = site / "examples" / "original_article.py"
    assert program.read_bytes() == (ROOT / "examples" / "original_article.py").read_bytes()
