"""An entry of the pages of errors is complete: each cause raises its message, and has a fix."""

from pathlib import Path

import pytest

from cases import Case, read_cases
from proof.entries import incomplete_entries
from proof.page import parse_page


@pytest.mark.parametrize("case", read_cases("bad_entries"), ids=lambda case: case.name)
def test_entry(case: Case) -> None:
    """Each bad entry is named with its line and its fault; nothing is said of a good one."""
    page = parse_page(case.text, Path("docs/errors/page.md"))
    faults = [f"{line}: {fault}" for line, fault in incomplete_entries(page)]
    assert faults == ([case.detail] if case.verdict == "fails" else [])
