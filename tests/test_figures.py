"""Figures are output: each is drawn from what Keras reports, and nothing else is there."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from project import PAGES, ROOT
from proof.claims import numbers_in
from proof.figures import FIGURES, FOLDER, Figure, as_drawn, drawn
from proof.plugin import RUNNER

LARGEST = 4096


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_figure_is_drawn_from_what_keras_reports(
    figure: Figure, request: pytest.FixtureRequest
) -> None:
    """The committed file is what is drawn now; `--update` writes it."""
    path = FOLDER / f"{figure.name}.svg"
    if request.config.option.update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn(figure, RUNNER), encoding="utf-8", newline="\n")
    text = path.read_text(encoding="utf-8")
    assert as_drawn(figure, text, RUNNER), f"{path.relative_to(ROOT)}:1: run `make update`"


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_figure_is_small_and_has_a_title(figure: Figure) -> None:
    """At most 4 KB, well formed, with words for those who can't see it."""
    data = (FOLDER / f"{figure.name}.svg").read_bytes()
    assert len(data) <= LARGEST
    root = ElementTree.fromstring(data)
    assert root.findtext("{http://www.w3.org/2000/svg}title")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_words_for_a_figure_are_its_own(path: Path) -> None:
    """Every shape and number in a figure's text alternative stands in the figure."""
    for words, address in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", path.read_text("utf-8")):
        root = ElementTree.parse(path.parent / address).getroot()
        drawn = numbers_in(" ".join(text for text in root.itertext() if "{" not in text))
        # The 3 of LSTM(3) names a layer.
        said = numbers_in(re.sub(r"\w+\([^(]*?\)", "", words))
        assert set(said) <= set(drawn), f"{path.relative_to(ROOT)}: {words!r} says what isn't drawn"


def test_no_figure_is_drawn_by_hand() -> None:
    """Every file in the folder is one of FIGURES."""
    assert {path.name for path in FOLDER.iterdir()} == {f"{one.name}.svg" for one in FIGURES}
