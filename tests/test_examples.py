"""Examples run as notebooks: an error stops the build, and nothing stale is shown."""

import ast
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from downloads import EXAMPLES, printed
from project import DOCS, ROOT
from proof.census import blocks_in_notebook
from proof.notebooks import ExampleError, execute_examples
from proof.page import unproved

# The article's code is its author's, to the letter.
OURS = [path for path in EXAMPLES if path.stem != "original_article"]
RESHAPING = r"(?:reshape|stack|swapaxes|transpose|concatenate|roll|pad_sequences)$"

GOOD = '# %% [markdown]\n# # Title\n\n# %%\nfrom helper import NAME\n\nprint(f"shown by {NAME}")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project: one example, its helper, a lock."""
    helpers = tmp_path / "examples" / "helper"
    helpers.mkdir(parents=True)
    (helpers / "__init__.py").write_text('NAME = "the helper"\n')
    (tmp_path / "examples" / "good.py").write_text(GOOD)
    (tmp_path / "requirements.txt").write_text("keras==3.15.1\n")
    return tmp_path


def execute(project: Path) -> tuple[str, int]:
    """Execute the example; return what it shows, and when its notebook was written."""
    lock = project / "requirements.txt"
    (path,) = execute_examples(project / "examples", lock, project / "kept")
    notebook = nbformat.read(path, as_version=4)
    return notebook.cells[1].outputs[0].text, path.stat().st_mtime_ns


def test_an_unchanged_example_is_not_run_again(project: Path) -> None:
    """What was kept is used where nothing changed."""
    assert execute(project) == execute(project)


@pytest.mark.parametrize("name", ["examples/good.py", "examples/helper/__init__.py"])
def test_a_changed_source_is_run_again(project: Path, name: str) -> None:
    """The script or a helper of its own makes new output."""
    execute(project)
    source = project / name
    source.write_text(source.read_text().replace("the helper", "another").replace("by", "by now"))
    shown, _ = execute(project)
    assert shown in ("shown by another\n", "shown by now the helper\n")


def test_a_changed_lock_is_run_again(project: Path) -> None:
    """Another lock may mean another Keras."""
    _, before = execute(project)
    (project / "requirements.txt").write_text("keras==3.15.2\n")
    _, after = execute(project)
    assert after != before


def test_another_installed_package_is_run_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is really installed counts, whatever the lock says."""
    _, before = execute(project)
    monkeypatch.setattr("proof.notebooks.distributions", lambda: [])
    _, after = execute(project)
    assert after != before


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ('print("inside")\nraise ValueError("no\\nshape")', "6: ValueError: no\nshape"),
        ("print('inside')\n1 +", "6: SyntaxError: invalid syntax"),
        ("def inner():\n    return [][0]\n\n\ninner()", "9: IndexError: list index out of range"),
        ("import sys\n\nsys.exit(3)", "7: SystemExit: 3"),
    ],
)
def test_an_error_stops_the_build_and_names_its_line(
    project: Path, cell: str, message: str
) -> None:
    """The line of the script is named, and the whole error; nothing is kept of it."""
    bad = project / "examples" / "bad.py"
    bad.write_text(f'# %%\nprint("before")\n\n# %%\n{cell}\n')
    with pytest.raises(ExampleError) as caught:
        execute(project)
    assert str(caught.value).startswith(f"{bad}:{message}")
    assert not (project / "kept" / "bad.ipynb").exists()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("import os\n\nos._exit(7)", "1: it ended Python itself, with status 7"),
        ("while True:\n    pass", "1: it did not end within 5 s"),
        (
            "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()",
            "2: a plot without words for who can't see it; begin its cell with # %% alt=",
        ),
    ],
    ids=["exit", "endless", "plot"],
)
def test_what_is_no_error_of_a_cell_is_said_too(project: Path, cell: str, message: str) -> None:
    """An example that ends Python, doesn't end, or shows what not everybody sees."""
    bad = project / "examples" / "bad.py"
    bad.write_text(f"# %%\n{cell}\n")
    with pytest.raises(ExampleError) as caught:
        execute_examples(
            project / "examples", project / "requirements.txt", project / "kept", limit=5
        )
    assert str(caught.value).startswith(f"{bad}:{message}")


