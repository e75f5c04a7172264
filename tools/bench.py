"""What proving costs, beside the floor and beside other tools: `make bench`.

The floor is one bare process that imports Keras, freezes its heap and executes the blocks. Each
tool runs the same snippets in its own format, and resets Keras before each of them where it can.
The rounds are interleaved; the figures are medians, and ratios to the floor of the same run.
"""

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil

from proof.page import read_page
from proof.prove import job_of
from proof.runner import Runner

ROOT = Path(__file__).parents[1]
HERE = Path(sys.executable)
PEERS = ROOT / ".cache" / "bench" / "bin" / "python"
ROUNDS = 3
SIZES = (40, 200)
PER_PAGE = 20

FLOOR = """
import contextlib, gc, io, json, sys, warnings
import keras, tf_keras
gc.collect()
gc.freeze()
warnings.simplefilter("ignore")
for code in json.load(open(sys.argv[1])):
    keras.utils.clear_session()
    tf_keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception):
        exec(code, {"__name__": "__main__"})
"""

RESET_CODE = "import keras\n\nkeras.utils.clear_session()\n"

RESET = """
def pytest_runtest_setup(item):
    import keras
    keras.utils.clear_session()
"""

SYBIL = """
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
"""

EXAMPLES = """
import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

@pytest.mark.parametrize("example", find_examples("."), ids=str)
def test_examples(example: CodeExample, eval_example: EvalExample):
    if example.prefix == "python":
        eval_example.run(example)
"""

MKTESTDOCS = """
import pathlib
import pytest
from mktestdocs import check_md_file

@pytest.mark.parametrize("path", sorted(pathlib.Path().glob("*.md")), ids=str)
def test_pages(path):
    check_md_file(path)
"""


@dataclass(frozen=True)
class Tool:
    """A way to run the snippets: its interpreter, its arguments, the files that it needs."""

    name: str
    python: Path
    arguments: tuple[str, ...]
    files: dict[str, str]


PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
TOOLS = (
    Tool("floor", HERE, ("floor.py", "codes.json"), {"floor.py": FLOOR}),
    Tool("this project", HERE, (*PYTEST, "."), {}),
    Tool("pytest-codeblocks", HERE, (*PYTEST, "--codeblocks", "."), {"conftest.py": RESET}),
    Tool("sybil", PEERS, (*PYTEST, "."), {"conftest.py": RESET + SYBIL}),
    Tool(
        "pytest-examples",
        PEERS,
        (*PYTEST, "."),
        {"conftest.py": RESET, "test_examples.py": EXAMPLES},
    ),
    Tool(
        "mktestdocs",
        PEERS,
        (*PYTEST, "."),
        {"test_pages.py": MKTESTDOCS},
    ),
    Tool("nbmake", PEERS, (*PYTEST, "--nbmake", "all.ipynb"), {}),
)


def generated(count: int) -> list[str]:
    """Make `count` snippets of the kind that the pages have."""
    return [
        "import keras\n\n"
        f"model = keras.Sequential([keras.Input(shape=({2 + n % 7}, {3 + n % 11})), "
        f"keras.layers.LSTM({1 + n % 13})])\n"
        "model.summary()\n"
        for n in range(count)
    ]


def own() -> list[str]:
    """Return the snippets of docs/ that raise nothing: no other tool compares an error."""
    runner = Runner()
    pages = [read_page(path, path) for path in sorted((ROOT / "docs").rglob("*.md"))]
    jobs = [job_of(page, snippet) for page in pages for snippet in page.snippets]
    return [job.code for job in jobs if not runner.run(job).raised_at]


def paged(codes: list[str]) -> dict[str, str]:
    """Put snippets on pages, without their outputs."""
    fenced = [f"```python\n{code}```\n" for code in codes]
    return {
        f"page_{n}.md": "\n".join(fenced[n : n + PER_PAGE]) for n in range(0, len(fenced), PER_PAGE)
    }


def prepare(folder: Path, tool: Tool, codes: list[str], pages: dict[str, str]) -> None:
    """Lay out what a tool needs in a folder of its own."""
    folder.mkdir(parents=True)
    cells = [nbformat.v4.new_code_cell(RESET_CODE + code) for code in codes]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "all.ipynb")
    (folder / "codes.json").write_text(json.dumps(codes))
    for name, text in {**pages, **tool.files}.items():
        (folder / name).write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")


def command(tool: Tool, folder: Path) -> list[str]:
    """Return the whole command; this project's plugin takes its pages by name."""
    if tool.name != "this project":
        return [str(tool.python), *tool.arguments]
    pages = sorted(path.name for path in folder.glob("*.md"))
    return [str(tool.python), *PYTEST, "-p", "proof.plugin", *pages]


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return seconds, and the most memory of all its processes, in MB."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tools"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COLUMNS": "80",
        # Bytecode is kept for all, whatever the machine says.
        "PYTHONDONTWRITEBYTECODE": "",
    }
    start, peak = time.perf_counter(), 0
    with (folder / "log").open("wb") as log:
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        while process.poll() is None:
            total = 0
            for one in [process, *process.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += one.memory_info().rss
            peak = max(peak, total)
            time.sleep(0.05)
    seconds = time.perf_counter() - start
    if process.returncode:
        said = (folder / "log").read_text("utf-8", "replace")[-3000:]
        raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    return seconds, peak / 1e6


def compared(title: str, codes: list[str], folder: Path) -> None:
    """Run every tool on the same snippets, in turn, and print the medians."""
    ours = next(tool for tool in TOOLS if tool.name == "this project")
    first = folder / "outputs"
    prepare(first, ours, codes, paged(codes))
    measure([*command(ours, first), "--update"], first)
    with_outputs = {path.name: path.read_text("utf-8") for path in first.glob("*.md")}
    for tool in TOOLS:
        # No other tool compares warnings, so only ours has outputs to compare; and mktestdocs has
        # no place for the reset but the snippets.
        reset = [RESET_CODE + code for code in codes] if tool.name == "mktestdocs" else codes
        prepare(folder / tool.name, tool, codes, with_outputs if tool is ours else paged(reset))
    figures: dict[str, list[tuple[float, float]]] = {tool.name: [] for tool in TOOLS}
    for _ in range(ROUNDS):
        for tool in TOOLS:
            at = folder / tool.name
            figures[tool.name].append(measure(command(tool, at), at))
    medians = {
        name: tuple(statistics.median(column) for column in zip(*rows, strict=True))
        for name, rows in figures.items()
    }
    floor = medians["floor"]
    best = min(medians[tool.name][0] for tool in TOOLS if tool not in (TOOLS[0], ours))
    print(f"\n{title}: {len(codes)} snippets, median of {ROUNDS}")
    print(f"{'':20}{'s':>8}{'/ floor':>9}{'/ best peer':>13}{'MB':>8}{'/ floor':>9}")
    for name, (seconds, memory) in medians.items():
        print(
            f"{name:20}{seconds:8.1f}{seconds / floor[0]:9.2f}{seconds / best:13.2f}"
            f"{memory:8.0f}{memory / floor[1]:9.2f}",
            flush=True,
        )


def main() -> None:
    """Compare on the project's own snippets, then on generated ones."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        compared("docs/", own(), Path(folder, "own"))
        for size in SIZES:
            compared("generated", generated(size), Path(folder, str(size)))


if __name__ == "__main__":
    main()
