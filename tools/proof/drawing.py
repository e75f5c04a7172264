"""Draw shapes as SVG: small, without fonts or scripts, light or dark as the reader is."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path

_TEXT = re.compile(r"<text\b[^>]*>([^<]*)<")

_STYLE = (
    "text{font:15px system-ui,sans-serif;fill:#1f2937}"
    ".b{font-weight:700}"
    "path{fill:none;stroke:#3949ab}"
    "rect{fill:#e8eaf6;stroke:#3949ab}"
    ".o{opacity:.5;stroke-dasharray:3}"
    ".d{fill:#9fa8da}"
    "@media(prefers-color-scheme:dark){text{fill:#e5e7eb}path,rect{stroke:#9fa8da}"
    "rect{fill:#283046}.d{fill:#5c6bc0}}"
)


Shape = tuple[int, ...]
OpenShape = tuple[int | None, ...]
# A shape that is drawn, or two: all that a layer computes, and what it returns of it.
Drawn = Shape | tuple[Shape, Shape]


def figure_texts(folder: Path) -> dict[str, str]:
    """The name of each figure in a folder, and the words that are drawn in it."""
    return {
        path.name: " ".join(_TEXT.findall(path.read_text(encoding="utf-8")))
        for path in sorted(folder.glob("*.svg"))
    }


def input_box(shapes: tuple[Shape]) -> str:
    """A (batch, timesteps, features) array as sheets, one behind the other, one a sequence."""
    ((batch, timesteps, features),) = shapes
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


def flow(*labels: str) -> Callable[[list[Drawn]], str]:
    """Arrays from left to right, an arrow between two; none before a label that begins with +.

    An array of shape (batch, timesteps, features) is drawn as a strip: a column for each step, a
    cell for each feature. One with only (batch, features) is one column, and one with images is a
    square for each step. Of two shapes, what isn't returned is faint.
    """

    def draw(shapes: list[Drawn]) -> str:
        pairs = [shape if isinstance(shape[0], tuple) else (shape, shape) for shape in shapes]
        tallest = max(_strip_size(whole)[1] for whole, _ in pairs)
        left, said = 10.0, []
        parts: list[str] = []
        for label, (whole, kept) in zip(labels, pairs, strict=True):
            name, width = label.removeprefix("+ "), _strip_size(whole)[0]
            slot = max(width, 9.4 * len(name), 8.2 * len(str(kept)))
            if left > 10:
                parts.append(_joint(left, 34 + tallest / 2, plus=label.startswith("+")))
                left += 46
            middle = left + slot / 2
            parts.append(_text(middle, 18, name, "b"))
            faint = len(kept) < len(whole)
            parts += _strip(middle - width / 2, 34, tallest, whole, faint=faint)
            parts.append(_text(middle, 58 + tallest, str(kept)))
            left += slot
            said.append(f"{name} {kept}")
        return _svg(left + 10, tallest + 70, ", then ".join(said), parts)

    return draw


CELL, GAP, IMAGE = 14, 6, 56


def _strip_size(shape: Shape) -> tuple[float, float]:
    """Width and height of an array (batch, features), (batch, timesteps, features) or images."""
    steps = shape[1] if len(shape) in (3, 5) else 1
    if len(shape) > 3:
        return steps * (IMAGE + GAP) - GAP, IMAGE
    return steps * (CELL + GAP) - GAP, shape[-1] * CELL


def _strip(left: float, top: float, room: float, shape: Shape, *, faint: bool) -> Iterator[str]:
    """Columns of cells, one a step, in the middle of `room`; all but the last can be faint."""
    width, height = _strip_size(shape)
    top += (room - height) / 2
    image = len(shape) > 3
    size = IMAGE if image else CELL
    steps = round((width + GAP) / (size + GAP))
    lines = "" if image else "".join(f"m0 {CELL}h{CELL}m-{CELL} 0" for _ in range(shape[-1] - 1))
    for step in range(steps):
        x = left + step * (size + GAP)
        kind = ' class="o"' if faint and step < steps - 1 else ""
        yield f'<rect x="{x:g}" y="{top:g}" width="{size}" height="{height:g}"{kind}/>'
        if lines:
            yield f'<path d="M{x:g} {top:g}{lines}"{kind}/>'


def _joint(left: float, y: float, *, plus: bool) -> str:
    shape = "m9 0h14m-7 -7v14" if plus else "m7 0h30m-7 -6l7 6l-7 6"
    return f'<path d="M{left:g} {y:g}{shape}" stroke-width="2"/>'


def layers(outputs: list[tuple[str, OpenShape]]) -> str:
    """The output of each layer of a model, one under the other: its name, its shape, a strip.

    What is long is cut, and what is open, None, is drawn faint.
    """
    left = 24 + 9.4 * max(len(name) for name, _ in outputs)
    middle = left + 8.2 * max(len(str(shape)) for _, shape in outputs) + 24
    parts: list[str] = []
    top, width = 12.0, 0.0
    for number, (name, shape) in enumerate(outputs):
        drawn = _drawable(shape)
        wide, high = _strip_size(drawn)
        room = max(high, 30)
        if number:
            parts.append(f'<path d="M20 {top - 16:g}v12m-4 -5l4 5l4 -5" stroke-width="2"/>')
        parts.append(_text(12, top + room / 2 + 5, name, "b", "start"))
        parts.append(_text(left, top + room / 2 + 5, str(shape), None, "start"))
        strip = "".join(_strip(middle, top, room, drawn, faint=False))
        is_open = len(shape) > 2 and shape[1] is None
        parts.append(f'<g opacity=".5">{strip}</g>' if is_open else strip)
        if tuple(drawn[1:]) != tuple(shape[1:]):
            parts.append(_text(middle + wide + 14, top + room / 2 + 5, "…"))
        top, width = top + room + 22, max(width, wide)
    title = ", then ".join(f"{name} {shape}" for name, shape in outputs)
    return _svg(middle + width + 30, top - 10, title, parts)


def _drawable(shape: OpenShape) -> Shape:
    """A shape of the same rank that isn't too large to draw: (batch, sizes)."""
    most = [10] * (len(shape) - 2) + [6]  # steps, and of each step its features
    sizes = [3 if n is None else max(1, min(n, m)) for n, m in zip(shape[1:], most, strict=False)]
    return (1, *(sizes or [1]))


