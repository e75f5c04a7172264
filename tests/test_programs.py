"""Each example runs from its download alone, as a program, and prints what its page shows."""

import re
import resource
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from downloads import EXAMPLES, clean_python, needs, reader_environment, shown

LONGEST = 30  # seconds of processor time, which other work lengthens little


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_program_prints_what_its_page_shows(
    script: Path, site: Path, tmp_path: Path
) -> None:
    """In an empty folder, with only what its first cell names installed, within 30 s."""
    python = clean_python(tmp_path / "python", needs(script))
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(site / "examples" / script.name, folder)
    before = processor_seconds()
    ran = subprocess.run(
        [python, script.name],
        cwd=folder,
        env=reader_environment(tmp_path) | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip("\n") == shown(site, script)
    assert processor_seconds() - before < LONGEST
    warnings = re.findall(r"^.*Warning: .*|^WARNING:tensorflow.*", ran.stderr, re.MULTILINE)
    assert [one for one in warnings if "FigureCanvasAgg is non-interactive" not in one] == []


def processor_seconds() -> float:
    """What all processes that were started here, and ended, took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_environment_holds_only_what_is_asked_for(tmp_path: Path) -> None:
    """A package and what it requires; no other, and nothing of ours."""
    python = clean_python(tmp_path / "python", ["jupyter_client"])
    for name, code in {"zmq": 0, "yaml": 1, "numpy": 1, "project": 1}.items():
        imported = subprocess.run(
            [python, "-c", f"import {name}"],
            env=reader_environment(tmp_path),
            capture_output=True,
            check=False,
        )
        assert imported.returncode == code, name


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_the_first_cell_names_the_versions_that_are_proved(script: Path) -> None:
    """What a reader installs is what the page was made with."""
    named = [Requirement(one) for one in needs(script)]
    assert named
    for one in named:
        assert str(one.specifier) == f"=={version(one.name)}"
