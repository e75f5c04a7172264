"""Figures are output: each is drawn from what Keras reports, and nothing else is there."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from project import ROOT
from proof import figures
from proof.figures import Figure, draw_all, drawn
from proof.prove import FIGURES
from proof.results import ResultCache

FOLDER = ROOT / FIGURES
LARGEST = 4096


@pytest.fixture(scope="module", autouse=True)
def accepted(request: pytest.FixtureRequest, results: ResultCache) -> None:
    """With `--update`, every figure as it is drawn now, and no other."""
    if request.config.option.update:
        draw_all(FOLDER, results.run)


@pytest.mark.parametrize("figure", figures.FIGURES, ids=lambda figure: figure.name)
def test_figure_is_drawn_from_what_keras_reports(figure: Figure, results: ResultCache) -> None:
    """As the file has it: well formed, at most 4 KB, with words for those who can't see it."""
    path = FOLDER / f"{figure.name}.svg"
    text = path.read_text(encoding="utf-8")
    assert text == drawn(figure, results.run), f"{path.relative_to(ROOT)}:1: run `make update`"
    assert path.stat().st_size <= LARGEST
    assert ElementTree.fromstring(text).findtext("{http://www.w3.org/2000/svg}title")


def test_no_figure_is_drawn_by_hand() -> None:
    """Every file in the folder is one of FIGURES."""
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{one.name}.svg" for one in figures.FIGURES
    }


def test_figures_are_replaced_all_or_none(
    tmp_path: Path, results: ResultCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that can't be drawn leaves the others as they were; else what is left over goes."""
    old = tmp_path / "old.svg"
    old.touch()
    bad = Figure("bad", "print('no shape')", str)
    monkeypatch.setattr(figures, "FIGURES", (*figures.FIGURES[:1], bad))
    with pytest.raises(ValueError, match="the figure bad shows no shapes"):
        draw_all(tmp_path, results.run)
    assert list(tmp_path.iterdir()) == [old]
    monkeypatch.setattr(figures, "FIGURES", figures.FIGURES[:1])
    draw_all(tmp_path, results.run)
    assert [path.stem for path in tmp_path.iterdir()] == [figures.FIGURES[0].name]
