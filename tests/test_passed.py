"""A test that isn't made again would still pass."""

from pathlib import Path

import pytest

import passed


def test_a_changed_byte_is_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passed counts for the same files and values, and for no others."""
    monkeypatch.setattr(passed, "KEPT", tmp_path / "kept")
    page = tmp_path / "page.md"
    page.write_text("(8, 2, 10)")
    key = passed.digest(page, "seed", 1)
    assert passed.passed_before("name", key) is None
    passed.note_passed("name", key, "9 caught")
    assert passed.passed_before("name", passed.digest(page, "seed", 1)) == "9 caught"
    assert passed.passed_before("name", passed.digest(page, "seed", 2)) is None
    page.write_text("(8, 2, 11)")
    assert passed.passed_before("name", passed.digest(page, "seed", 1)) is None
