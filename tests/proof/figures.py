"""Draw the figures, from shapes that Keras reported.

A figure is an SVG file under docs/assets/figures/, small, without fonts or scripts of its own,
that follows the reader's light or dark scheme.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from proof.runner import Runner
from proof.worker import Job

FOLDER = Path(__file__).parents[2] / "docs" / "assets" / "figures"

_STYLE = (
    "text{font:15px system-ui,sans-serif;fill:#1f2937}"
    ".b{font-weight:700}"
    "path{fill:none;stroke:#3949ab}"
    "rect{fill:#e8eaf6;stroke:#3949ab}"
    "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}path,rect{stroke:#9fa8da}"
    "rect{fill:#283046}}"
)


@dataclass(frozen=True)
class Figure:
    """A figure: its file's stem, the code that prints its shape, what draws that shape."""

    name: str
    code: str
    draw: Callable[[tuple[int, ...]], str]


def drawn(figure: Figure, runner: Runner) -> str:
    """The figure's SVG, for the shape that Keras reports now. Raises ValueError if it can't."""
    output = runner.run(Job(figure.name, figure.code), limit=60).output
    return figure.draw(ast.literal_eval(output.strip()))


def as_drawn(figure: Figure, text: str, runner: Runner) -> bool:
    """Whether `text`, a figure's file, is what is drawn now."""
    return text == drawn(figure, runner)


def input_box(shape: tuple[int, ...]) -> str:
    """A (batch, timesteps, features) array as sheets, one behind the other, one a sequence."""
    batch, timesteps, features = shape
    cell, shift = 26, 11
    left, top = 130, 52 + shift * (batch - 1)
    width, height = features * cell, timesteps * cell
    back = shift * (batch - 1)

    def parts() -> Iterator[str]:
        yield _text(left + (width + back) / 2, 22, f"({batch}, {timesteps}, {features})", "b")
        for sheet in reversed(range(batch)):
            x, y = left + sheet * shift, top - sheet * shift
            yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'
        lines = "".join(f"M{left + n * cell} {top}v{height}" for n in range(1, features))
        lines += "".join(f"M{left} {top + n * cell}h{width}" for n in range(1, timesteps))
        yield f'<path d="{lines}" opacity=".6"/>'
        yield _bracket(left, top + height + 10, width, 0)
        yield _text(left + width / 2, top + height + 34, f"{features} features")
        yield _bracket(left - 10, top, 0, height)
        yield _text(left - 20, top + height / 2 + 5, f"{timesteps} timesteps", anchor="end")
        yield _bracket(left + width + 8, top + height, back, -back)
        yield _text(
            left + width + back / 2 + 20,
            top + height - back / 2 + 12,
            f"batch of {batch}",
            None,
            "start",
        )

    title = f"{batch} sheets, each a grid of {timesteps} rows and {features} columns"
    return _svg(left + width + back + 110, top + height + 46, title, parts())


def _bracket(x: float, y: float, right: float, down: float) -> str:
    return f'<path d="M{x:g} {y:g}l{right:g} {down:g}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, style: str | None = None, anchor: str = "middle") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{text}</text>'


def _svg(width: float, height: float, title: str, parts: Iterator[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">'
    )
    inner = [f"<title>{title}</title>", f"<style>{_STYLE}</style>", *parts]
    return "\n".join([head, *inner, "</svg>", ""])


FIGURES = (
    Figure(
        "three-axes",
        "import keras\n\nprint(keras.Input(batch_shape=(8, 2, 10)).shape)",
        input_box,
    ),
)
