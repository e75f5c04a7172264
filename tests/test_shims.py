"""What stands in for optree, JAX and SciPy in the browser computes what they compute, or raises."""

import importlib.util
import random
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import optree
import pytest

import runnable
from project import ROOT
from proof.protocol import Job
from proof.results import ResultCache

SHIMS = ROOT / "playground" / "shims"
TREES = 1500
STACKS = 100
Pair = namedtuple("Pair", "x y")


class Registered(list):
    """A class of nodes."""

    def tree_flatten(self) -> tuple["Registered", None]:
        """Its children, and nothing else."""
        return self, None

    @classmethod
    def tree_unflatten(cls, metadata: None, children: Any) -> "Registered":
        """A node of these children."""
        return cls(children)


@pytest.fixture(scope="module")
def shim() -> ModuleType:
    """Our optree, beside the real one; both know a class of nodes."""
    path = SHIMS / "optree" / "__init__.py"
    spec = importlib.util.spec_from_file_location("shim_of_optree", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for one in (optree, module):
        one.register_pytree_node_class(Registered, namespace="keras")
    return module


def tree(rng: random.Random, depth: int = 3) -> Any:
    """A random tree of all kinds of nodes."""
    kind = rng.randrange(10 if depth else 2)
    if kind < 2:
        return rng.choice([1, 2, None, "a"])
    children = [tree(rng, depth - 1) for _ in range(rng.randrange(4))]
    keys = rng.sample(["a", "b", "c", "d", 1, 2] if kind == 9 else list("abcdef"), len(children))
    named = dict(zip(keys, children, strict=True))
    return {
        2: children,
        3: tuple(children),
        4: named,
        5: OrderedDict(named),
        6: Registered(children),
        7: Pair(*children[:2]) if len(children) > 1 else children,
        8: deque(children),
        9: defaultdict(int, named),
    }[kind]


def calls(module: ModuleType, one: Any, other: Any, none_is_leaf: bool) -> Iterator[Callable]:
    """What Keras asks of optree."""
    how: dict[str, Any] = {"none_is_leaf": none_is_leaf, "namespace": "keras"}
    flat = module.tree_flatten
    yield lambda: flat(one, **how)[0]
    yield lambda: (flat(one, **how)[1].num_nodes, flat(one, **how)[1].num_leaves)
    yield lambda: module.tree_flatten_with_path(one, **how)[:2]
    yield lambda: module.tree_paths(one, **how)
    yield lambda: module.tree_is_leaf(one, **how)
    yield lambda: module.tree_unflatten(flat(one, **how)[1], flat(other, **how)[0])
    yield lambda: module.tree_map(lambda *x: x, one, **how)
    yield lambda: module.tree_map(lambda *x: x, one, other, **how)
    yield lambda: module.tree_map(lambda *x: x, one, one, other, **how)
    yield lambda: flat(one, lambda x: x is not one, **how)[0]
    yield lambda: module.tree_map(str, one, is_leaf=lambda x: isinstance(x, list | tuple), **how)


def said(call: Callable) -> str:
    """What a call returns or raises, as text."""
    try:
        return repr(call())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def test_trees_are_those_of_optree(shim: ModuleType) -> None:
    """On random trees, the texts of errors included."""
    different = []
    for seed in range(TREES):
        rng = random.Random(seed)
        one, none_is_leaf = tree(rng), rng.random() < 0.7
        other = tree(rng)
        if rng.random() < 0.3:
            other = optree.tree_map(lambda x: {1: 7}.get(x, x), one, namespace="keras")
        both = (calls(module, one, other, none_is_leaf) for module in (optree, shim))
        for real, ours in zip(*both, strict=True):
            if said(real) != said(ours):
                different.append((one, other, said(real), said(ours)))
    assert not different, different[:3]


def stack(rng: random.Random) -> str:
    """A program that builds a random stack of layers, and shows what it returns or raises."""
    rank = rng.choice([3, 3, 3, 4])
    shape = tuple(rng.randint(1, 9) for _ in range(rank - 1))
    lines = ["import keras", "from keras import layers", "import numpy as np", ""]
    lines += ["keras.utils.set_random_seed(0)", f"x = np.sin(np.arange({np.prod(shape)} * 2.0))"]
    lines += [f"x = x.reshape((2, *{shape})).astype('float32')", "layer_list = ["]
    lines += [f"    {layer(rng, rank)}," for _ in range(rng.randint(1, 4))]
    return "\n".join([*lines, "]", *SHOW]) + "\n"


# Weights are set by a rule, since backends draw other random ones.
SHOW = """\
for one in layer_list:
    one.build(x.shape)
    weights = [np.cos(np.arange(w.size)).reshape(w.shape) for w in one.get_weights()]
    one.set_weights([(1.2 + w) / 8 if "norm" in one.name else w / 4 for w in weights])
    x = np.asarray(one(x))
    print(one.name, x.shape, one.count_params(), np.round(np.float64(x).sum(), 2) + 0.0)
""".splitlines()


def layer(rng: random.Random, rank: int) -> str:
    """A layer with random arguments, most of which fit."""
    some = rng.choice
    sequences, padding = some([True, False]), some(["valid", "same"])
    convolution = f"{rng.randint(1, 4)}, {rng.randint(1, 4)}, strides={some([1, 1, 2])}"
    dilated = f"{convolution}, dilation_rate={some([1, 1, 2])}"
    recurrent = f"layers.{some(['LSTM', 'GRU', 'SimpleRNN'])}({rng.randint(1, 5)}, "
    kinds = {
        3: [
            f"{recurrent}return_sequences={sequences}, go_backwards={some([True, False])})",
            f"layers.Bidirectional({recurrent}return_sequences=True), merge_mode="
            f"{some(['concat', 'sum', 'mul', 'ave'])!r})",
            f"layers.Conv1D({dilated}, padding={some(['valid', 'same', 'causal'])!r})",
            f"layers.SeparableConv1D({rng.randint(1, 4)}, 2, padding={padding!r})",
            f"layers.DepthwiseConv1D(2, padding={padding!r})",
            f"layers.Conv1DTranspose({convolution}, padding={padding!r})",
            f"layers.MaxPooling1D({rng.randint(1, 4)}, padding={padding!r})",
            f"layers.AveragePooling1D({rng.randint(1, 4)}, padding={padding!r})",
            "layers.GlobalMaxPooling1D(keepdims=True)",
            "layers.LayerNormalization()",
            "layers.TimeDistributed(layers.Dense(3))",
            "layers.Dense(2, activation='gelu')",
            "layers.Dense(3, activation='softmax')",
            "layers.ZeroPadding1D(1)",
            "layers.UpSampling1D(2)",
            "layers.Permute((2, 1))",
        ],
        4: [
            f"layers.Conv2D({convolution}, padding={padding!r})",
            f"layers.Conv2DTranspose({convolution}, padding={padding!r})",
            f"layers.MaxPooling2D({rng.randint(1, 3)}, padding={padding!r})",
            f"layers.AveragePooling2D({rng.randint(1, 3)}, padding={padding!r})",
            f"layers.ConvLSTM1D(2, 2, padding={padding!r}, return_sequences=True)",
            "layers.TimeDistributed(layers.LSTM(3, return_sequences=True))",
            "layers.BatchNormalization()",
        ],
    }
    return some(kinds[rank])


def test_layers_compute_what_they_compute_with_tensorflow(results: ResultCache) -> None:
    """Random stacks of layers, with convolutions and pooling: shapes, counts, values, errors."""
    programs = [stack(random.Random(seed)) for seed in range(STACKS)]
    with_tensorflow = [results.run(Job("program.py", code)).output for code in programs]
    in_browser = [one["output"] for one in runnable.results_of([{"code": c} for c in programs])]
    different = [
        f"{code}\nTensorFlow:\n{one}\nbrowser:\n{other}"
        for code, one, other in zip(programs, with_tensorflow, in_browser, strict=True)
        if by_line(one) != by_line(other)
    ]
    assert not different, f"{len(different)}\n" + "\n\n".join(different[:3])
    assert sum("Error" in one for one in with_tensorflow) < STACKS / 2


def by_line(output: str) -> list[str]:
    """What was shown until an error, and its type: its text names TensorFlow's tensors."""
    shown, error, _ = output.partition("Error: ")
    return [*shown.splitlines(), error]


@pytest.mark.parametrize(
    "code",
    [
        "import jax\njax.jit",
        "import scipy\nscipy.signal",
        "import scipy.special\nscipy.special.erfinv",
        "import ml_dtypes\nml_dtypes.float8_e4m3fn",
        "import optree\noptree.tree_reduce",
    ],
)
def test_what_a_stand_in_lacks_it_names(code: str) -> None:
    """Never another value."""
    (shown,) = runnable.results_of([{"code": code}])
    name = code.splitlines()[-1]
    assert shown["output"] == f"AttributeError: {name} isn't available in the browser\n"


def test_logarithms_of_sums_know_infinity() -> None:
    """As SciPy: of what is minus infinite only, it is that."""
    code = """import numpy as np
from scipy.special import logsumexp

rows = np.array([[-np.inf, -np.inf], [0.0, -np.inf], [1e4, 1e4], [np.inf, 0.0]])
print(logsumexp(rows, axis=1), logsumexp(rows[2]))
"""
    (shown,) = runnable.results_of([{"code": code}])
    expected = np.array([-np.inf, 0, 1e4 + np.log(2), np.inf])
    assert shown["output"] == f"{expected} {expected[2]}\n"
