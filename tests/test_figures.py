"""Figures are output: each is drawn from what Keras reports, and nothing else is there."""

from xml.etree import ElementTree

import pytest

from project import ROOT
from proof import drawing
from proof.figures import FIGURES, Figure, as_drawn, drawn
from proof.plugin import RUNNER
from proof.runner import Memory

LARGEST = 4096
MEMORY = Memory(RUNNER, limit=60)


@pytest.fixture(scope="module", autouse=True)
def accepted(request: pytest.FixtureRequest) -> None:
    """With `--update`, every figure as it is drawn now, and no other."""
    if request.config.option.update:
        drawing.FIGURES.mkdir(exist_ok=True)
        for old in drawing.FIGURES.iterdir():
            old.unlink()
        for figure in FIGURES:
            path = drawing.FIGURES / f"{figure.name}.svg"
            path.write_text(drawn(figure, MEMORY), encoding="utf-8", newline="\n")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_figure_is_drawn_from_what_keras_reports(figure: Figure) -> None:
    """The committed file is what is drawn now; `--update` writes it."""
    path = drawing.FIGURES / f"{figure.name}.svg"
    text = path.read_text(encoding="utf-8")
    assert as_drawn(figure, text, MEMORY), f"{path.relative_to(ROOT)}:1: run `make update`"


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_figure_is_small_and_has_a_title(figure: Figure) -> None:
    """At most 4 KB, well formed, with words for those who can't see it."""
    data = (drawing.FIGURES / f"{figure.name}.svg").read_bytes()
    assert len(data) <= LARGEST
    root = ElementTree.fromstring(data)
    assert root.findtext("{http://www.w3.org/2000/svg}title")


def test_no_figure_is_drawn_by_hand() -> None:
    """Every file in the folder is one of FIGURES."""
    assert {path.name for path in drawing.FIGURES.iterdir()} == {
        f"{one.name}.svg" for one in FIGURES
    }
