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


def _shapes(*values: str, setup: str = "") -> str:
    """Code that prints the shapes of some values, of a batch `x` of the running example."""
    head = "import keras\nimport numpy as np\nfrom keras import layers\n\n"
    return f"{head}x = np.zeros((8, 2, 10))\n{setup}\nprint([{', '.join(values)}])"


_SHAPE = "tuple({}.shape)".format


def _all_and_last(layer: str, x: str) -> str:
    """Code for the shapes of all that a layer computes, and of what it returns by default."""
    every = _SHAPE(f"layers.{layer}, return_sequences=True)({x})")
    return f"({every}, {_SHAPE(f'layers.{layer})({x})')})"


FIGURES = (
    Figure(
        "three-axes",
        "import keras\n\nprint(keras.Input(batch_shape=(8, 2, 10)).shape)",
        input_box,
    ),
    Figure(
        "last-step",
        _shapes(
            _SHAPE("x"),
            _all_and_last("LSTM(3", "x"),
        ),
        flow("input", "LSTM(3)"),
    ),
    Figure(
        "every-step",
        _shapes(_SHAPE("x"), _SHAPE("layers.LSTM(3, return_sequences=True)(x)")),
        flow("input", "every step"),
    ),
    Figure(
        "states",
        _shapes(
            _SHAPE("x"),
            *(_SHAPE(f"y[{n}]") for n in range(3)),
            setup="y = layers.LSTM(3, return_sequences=True, return_state=True)(x)\n",
        ),
        flow("input", "output", "+ h", "+ c"),
    ),
    Figure(
        "weights",
        _shapes(
            *(_SHAPE(f"w[{n}]") for n in range(3)),
            setup="l = layers.LSTM(3)\nl.build((8, 2, 10))\nw = l.get_weights()\n",
        ),
        weights,
    ),
    Figure(
        "stack",
        _shapes(
            _SHAPE("x"),
            _SHAPE("y"),
            _all_and_last("LSTM(5", "y"),
            setup="y = layers.LSTM(3, return_sequences=True)(x)\n",
        ),
        flow("input", "LSTM(3)", "LSTM(5)"),
    ),
    Figure(
        "targets",
        _shapes(
            _SHAPE("y"),
            _SHAPE("layers.Dense(1)(y)"),
            setup="y = layers.LSTM(3, return_sequences=True)(x)\n",
        ),
        flow("every step", "Dense(1), and y"),
    ),
    Figure(
        "windows",
        "import numpy as np\n\nseries = np.arange(7)\n"
        "x = np.lib.stride_tricks.sliding_window_view(series[:-1], 3)[..., np.newaxis]\n"
        "print((series.shape, x.shape))",
        windows,
    ),
    Figure(
        "padded",
        "from keras.utils import pad_sequences\n\n"
        "x = pad_sequences([[1] * n for n in (5, 3, 2)], padding='post')\n"
        "print([int(n) for n in (x != 0).sum(axis=1)])",
        padded,
    ),
    Figure(
        "static",
        _shapes(
            _SHAPE("x"),
            _SHAPE("h"),
            _SHAPE("s"),
            _SHAPE("layers.Concatenate()([h, s])"),
            setup="h = layers.LSTM(3)(x)\ns = np.zeros((8, 4))\n",
        ),
        flow("sequence", "LSTM(3)", "+ static", "Concatenate"),
    ),
    Figure(
        "gru",
        _shapes(
            _SHAPE("x"),
            _all_and_last("GRU(3", "x"),
            _SHAPE("layers.GRU(3, return_state=True)(x)[1]"),
        ),
        flow("input", "GRU(3)", "+ h"),
    ),
    Figure(
        "bidirectional",
        _shapes(
            _SHAPE("x"),
            *(_SHAPE(f"y[{n}]") for n in range(2)),
            _SHAPE("layers.Concatenate()(list(y))"),
            setup="l = layers.LSTM(3, return_sequences=True)\n"
            "y = layers.Bidirectional(l, merge_mode=None)(x)\n",
        ),
        flow("input", "forward", "+ backward", "concat"),
    ),
    Figure(
        "dense",
        _shapes(
            _SHAPE("x"),
            _SHAPE("y"),
            _SHAPE("layers.TimeDistributed(layers.Dense(1))(y)"),
            setup="y = layers.LSTM(3, return_sequences=True)(x)\n",
        ),
        flow("input", "LSTM(3)", "Dense(1)"),
    ),
    Figure(
        "frames",
        _shapes(
            _SHAPE("x"),
            _SHAPE("y"),
            _SHAPE("layers.LSTM(3)(y)"),
            setup="x = np.zeros((8, 2, 32, 32, 3))\n"
            "cnn = keras.Sequential([layers.Conv2D(6, 3), layers.GlobalAveragePooling2D()])\n"
            "y = layers.TimeDistributed(cnn)(x)\n",
        ),
        flow("frames", "CNN on each", "LSTM(3)"),
    ),
    Figure(
        "convlstm",
        _shapes(
            _SHAPE("x"),
            _SHAPE("layers.ConvLSTM2D(3, 3, padding='same', return_sequences=True)(x)"),
            _SHAPE("layers.ConvLSTM2D(3, 3, padding='same')(x)"),
            setup="x = np.zeros((8, 2, 16, 16, 1))\n",
        ),
        flow("frames", "every step", "+ or the last"),
    ),
    Figure(
        "stateful",
        _shapes(
            _SHAPE("x"),
            _SHAPE("l.states[0]"),
            _SHAPE("x"),
            _SHAPE("l.states[0]"),
            setup="l = layers.LSTM(3, stateful=True)\nl(x)\n",
        ),
        flow("batch 1", "state", "+ batch 2", "state"),
    ),
    Figure(
        "encoder-decoder",
        _shapes(
            _SHAPE("x"),
            _SHAPE("h"),
            _SHAPE("r"),
            _SHAPE("y"),
            setup="h = layers.LSTM(3)(x)\nr = layers.RepeatVector(4)(h)\n"
            "y = layers.LSTM(5, return_sequences=True)(r)\n",
        ),
        flow("input", "encoder", "repeated", "decoder"),
    ),
    Figure(
        "served",
        _shapes(
            _SHAPE("x"),
            _SHAPE("tensorflow.saved_model.load('saved').signatures['serve'](x)['output_0']"),
            setup="import tensorflow\n"
            "model = keras.Sequential([keras.Input((2, 10)), layers.LSTM(3)])\n"
            "model.export('saved', verbose=False)\n"
            "x = tensorflow.constant(x, 'float32')\n",
        ),
        flow("request", "answer"),
    ),
    Figure(
        "attention",
        _shapes(
            _SHAPE("q"),
            _SHAPE("v"),
            _SHAPE("layers.Attention()([q, v])"),
            setup="q, v = np.zeros((8, 4, 3)), np.zeros((8, 2, 3))\n",
        ),
        flow("query", "+ value", "Attention"),
    ),
)
