"""The programs of the examples: their shapes, words, plots and links."""

import ast
import hashlib
import io
import itertools
import re
import tokenize
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from downloads import EXAMPLES, printed, shown
from project import DOCS, ROOT
from proof.prose import missing_numbers
from site_hook import linked

# Of the data set `elnino` of statsmodels 0.15, its months as "23.11 24.20 ...", a line a year.
SERIES = "800db1ef6a9c1125a30710fd7a21b26d50a7711a9cbd0faedfd0c86e4b116d84"

# The article's code is its author's, to the letter.
ARTICLE = ROOT / "examples" / "original_article.py"
OURS = [path for path in EXAMPLES if path != ARTICLE]
RESHAPING = re.compile(
    r"(?:reshape|stack|swapaxes|transpose|concatenate|expand_dims|squeeze|ravel|flatten|tile"
    r"|repeat|pad_sequences)$"
)


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_each_layer_and_reshaping_is_followed_by_its_shape(script: Path) -> None:
    """In one readable line of code, so that a reader sees it and a wrong one fails."""
    code = script.read_text(encoding="utf-8")
    assert unasserted(code) == []
    assert "model.summary()" in code or "training.summary()" in code


def unasserted(code: str) -> list[str]:
    """What makes a shape, and isn't followed by an assertion of it in one line.

    The output of a layer, a reshaped array, and the lines of a shape that has several.
    """
    tree = ast.parse(code)
    statements = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.stmt)),
        key=lambda node: node.lineno,
    )
    layers = {"keras.Input", *re.findall(r"(?m)^ *(\w+) = layers\.\w+\(", code)}
    missing = [node for node in ast.walk(tree) if makes_shape(node, layers)]
    for n, statement in enumerate(statements):
        if isinstance(statement, ast.Assign) and statement.value in missing:
            names = {one.id for one in ast.walk(statement.targets[0]) if isinstance(one, ast.Name)}
            behind = itertools.takewhile(
                lambda one: isinstance(one, ast.Assert), statements[n + 1 :]
            )
            if names <= {"_"}.union(*map(asserted, behind)):
                missing.remove(statement.value)
        if isinstance(statement, ast.Assert) and statement.lineno != statement.test.end_lineno:
            missing.append(statement)
    return [f"{node.lineno}: {ast.unparse(node)}" for node in missing]


def makes_shape(node: ast.AST, layers: set[str]) -> bool:
    """Whether an expression is the output of a layer, or a reshaped array."""
    match node:
        case ast.Subscript():
            return "newaxis" in ast.unparse(node.slice)
        case ast.Call(func=ast.Call()):
            return True
        case ast.Call():
            called = ast.unparse(node.func)
            return called in layers or bool(RESHAPING.search(called))
    return False


def asserted(statement: ast.Assert) -> set[str]:
    """The names whose shapes an assertion compares with a tuple."""
    compared = re.fullmatch(r"assert ((?:\w+\.shape == )+)\([^()]*\)", ast.unparse(statement))
    return set(re.findall(r"(\w+)\.", compared[1])) if compared else set()


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("x = keras.Input((2, 10))\nassert x.shape == (None, 2, 10)", []),
        ("x = keras.Input((2, 10))", ["1: keras.Input((2, 10))"]),
        ("y = layers.LSTM(3)(x)\nprint(y)\nassert y.shape == (8, 3)", ["1: layers.LSTM(3)(x)"]),
        ("y = x.reshape(8, 20)\nassert y.size == 160", ["1: x.reshape(8, 20)"]),
        ("lstm = layers.LSTM(3)\n_, h, c = lstm(x)\nassert h.shape == (8, 3)", ["2: lstm(x)"]),
        ("def cut(x):\n    y = x.swapaxes(0, 1)\n    return y", ["2: x.swapaxes(0, 1)"]),
        ("y = x[..., np.newaxis]", ["1: x[..., np.newaxis]"]),
        ("assert x.shape == (\n    8,\n    20,\n)", ["1: assert x.shape == (8, 20)"]),
        ("y = x.ravel()\nassert y.shape == (8,) or True", ["1: x.ravel()"]),
        ('y = x.ravel()\nassert "y.shape == (8,)"', ["1: x.ravel()"]),
        ("y = lay(1)(layers.LSTM(3)(x))\nassert y.shape == (8, 1)", ["1: layers.LSTM(3)(x)"]),
        ("def head(x):\n    return layers.Dense(3)(x)", ["2: layers.Dense(3)(x)"]),
    ],
)
def test_a_missing_shape_is_found(code: str, missing: list[str]) -> None:
    """The check can fail."""
    assert unasserted(code) == missing


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_the_words_state_what_is_run(script: Path, site: Path) -> None:
    """A shape or a count in a sentence, a comment or a docstring stands in code or outputs."""
    kept = ROOT / ".cache" / "notebooks" / "examples" / f"{script.stem}.ipynb"
    words, program = words_apart(script.read_text(encoding="utf-8"))
    run = f"{program}\n{printed(kept)}"
    assert not [(line, number) for line in words for number in missing_numbers(line, run)]


def words_apart(code: str) -> tuple[list[str], str]:
    """The lines of a program's comments and docstrings, and the program without them."""
    tree = ast.parse(code)
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    words = [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        if documented and (docstring := ast.get_docstring(node)):
            words += docstring.split("\n")
            node.body[0] = ast.Pass()
    return words, ast.unparse(tree)


def test_words_prove_nothing() -> None:
    """Neither a comment nor a docstring."""
    words, program = words_apart('def f():\n    """Cut (9, 9)."""\n    return 3  # (3, 4)\n')
    assert words == ["(3, 4)", "Cut (9, 9)."]
    assert program == "def f():\n    pass\n    return 3"


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
            assert {"title", "xlabel", "ylabel"} <= {*re.findall(r"\.(?:set_|sup)(\w+)\(", cell)}


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
    assert program.read_text("utf-8") == linked(script.read_text("utf-8"), "../")
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
    """With the layer names and the widths of Keras 2."""
    assert re.findall(r"(lstm_\d) .*(\(.*, 3\)) +(\d+)", shown(site, ARTICLE)) == [
        ("lstm_2", "(None, 3)", "168"),
        ("lstm_3", "(8, 3)", "168"),
        ("lstm_4", "(8, 2, 3)", "168"),
    ]
