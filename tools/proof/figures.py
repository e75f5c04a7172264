"""The figures of figures.toml, drawn from shapes that Keras reported, in docs/assets/figures/."""

import ast
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from proof import drawing
from proof.protocol import Job, Result


@dataclass(frozen=True)
class Figure:
    """A figure: its file's stem, the code that prints its shapes, what draws them."""

    name: str
    code: str
    draw: Callable[..., str]


def drawn(figure: Figure, run: Callable[[Job], Result]) -> str:
    """The figure's SVG, for the shapes that Keras reports now. Raises ValueError if it can't."""
    output = run(Job(figure.name, figure.code)).output
    try:
        shapes = ast.literal_eval(output.strip())
    except (SyntaxError, ValueError):
        raise ValueError(
            f"the code of the figure {figure.name} shows no shapes: {output}"
        ) from None
    return figure.draw(shapes)


def draw_all(folder: Path, run: Callable[[Job], Result]) -> None:
    """Write every figure as it is drawn now, and delete other files; on an error do nothing."""
    texts = {folder / f"{figure.name}.svg": drawn(figure, run) for figure in FIGURES}
    folder.mkdir(exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in set(folder.iterdir()) - set(texts):
        path.unlink()


def _read(file: Path) -> Iterator[Figure]:
    figures = tomllib.loads(file.read_text(encoding="utf-8"))
    head = figures.pop("head")
    for name, one in figures.items():
        code = f"{head}\n{one.get('setup', '')}\nprint(shape(({one['values']},)))"
        draw = getattr(drawing, one["draw"])
        yield Figure(name, code, draw(*one["labels"]) if "labels" in one else draw)


FIGURES = tuple(_read(Path(__file__).with_name("figures.toml")))
