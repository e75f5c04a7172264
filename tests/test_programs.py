"""Each example runs from its download alone, as a program, and prints what its page shows."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from passed import digest, note_passed, passed_before
from project import EXAMPLES, KEPT, printed
from proof.installed import installed_digest
from proof.notebooks import example_environment


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_program_prints_what_its_page_shows(
    script: Path, site: Path, tmp_path: Path
) -> None:
    """In an empty folder, with only what its first cell names installed.

    It isn't run again where it passed before, and nothing changed that could change it.
    """
    program, name = site / "examples" / script.name, f"programs/{script.stem}"
    page = printed(KEPT / f"{script.stem}.ipynb")  # test_site.py compares it with the page
    settings = sorted(example_environment(Path()).items())
    key = digest(program, page, sys.version, settings, installed_digest(), Path(__file__))
    if passed_before(name, key) is not None:
        return
    python = clean_python(tmp_path / "python", needs(script))
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(program, folder)
    ran = subprocess.run(
        [python, script.name],
        cwd=folder,
        env=example_environment(tmp_path) | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip("\n") == page
    warnings = re.findall(r"^.*Warning: .*|^WARNING:tensorflow.*", ran.stderr, re.MULTILINE)
    assert [one for one in warnings if "FigureCanvasAgg is non-interactive" not in one] == []
    note_passed(name, key)


def needs(script: Path) -> list[Requirement]:
    """The packages, with versions, that the first cell of an example names."""
    first = re.split(r"\n# %%|\n\n", script.read_text(encoding="utf-8"))[0]
    named = re.findall(r"`pip install ([^`]+)`", first.replace("\n# ", " "))
    assert len(named) == 1, f"{script}:1: write one `pip install ...` into the first cell"
    return [Requirement(one) for one in named[0].split()]


def clean_python(folder: Path, waiting: list[Requirement]) -> Path:
    """Make an environment with these packages and what they require; return its Python.

    The packages are links to those that are installed here: the same versions, no network.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    seen = set()
    while waiting:
        installed = distribution(waiting.pop().name)
        if installed.name in seen:
            continue
        seen.add(installed.name)
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(installed.locate_file(top))
        more = [Requirement(one) for one in installed.requires or ()]
        waiting += [one for one in more if not one.marker or one.marker.evaluate({"extra": ""})]
    return folder / "bin" / "python"


def test_the_environment_holds_only_what_is_asked_for(tmp_path: Path) -> None:
    """A package and what it requires; no other, and nothing of ours."""
    python = clean_python(tmp_path / "python", [Requirement("jupyter_client")])
    for name, code in {"zmq": 0, "yaml": 1, "numpy": 1, "project": 1}.items():
        ran = subprocess.run([python, "-c", f"import {name}"], env=example_environment(tmp_path))
        assert ran.returncode == code, name


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_the_first_cell_names_the_versions_that_are_proved(script: Path) -> None:
    """What a reader installs is what the page was made with."""
    for one in needs(script):
        assert str(one.specifier) == f"=={version(one.name)}"