def test_examples_see_nothing_of_each_other(project: Path) -> None:
    """Each has its own process and its own copy of the folder."""
    text = (
        "# %%\nimport os\nimport sys\nfrom pathlib import Path\n\n"
        'print(hasattr(sys, "seen"), Path("seen").exists(), Path("good.py").exists())\n'
        'sys.seen = True\nPath("seen").touch()\n'
    )
    for name in ("one", "two", "three"):
        (project / "examples" / f"{name}.py").write_text(text)
    paths = execute_examples(project / "examples", project / "requirements.txt", project / "kept")
    shown = {path.stem: printed(nbformat.read(path, as_version=4)) for path in paths}
    assert {shown[name] for name in ("one", "two", "three")} == {"False False True"}
    assert not (project / "examples" / "seen").exists()


def test_two_builds_at_once_execute_once(project: Path) -> None:
    """The second waits for the first, and uses what it kept."""
    log = project / "log"
    counting = project / "examples" / "counting.py"
    counting.write_text(f'# %%\nwith open({str(log)!r}, "a") as log:\n    log.write("run ")\n')
    places = project / "examples", project / "requirements.txt", project / "kept"
    with ThreadPoolExecutor() as both:
        list(both.map(lambda _: execute_examples(*places), range(2)))
    assert log.read_text() == "run "


def test_the_site_is_built_again_without_executing(site: Path) -> None:
    """What the build kept is fresh for the next one."""
    kept = ROOT / ".cache" / "notebooks" / "examples"
    before = {path: path.stat().st_mtime_ns for path in kept.glob("*.ipynb")}
    paths = execute_examples(ROOT / "examples", ROOT / "requirements.txt", kept)
    assert {path: path.stat().st_mtime_ns for path in paths} == before


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_each_layer_and_reshaping_is_followed_by_its_shape(script: Path) -> None:
    """In one readable line of code, so that a reader sees it and a wrong one fails."""
    code = script.read_text(encoding="utf-8")
    assert not list(unasserted(code))
    assert "model.summary()" in code or "training.summary()" in code


def unasserted(code: str) -> Iterator[str]:
    """The assignments of a layer's output, or of a reshaped array, without a shape behind them."""
    tree = ast.parse(code)
    layers = {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and re.match(r"layers\.\w+\(", ast.unparse(node.value))
    }
    bodies = [getattr(node, "body", []) for node in ast.walk(tree)]
    for body in (body for body in bodies if isinstance(body, list)):
        for n, node in enumerate(body):
            if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
                continue
            function = node.value.func
            called = ast.unparse(function)
            if (
                isinstance(function, ast.Call)
                or called in layers | {"keras.Input"}
                or re.search(RESHAPING, called)
            ):
                names = [one for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name)]
                behind = [ast.unparse(one) for one in body[n + 1 :]]
                asserted = list(itertools.takewhile(lambda line: "assert " in line, behind))
                for name in (one.id for one in names if one.id != "_"):
                    if not any(re.search(rf"\b{name}\.shape\b.* == \(", a) for a in asserted):
                        yield f"line {node.lineno}: {name}"


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
    ],
)
def test_a_missing_shape_is_found(code: str, missing: list[str]) -> None:
    """The check can fail."""
    assert list(unasserted(code)) == missing


@pytest.mark.parametrize("script", OURS, ids=lambda path: path.stem)
def test_the_words_state_what_is_run(script: Path, site: Path) -> None:
    """A shape or a count in a sentence stands in the example's code or outputs."""
    kept = ROOT / ".cache" / "notebooks" / "examples" / f"{script.stem}.ipynb"
    cells = nbformat.read(kept, as_version=4).cells
    run = "\n".join(text for _, text in blocks_in_notebook(kept))
    words = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.split("\n")
    ]
    assert not [(line, claim) for line in words for claim in unproved(line, run)]


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
    assert program.read_bytes() == (ROOT / "examples" / "original_article.py").read_bytes()
