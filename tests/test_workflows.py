"""What GitHub runs for this project, and proposes to it, is safe and well formed."""

import pytest

from project import ROOT, run

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
DEPENDABOT = ROOT / ".github" / "dependabot.yml"


@pytest.mark.parametrize(
    "command",
    [
        ("zizmor", "--offline", "--no-progress", *WORKFLOWS, DEPENDABOT),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
        ("check-jsonschema", "--builtin-schema", "vendor.dependabot", DEPENDABOT),
    ],
    ids=["safe", "workflows", "dependabot"],
)
def test_automation_is_safe_and_well_formed(command: tuple[str, ...]) -> None:
    """Zizmor and GitHub's schemas find nothing: least permissions, pinned actions, no injection."""
    checked = run(*command, limit=120)
    assert checked.returncode == 0, checked.stdout
