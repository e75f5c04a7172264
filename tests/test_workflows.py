"""What runs on every change, and publishes the site, is safe and well formed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
BIN = Path(sys.executable).parent
ZIZMOR = (BIN / "zizmor", "--offline", "--no-progress")
SCHEMA = (BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows")


def check(checker: tuple[str | Path, ...], *files: Path) -> subprocess.CompletedProcess:
    """Run a checker on workflows."""
    return subprocess.run([*checker, *files], capture_output=True, text=True, timeout=120)


def test_workflows_are_safe() -> None:
    """Zizmor finds nothing: least permissions, actions pinned by commit, no injection."""
    checked = check(ZIZMOR, WORKFLOWS)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_workflows_are_well_formed() -> None:
    """They say nothing that GitHub's schema doesn't know."""
    checked = check(SCHEMA, *sorted(WORKFLOWS.glob("*.yml")))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("checker", "old", "new", "finding"),
    [
        (ZIZMOR, "@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "unpinned-uses"),
        (ZIZMOR, "persist-credentials: false", "fetch-depth: 1", "artipacked"),
        (ZIZMOR, "make test", 'echo "${{ github.head_ref }}"', "template-injection"),
        (SCHEMA, "runs-on:", "runs-at:", "runs-at"),
    ],
    ids=["unpinned", "credentials kept", "injection", "misspelt"],
)
def test_a_workflow_made_worse_is_found(
    checker: tuple[str | Path, ...], old: str, new: str, finding: str, tmp_path: Path
) -> None:
    """Each checker does catch what it is there for."""
    worse = tmp_path / ".github" / "workflows" / "site.yml"
    worse.parent.mkdir(parents=True)
    shutil.copy(WORKFLOWS / "site.yml", worse)
    text = worse.read_text(encoding="utf-8")
    assert old in text
    worse.write_text(text.replace(old, new), encoding="utf-8")
    checked = check(checker, worse)
    assert checked.returncode != 0
    assert finding in checked.stdout
