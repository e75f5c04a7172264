"""Examples run as notebooks: an error stops the build, and nothing stale is shown."""

import ast
import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
import time
import tokenize
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup

from downloads import EXAMPLES, printed
from project import DOCS, ROOT
from proof.notebooks import ExampleError, execute_examples
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


def places(project: Path) -> tuple[Path, Path, Path]:
    """Its examples, its lock, and where executed notebooks are kept."""
    return project / "examples", project / "requirements.txt", project / "kept"


def execute(project: Path) -> tuple[str, int]:
    """Execute the example; return what it shows, and when its notebook was written."""
    (path,) = execute_examples(*places(project))
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
        ("assert (8, 2) == (8, 3)  # shape", "5: AssertionError: assert (8, 2) == (8, 3)  # shape"),
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
        ("import os\n\nos._exit(7)", "the cell here ended Python itself; mend it"),
        ("import os\n\nos._exit(0)", "the cell here ended Python itself; mend it"),
        ("while True:\n    pass", "the cell here was not done within 10 s; mend it"),
        ('import sys\n\nprint("noise", file=sys.stderr)', "a page shows no warnings and no log"),
        (
            "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()",
            "a plot without words for who can't see it; begin its cell with # %% alt=",
        ),
    ],
    ids=["exit", "exit without error", "endless", "noise", "plot"],
)
def test_what_is_no_error_of_a_cell_is_said_too(project: Path, cell: str, message: str) -> None:
    """An example that ends Python, doesn't end, or shows what isn't for every reader."""
    changed = project / "examples" / "good.py"
    execute(project)
    changed.write_text(f"# %%\nprint(1)\n\n# %%\n{cell}\n")
    with pytest.raises(ExampleError) as caught:
        execute_examples(*places(project), limit=10)
    assert str(caught.value).startswith(f"{changed}:5: {message}")
    assert not (project / "kept" / "good.ipynb").exists()


def test_a_plot_is_lighter_and_says_the_same(project: Path) -> None:
    """Coordinates have two decimals; a number that a reader sees has its own."""
    plot = 'import matplotlib.pyplot as plt\n\nplt.plot([1, 3, 2])\nplt.title("0.0625")\nplt.show()'
    (project / "examples" / "good.py").write_text(f'# %% alt="a line"\n{plot}\n')
    (path,) = execute_examples(*places(project))
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    svg = ElementTree.fromstring(output.data["image/svg+xml"])
    assert "0.0625" in svg.itertext()
    lines = [tag.get("d", "") for tag in svg.iter() if tag.tag.endswith("path")]
    assert lines
    assert not re.search(r"\.\d{3}", " ".join(lines))


def test_a_long_error_is_said_whole(project: Path) -> None:
    """However much an error says, it comes through, and at once."""
    (project / "examples" / "good.py").write_text('# %%\nraise ValueError("x" * 200_000)\n')
    with pytest.raises(ExampleError, match=r"ValueError: x{200000}$"):
        execute(project)


def test_what_an_example_leaves_running_is_stopped(project: Path) -> None:
    """A process in the background doesn't hold up the build, and doesn't outlive it."""
    (project / "examples" / "good.py").write_text(
        "# %% [markdown]\n# # Title\n\n# %%\nimport subprocess\n\n"
        'print(subprocess.Popen(["sleep", "600"]).pid)\n'
    )
    shown, _ = execute(project)
    assert not psutil.pid_exists(int(shown)) or psutil.Process(int(shown)).status() == "zombie"


def test_a_build_that_is_killed_leaves_nothing_running(project: Path) -> None:
    """The examples end with who asked for them."""
    noted = project / "pid"
    (project / "examples" / "good.py").write_text(
        f"# %%\nimport os\nimport time\nfrom pathlib import Path\n\n"
        f"Path({str(noted)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
    )
    code = "import sys; from pathlib import Path; from proof.notebooks import execute_examples; "
    code += "execute_examples(*map(Path, sys.argv[1:]))"
    build = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, places(project))],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools")},
    )
    while not (noted.exists() and noted.read_text()):
        time.sleep(0.1)
    running = psutil.Process(int(noted.read_text()))
    build.kill()
    build.wait()
    _, alive = psutil.wait_procs([running], timeout=20)
    assert not alive


def test_a_damaged_notebook_is_made_again(project: Path) -> None:
    """What can't be read counts as never kept."""
    before, _ = execute(project)
    kept = project / "kept" / "good.ipynb"
    kept.write_text(kept.read_text()[:100])
    after, _ = execute(project)
    assert after == before


def test_only_what_changed_is_run_again(project: Path) -> None:
    """Another example keeps what it showed; none can import another."""
    execute(project)
    kept = project / "kept" / "good.ipynb"
    before = kept.stat().st_mtime_ns
    (project / "examples" / "more.py").write_text("# %%\nimport good\n")
    with pytest.raises(ExampleError, match="ModuleNotFoundError: No module named 'good'"):
        execute_examples(*places(project))
    assert kept.stat().st_mtime_ns == before


def test_examples_see_nothing_of_each_other(project: Path) -> None:
    """Each has its own process and its own copy of the folder."""
    text = (
        "# %%\nimport os\nimport sys\nfrom pathlib import Path\n\n"
        'print(hasattr(sys, "seen"), Path("seen").exists(), Path("helper").exists())\n'
        'sys.seen = True\nPath("seen").touch()\n'
    )
    for name in ("one", "two", "three"):
        (project / "examples" / f"{name}.py").write_text(text)
    paths = execute_examples(*places(project))
    shown = {path.stem: printed(nbformat.read(path, as_version=4)) for path in paths}
    assert {shown[name] for name in ("one", "two", "three")} == {"False False True"}
    assert not (project / "examples" / "seen").exists()


def test_two_builds_at_once_execute_once(project: Path) -> None:
    """The second waits for the first, and uses what it kept."""
    log = project / "log"
    counting = project / "examples" / "counting.py"
    counting.write_text(f'# %%\nwith open({str(log)!r}, "a") as log:\n    log.write("run ")\n')
    with ThreadPoolExecutor() as both:
        list(both.map(lambda _: execute_examples(*places(project)), range(2)))
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
    """Outputs of layers and reshaped arrays without their shape right behind them in one line."""
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
    assert not [(line, claim) for line in words(code) for claim in missing_numbers(line, run)]


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
