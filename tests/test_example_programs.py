"""The programs of the examples: their shapes, words, plots and links."""

import ast
import hashlib
import io
import itertools
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from downloads import EXAMPLES
from project import DOCS, ROOT
from proof.prose import missing_numbers
from proof.rendered import blocks_in_notebook
from site_hook import linked

# Of the data set `elnino` of statsmodels 0.15, its months as "23.11 24.20 ...", a line a year.
SERIES = "800db1ef6a9c1125a30710fd7a21b26d50a7711a9cbd0faedfd0c86e4b116d84"

# The article's code is its author's, to the letter.
OURS = [path for path in EXAMPLES if path.stem != "original_article"]
RESHAPING = re.compile(
    r"(?:reshape|stack|swapaxes|transpose|concatenate|expand_dims|squeeze|ravel|flatten|tile"
    r"|repeat|pad_sequences)$"
)


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_each_layer_and_reshaping_is_followed_by_its_shape(script: Path) -> None:
    """In one readable line of code, so that a reader sees it and a wrong one fails."""
    code = script.read_text(encoding="utf-8")
    assert not list(unasserted(code))
    assert "model.summary()" in code or "training.summary()" in code


def unasserted(code: str) -> Iterator[str]:
    """Outputs of layers and reshaped arrays without their shape right after them in one line."""
    tree = ast.parse(code)
    layers = {"keras.Input"} | {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and re.match(r"layers\.\w+\(", ast.unparse(node.value))
    }
    named: set[ast.expr] = set()
    for block in (getattr(node, "body", []) for node in ast.walk(tree)):
        for n, node in enumerate(block if isinstance(block, list) else []):
            if isinstance(node, ast.Assign) and makes_shape(node.value, layers):
                named.add(node.value)
                names = [one.id for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)]
                behind = itertools.takewhile(
                    lambda one: isinstance(one, ast.Assert), block[n + 1 :]
                )
                shaped = {name for one in behind for name in shapes_asserted(one.test)}
                for name in names:
                    if name not in {*shaped, "_"}:
                        yield f"line {node.lineno}: {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and makes_shape(node, layers) and node not in named:
            yield f"line {node.lineno}: {ast.unparse(node)}"
        wrapped = isinstance(node, ast.Assert) and node.test.lineno != node.test.end_lineno
        if wrapped and ".shape" in ast.unparse(node):
            yield f"line {node.lineno}: a shape in several lines"


def makes_shape(value: ast.expr, layers: set[str]) -> bool:
    """Whether an expression is the output of a layer, or a reshaped array."""
    if isinstance(value, ast.Subscript):
        return "newaxis" in ast.unparse(value.slice)
    if not isinstance(value, ast.Call):
        return False
    called = ast.unparse(value.func)
    return isinstance(value.func, ast.Call) or called in layers or bool(RESHAPING.search(called))


def shapes_asserted(test: ast.expr) -> Iterator[str]:
    """The names whose shapes an assertion compares with a tuple."""
    if isinstance(test, ast.Compare) and all(isinstance(one, ast.Eq) for one in test.ops):
        *others, last = [test.left, *test.comparators]
        if isinstance(last, ast.Tuple):
            for one in others:
                if isinstance(one, ast.Attribute) and one.attr == "shape":
                    yield ast.unparse(one.value)


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("x = keras.Input((2, 10))\nassert x.shape == (None, 2, 10)", []),
        ("x = keras.Input((2, 10))", ["line 1: x"]),
        ("y = layers.LSTM(3)(x)\nprint(y)\nassert y.shape == (None, 3)", ["line 1: y"]),
        ("y = x.reshape(8, 20)\nassert y.size == 160", ["line 1: y"]),
        (
            "lstm = layers.LSTM(3)\n_, h, c = lstm(x)\nassert h.shape == (None, 3)",
            ["line 2: c"],
        ),
        ("def cut(x):\n    y = x.swapaxes(0, 1)\n    return y", ["line 2: y"]),
        ("y = x[..., np.newaxis]", ["line 1: y"]),
        ("assert x.shape == (\n    8,\n    20,\n)", ["line 1: a shape in several lines"]),
        ("y = layers.LSTM(3)(x)\nassert y.shape == (None, 3) or True", ["line 1: y"]),
        ('y = layers.LSTM(3)(x)\nassert "y.shape == (None, 3)"', ["line 1: y"]),
        (
            "y = layers.Dense(1)(layers.LSTM(3)(x))\nassert y.shape == (None, 1)",
            ["line 1: layers.LSTM(3)(x)"],
        ),
        ("def head(x):\n    return layers.Dense(3)(x)", ["line 2: layers.Dense(3)(x)"]),
    ],
)
def test_a_missing_shape_is_found(code: str, missing: list[str]) -> None:
    """The check can fail."""
    assert list(unasserted(code)) == missing


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_the_words_state_what_is_run(script: Path, site: Path) -> None:
    """A shape or a count in a sentence, a comment or a docstring stands in code or outputs."""
    kept = ROOT / ".cache" / "notebooks" / "examples" / f"{script.stem}.ipynb"
    code = script.read_text(encoding="utf-8")
    outputs = [text for language, text in blocks_in_notebook(kept) if language == "text"]
    run = "\n".join([*outputs, without_words(code)])
    assert not [(line, number) for line in words(code) for number in missing_numbers(line, run)]