def windows(shapes: tuple[Shape, Shape]) -> str:
    """A series as a row of cells, and under it each window with its target."""
    (values,), (count, steps, _) = shapes
    size, left = 30, 96

    def parts() -> Iterator[str]:
        yield _text(left - 12, 31, "series", anchor="end")
        for n in range(values):
            yield f'<rect x="{left + n * size}" y="10" width="{size}" height="{size}"/>'
            yield _text(left + (n + 0.5) * size, 31, str(n))
        for window in range(count):
            y = 62 + window * (size + 8)
            yield _text(left - 12, y + 21, f"window {window}", anchor="end")
            for n in range(window, window + steps + 1):
                kind = ' class="d"' if n == window + steps else ""
                yield f'<rect x="{left + n * size}" y="{y}" width="{size}" height="{size}"{kind}/>'
                yield _text(left + (n + 0.5) * size, y + 21, str(n))

    title = f"{count} windows of {steps} steps, each followed by its target, in {values} values"
    return _svg(left + values * size + 10, 62 + count * (size + 8), title, parts())


def padded(shapes: tuple[Shape, ...]) -> str:
    """Sequences of several lengths as rows, padded at the end to the longest."""
    lengths = [length for (length,) in shapes]
    size, longest = 30, max(lengths)

    def parts() -> Iterator[str]:
        for row, length in enumerate(lengths):
            y = 10 + row * (size + 8)
            yield _text(108, y + 21, f"{length} steps", anchor="end")
            for n in range(longest):
                kind = ' class="o"' if n >= length else ""
                yield f'<rect x="{120 + n * size}" y="{y}" width="{size}" height="{size}"{kind}/>'

    title = f"Sequences of {', '.join(map(str, lengths))} steps, padded to {longest}"
    return _svg(130 + longest * size, 12 + len(lengths) * (size + 8), title, parts())


def weights(shapes: list[Shape]) -> str:
    """The kernel, the recurrent kernel and the bias of an LSTM, each cut in its four blocks."""
    size, left, top = 14, 150, 34
    units = shapes[-1][0] // 4

    def parts() -> Iterator[str]:
        y = top
        for block, name in enumerate(("input", "forget", "cell", "output")):
            middle = left + (block + 0.5) * (units * size + 24)
            yield _text(middle - 12, 18, name)
        for name, shape in zip(("kernel", "recurrent kernel", "bias"), shapes, strict=True):
            rows = shape[0] if len(shape) == 2 else 1
            yield _text(left - 14, y + rows * size / 2 + 5, name, anchor="end")
            for block in range(4):
                x = left + block * (units * size + 24)
                yield f'<rect x="{x}" y="{y}" width="{units * size}" height="{rows * size}"/>'
                lines = "".join(f"M{x + n * size} {y}v{rows * size}" for n in range(1, units))
                lines += "".join(f"M{x} {y + n * size}h{units * size}" for n in range(1, rows))
                yield f'<path d="{lines}" opacity=".6"/>'
            yield _text(
                left + 4 * (units * size + 24), y + rows * size / 2 + 5, str(shape), None, "start"
            )
            y += rows * size + 18

    height = top + sum((shape[0] if len(shape) == 2 else 1) * size + 18 for shape in shapes)
    title = "Three arrays, each of four blocks side by side: input, forget, cell, output"
    return _svg(left + 4 * (units * size + 24) + 80, height, title, parts())


def _bracket(x: float, y: float, right: float, down: float) -> str:
    return f'<path d="M{x:g} {y:g}l{right:g} {down:g}" stroke-width="2"/>'


def _text(x: float, y: float, text: str, style: str | None = None, anchor: str = "middle") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{escape(text)}</text>'


def _svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">'
    )
    inner = [f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>", *parts]
    return "\n".join([head, *inner, "</svg>", ""])
