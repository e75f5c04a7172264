"""What GitHub runs for this project, and proposes to it, is safe and well formed."""

import subprocess
import sys
from pathlib import Path

import pytest

from project import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
DEPENDABOT = GITHUB / "dependabot.yml"
BIN = Path(sys.executable).parent


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a checker of this environment."""
    command = [BIN / tool, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_automation_is_safe() -> None:
    """Zizmor finds nothing: least permissions, actions pinned by commit, no injection."""
    checked = run("zizmor", "--offline", "--no-progress", *WORKFLOWS, DEPENDABOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [DEPENDABOT])],
    ids=["workflows", "dependabot"],
)
def test_automation_is_well_formed(schema: str, files: list[Path]) -> None:
    """It says nothing that GitHub's schema doesn't know."""
    checked = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    assert checked.returncode == 0, checked.stdout + checked.stderr
