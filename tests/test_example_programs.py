"""The programs of the examples: their shapes, words, plots and links."""

import ast
import hashlib
import io
import re
import tokenize
from pathlib import Path

import pytest

from cases import Case, read_cases
from project import DOCS, EXAMPLES, KEPT, ROOT, address_of, parsed, printed
from proof.stated_numbers import missing_numbers
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
SHAPES = re.compile(r"(?: *assert (?:\w+\.shape == )+\([^()]*\)\n)*")


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_each_layer_and_reshaping_is_followed_by_its_shape(script: Path) -> None:
    """In one readable line of code, so that a reader sees it and a wrong one fails."""
    code = script.read_text(encoding="utf-8")
    assert unasserted(code) == []
    assert "model.summary()" in code or "training.summary()" in code


def unasserted(code: str) -> list[str]:
    """Outputs of layers and reshaped arrays without their shape right after them in one line."""
    plain = ast.unparse(ast.parse(code))  # without comments, each statement in one line
    tree, lines = ast.parse(plain), plain.split("\n")
    layers = {"keras.Input", *re.findall(r"(?m)^ *(\w+) = layers\.\w+\(", plain)}
    missing = [node for node in ast.walk(tree) if makes_shape(node, layers)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.value in missing:
            shapes = SHAPES.match("\n".join([*lines[node.lineno :], ""]))[0]
            names = {one.id for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)}
            if all(f" {name}.shape == " in shapes for name in names - {"_"}):
                missing.remove(node.value)
    return [*map(ast.unparse, missing), *re.findall(r"(?m)^ *(assert (?:.*\.shape.*)?\()$", code)]


def makes_shape(node: ast.AST, layers: set[str]) -> bool:
    """Whether an expression is the output of a layer, or a reshaped array."""
    if isinstance(node, ast.Subscript):
        return "newaxis" in ast.unparse(node.slice)
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return called in layers or called.endswith(")") or bool(RESHAPING.search(called))


@pytest.mark.parametrize("case", read_cases("bad_shapes"), ids=lambda case: case.name)
def test_a_missing_shape_is_found(case: Case) -> None:
    """The check can fail."""
    assert unasserted(case.text) == ([case.detail] if case.verdict == "fails" else [])


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_the_words_state_what_is_run(script: Path, site: Path) -> None:
    """A shape or a count in a sentence, a comment or a docstring stands in code or outputs."""
    words, program = words_apart(script.read_text(encoding="utf-8"))
    run = f"{program}\n{printed(KEPT / f'{script.stem}.ipynb')}"
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
    shown = parsed(site / address_of(script) / "index.html").select("article img[src^='data:']")
    code = script.read_text(encoding="utf-8")
    assert len(shown) == code.count("plt.show()")
    alternatives = re.findall(r'(?m)^# %% alt="(.{30,})"$', code)
    assert [image["alt"] for image in shown] == alternatives
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
    """From where it stands, to where the links of its page lead, which test_site.py follows."""
    notebook = KEPT / f"{script.stem}.ipynb"
    for source, place, root in (script, ".", "../"), (notebook, script.stem, "../../"):
        download = site / "examples" / place / source.name
        assert download.read_text("utf-8") == linked(source.read_text("utf-8"), root)


def test_the_links_of_a_download_name_the_site() -> None:
    """Its whole address, so that they work in any folder."""
    text = "[a](../docs/learn/x.md#y) [b](../docs/errors/index.md) ![c](../docs/assets/d.svg)"
    assert linked(text, "https://site.example/") == (
        "[a](https://site.example/learn/x/#y) [b](https://site.example/errors/) "
        "![c](https://site.example/assets/d.svg)"
    )


def test_the_article_shows_its_three_summaries(site: Path) -> None:
    """Those of Keras 2."""
    shown = printed(KEPT / f"{ARTICLE.stem}.ipynb")
    rows = [" ".join(row) for row in re.findall(r"(lstm_\d) .*(\(.*, 3\)) +(\d+)", shown)]
    assert rows == ["lstm_2 (None, 3) 168", "lstm_3 (8, 3) 168", "lstm_4 (8, 2, 3) 168"]
