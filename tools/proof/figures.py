"""The figures, drawn from shapes that Keras reported; they stand in docs/assets/figures/."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from proof.drawing import flow, input_box, padded, weights, windows
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


# What each figure's code begins with: x is a batch of the running example, y what an LSTM makes of
# it, `last` all that a layer computes, and what it returns by default.
HEAD = """
import keras
import numpy as np
import tensorflow
from keras import layers


def shape(value):
    return tuple(map(shape, value)) if isinstance(value, tuple) else tuple(value.shape)


def last(layer, units, x):
    return layer(units, return_sequences=True)(x), layer(units)(x)


x = np.zeros((8, 2, 10))
y = layers.LSTM(3, return_sequences=True)(x)
"""


def _of(name: str, draw: Callable[..., str], values: str, *setup: str) -> Figure:
    """A figure of the shapes of `values`, after some statements."""
    return Figure(name, "\n".join([HEAD, *setup, f"print(shape(({values},)))"]), draw)


FIGURES = (
    _of("three-axes", input_box, "x"),
    _of("last-step", flow("input", "LSTM(3)"), "x, last(layers.LSTM, 3, x)"),
    _of("every-step", flow("input", "every step"), "x, y"),
    _of(
        "states",
        flow("input", "output", "+ h", "+ c"),
        "x, *layers.LSTM(3, return_sequences=True, return_state=True)(x)",
    ),
    _of("weights", weights, "*lstm.weights", "lstm = layers.LSTM(3)", "lstm.build((8, 2, 10))"),
    _of("stack", flow("input", "LSTM(3)", "LSTM(5)"), "x, y, last(layers.LSTM, 5, y)"),
    _of("targets", flow("every step", "Dense(1), and y"), "y, layers.Dense(1)(y)"),
    _of(
        "windows",
        windows,
        "series, x",
        "series = np.arange(7)",
        "x = np.lib.stride_tricks.sliding_window_view(series[:-1], 3)[..., np.newaxis]",
    ),
    Figure(
        "padded",
        "from keras.utils import pad_sequences\n\n"
        "x = pad_sequences([[1] * n for n in (5, 3, 2)], padding='post')\n"
        "print([int(n) for n in (x != 0).sum(axis=1)])",
        padded,
    ),
    _of(
        "static",
        flow("sequence", "LSTM(3)", "+ static", "Concatenate"),
        "x, h, s, layers.Concatenate()([h, s])",
        "h, s = layers.LSTM(3)(x), np.zeros((8, 4))",
    ),
    _of(
        "gru",
        flow("input", "GRU(3)", "+ h"),
        "x, last(layers.GRU, 3, x), layers.GRU(3, return_state=True)(x)[1]",
    ),
    _of(
        "bidirectional",
        flow("input", "forward", "+ backward", "concat"),
        "x, *both, layers.Concatenate()(list(both))",
        "lstm = layers.LSTM(3, return_sequences=True)",
        "both = layers.Bidirectional(lstm, merge_mode=None)(x)",
    ),
    _of(
        "dense",
        flow("input", "LSTM(3)", "Dense(1)"),
        "x, y, layers.TimeDistributed(layers.Dense(1))(y)",
    ),
    _of(
        "frames",
        flow("frames", "CNN on each", "LSTM(3)"),
        "x, y, layers.LSTM(3)(y)",
        "x = np.zeros((8, 2, 32, 32, 3))",
        "cnn = keras.Sequential([layers.Conv2D(6, 3), layers.GlobalAveragePooling2D()])",
        "y = layers.TimeDistributed(cnn)(x)",
    ),
    _of(
        "convlstm",
        flow("frames", "every step", "+ or the last"),
        "x, conv(3, 3, padding='same', return_sequences=True)(x), conv(3, 3, padding='same')(x)",
        "x, conv = np.zeros((8, 2, 16, 16, 1)), layers.ConvLSTM2D",
    ),
    _of(
        "stateful",
        flow("batch 1", "state", "+ batch 2", "state"),
        "x, lstm.states[0], x, lstm.states[0]",
        "lstm = layers.LSTM(3, stateful=True)",
        "lstm(x)",
    ),
    _of(
        "encoder-decoder",
        flow("input", "encoder", "repeated", "decoder"),
        "x, h, r, layers.LSTM(5, return_sequences=True)(r)",
        "h = layers.LSTM(3)(x)",
        "r = layers.RepeatVector(4)(h)",
    ),
    _of(
        "served",
        flow("request", "answer"),
        "x, tensorflow.saved_model.load('saved').signatures['serve'](x)['output_0']",
        "model = keras.Sequential([keras.Input((2, 10)), layers.LSTM(3)])",
        "model.export('saved', verbose=False)",
        "x = tensorflow.constant(x, 'float32')",
    ),
    _of(
        "attention",
        flow("query", "+ value", "Attention"),
        "q, v, layers.Attention()([q, v])",
        "q, v = np.zeros((8, 4, 3)), np.zeros((8, 2, 3))",
    ),
)
