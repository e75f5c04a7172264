"""Each example runs from its download alone, as a program, and prints what its page shows."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from downloads import EXAMPLES, clean_python, needs, reader_environment, shown
from project import ROOT
from proof.installed import installed_digest

KEPT = ROOT / ".cache" / "programs"


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_program_prints_what_its_page_shows(
    script: Path, site: Path, tmp_path: Path
) -> None:
    """In an empty folder, with only what its first cell names installed.

    It isn't run again where it passed before, and nothing changed that could change it.
    """
    program, kept = site / "examples" / script.name, KEPT / f"{script.stem}.json"
    passed = json.dumps({"key": key_of(program), "printed": shown(site, script)})
    if kept.exists() and kept.read_text(encoding="utf-8") == passed:
        return
    python = clean_python(tmp_path / "python", needs(script))
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(program, folder)
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
    warnings = re.findall(r"^.*Warning: .*|^WARNING:tensorflow.*", ran.stderr, re.MULTILINE)
    assert [one for one in warnings if "FigureCanvasAgg is non-interactive" not in one] == []
    KEPT.mkdir(parents=True, exist_ok=True)
    kept.write_text(passed, encoding="utf-8")


def key_of(program: Path) -> str:
    """A digest of all that decides what a program prints, and of this test."""
    found = (sys.version, sorted(reader_environment(Path()).items()), installed_digest())
    sources = program.read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(repr(found).encode() + sources).hexdigest()


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
