"""README and CONTRIBUTING keep their word: the page passes, commands and files exist."""

import re
from pathlib import Path

import pytest

from project import ROOT, prove

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_pages_that_show_how_are_true(tmp_path: Path) -> None:
    """The pages that show how to write a page are proved like any other."""
    pages = re.findall(r"^````markdown\n(.*?)^````$", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert len(pages) == 3
    for number, page in enumerate(pages):
        (tmp_path / f"page{number}.md").write_text(page, encoding="utf-8")
    assert prove(tmp_path, *tmp_path.iterdir()) == pytest.ExitCode.OK


def test_the_readme_names_every_command() -> None:
    """Each target of the Makefile is in the README, and no other."""
    (targets,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(targets.split()) == set(re.findall(r"make (\w+)", README))
    assert set(targets.split()) >= set(re.findall(r"`make (\w+)", CONTRIBUTING))


def test_the_readme_names_what_is_there() -> None:
    """Each file or folder that the README names exists."""
    folders = r"`((?:docs|overrides|tests|tools|examples)/[\w./-]*)`"
    named = {*re.findall(folders, README + CONTRIBUTING), *re.findall(r"\]\(([\w./]+)\)", README)}
    missing = {path for path in named if not (ROOT / path).exists()}
    assert missing == {"docs/data/my-question.md"}