def words(code: str) -> list[str]:
    """The lines of a program's comments, which are also its Markdown, and of its docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]
    docstrings = [
        ast.get_docstring(node) or "" for node in ast.walk(ast.parse(code)) if documented(node)
    ]
    return [*comments, *"\n".join(docstrings).split("\n")]


def without_words(code: str) -> str:
    """A program without comments and docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if documented(node) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def documented(node: ast.AST) -> bool:
    """Whether a node may have a docstring."""
    return isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)


def test_words_prove_nothing() -> None:
    """Neither a comment nor a docstring."""
    code = 'def f():\n    """Cut (9, 9)."""\n    return 3  # (3, 4)\n'
    assert {*words(code)} >= {"(3, 4)", "Cut (9, 9)."}
    assert "(" not in without_words(code).replace("f()", "")


def test_the_series_is_the_published_one() -> None:
    """Not a digit of the data differs from the source that the example names."""
    code = (ROOT / "examples" / "forecast.py").read_text(encoding="utf-8")
    (data,) = re.findall(r'CELSIUS = """\n(.*?)"""', code, re.DOTALL)
    assert hashlib.sha256(data.encode()).hexdigest() == SERIES


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_plots_have_words(script: Path, site: Path) -> None:
    """A title and two axis labels in the code, and a text alternative on the page."""
    html = (site / "examples" / script.stem / "index.html").read_text(encoding="utf-8")
    shown = BeautifulSoup(html, "html.parser").select("article img[src^='data:']")
    code = script.read_text(encoding="utf-8")
    assert len(shown) == code.count("plt.show()")
    assert [image["alt"] for image in shown] == re.findall(
        r'^# %% alt="(.{30,})"$', code, re.MULTILINE
    )
    for cell in code.split("\n# %%"):
        if "plt.show()" in cell:
            assert re.search(r"\.(?:set_title|suptitle)\(", cell)
            assert re.search(r"\.(?:set_xlabel|supxlabel)\(", cell)
            assert re.search(r"\.(?:set_ylabel|supylabel)\(", cell)


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_and_the_pages_that_explain_it_link_to_each_other(script: Path) -> None:
    """Each page that the first cell names leads back to the example."""
    first = script.read_text(encoding="utf-8").split("# %%")[1]
    pages = {DOCS / name for name in re.findall(r"\(\.\./docs/([\w/.-]+\.md)[)#]", first)}
    assert pages
    back = f"examples/{script.stem}.ipynb"
    assert not [page for page in pages if back not in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_the_links_of_a_download_lead_to_the_site(script: Path, site: Path) -> None:
    """From where it stands on the site; or to the site's address, where it is known."""
    program = site / "examples" / script.name
    notebook = site / "examples" / script.stem / f"{script.stem}.ipynb"
    for path in program, notebook:
        links = re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
        assert links
        for link in (link for link in links if "//" not in link):
            place, _, anchor = link.partition("#")
            target = path.parent / place
            if target.is_dir():
                assert f'id="{anchor}"' in (target / "index.html").read_text("utf-8") or not anchor
            else:
                assert target.is_file()


def test_the_links_of_a_download_name_the_site() -> None:
    """Its whole address, so that they work in any folder."""
    text = "[a](../docs/learn/x.md#y) [b](../docs/errors/index.md) ![c](../docs/assets/d.svg)"
    assert linked(text, "https://site.example/") == (
        "[a](https://site.example/learn/x/#y) [b](https://site.example/errors/) "
        "![c](https://site.example/assets/d.svg)"
    )


def test_the_article_shows_its_three_summaries(site: Path) -> None:
    """The notebook page and the notebook to download have the outputs of Keras 2."""
    folder = site / "examples" / "original_article"
    page = (folder / "index.html").read_text("utf-8")
    notebook = (folder / "original_article.ipynb").read_text("utf-8")
    for row in (
        "lstm_2 (LSTM)               (None, 3)                 168",
        "lstm_3 (LSTM)               (8, 3)                    168",
        "lstm_4 (LSTM)               (8, 2, 3)                 168",
    ):
        assert row in page
        assert row in notebook
    program = site / "examples" / "original_article.py"
    source = (ROOT / "examples" / "original_article.py").read_text(encoding="utf-8")
    assert program.read_text(encoding="utf-8") == linked(source, "../")
