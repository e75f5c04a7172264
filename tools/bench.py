"""What proving costs, beside the floor and beside other tools: `make bench`.

The floor is one bare process that imports Keras, freezes its heap and executes the blocks. Each
tool runs the same snippets in its own format; for all but ours, a snippet begins with a reset of
Keras. The rounds are interleaved; the figures are medians, and ratios to the floor of the same run.
"""

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import nbformat
import psutil

from proof.page import read_page
from proof.prove import job_of
from proof.runner import Runner

ROOT = Path(__file__).parents[1]
OURS = "this project"
ROUNDS = 3
SIZES = (40, 200)
PER_PAGE = 20
RESET = "import keras\n\nkeras.utils.clear_session()\n"

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

# What some of the tools need in their folder.
FILES = {
    "floor": {"floor.py": FLOOR},
    "sybil": {"conftest.py": SYBIL},
    "pytest-examples": {"test_examples.py": EXAMPLES},
    "mktestdocs": {"test_pages.py": MKTESTDOCS},
}


def commands(pages: dict[str, str]) -> dict[str, list[str]]:
    """Each tool, with the command that runs the snippets; ours takes its pages by name."""
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    here = [sys.executable, *pytest]
    peers = [str(ROOT / ".cache" / "bench" / "bin" / "python"), *pytest]
    return {
        "floor": [sys.executable, "floor.py", "codes.json"],
        OURS: [*here, "-p", "proof.plugin", *pages],
        "pytest-codeblocks": [*here, "--codeblocks", "."],
        "sybil": [*peers, "."],
        "pytest-examples": [*peers, "."],
        "mktestdocs": [*peers, "."],
        "nbmake": [*peers, "--nbmake", "all.ipynb"],
    }


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
    starts = range(0, len(fenced), PER_PAGE)
    return {f"page_{n}.md": "\n".join(fenced[n : n + PER_PAGE]) for n in starts}


def prepare(folder: Path, name: str, codes: list[str]) -> None:
    """Lay out what a tool needs in a folder of its own."""
    folder.mkdir(parents=True)
    reset = [RESET + code for code in codes]
    cells = [nbformat.v4.new_code_cell(code) for code in reset]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "all.ipynb")
    files = {
        "codes.json": json.dumps(codes),
        "pytest.ini": "[pytest]\n",
        **FILES.get(name, {}),
        **paged(codes if name == OURS else reset),
    }
    for file, text in files.items():
        (folder / file).write_text(text)
    if name == OURS:  # the pages are those of a site
        for part in ("mkdocs.yml", "docs", "examples", "overrides"):
            (folder / part).symlink_to(ROOT / part)


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command; return seconds, and the most memory of all its processes, in MB."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "tools"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COLUMNS": "80",
        "PYTHONDONTWRITEBYTECODE": "",  # bytecode is kept for all, whatever the machine says
    }
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # else ours would run nothing again
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
    tools = commands(paged(codes))
    for name in tools:
        prepare(folder / name, name, codes)
    # Only ours has outputs to compare: no other tool compares warnings.
    measure([*tools[OURS], "--update"], folder / OURS)
    rounds = [{name: measure(tools[name], folder / name) for name in tools} for _ in range(ROUNDS)]
    seconds = {name: median(figures[name][0] for figures in rounds) for name in tools}
    memory = {name: median(figures[name][1] for figures in rounds) for name in tools}
    best = min(seconds[name] for name in tools if name not in ("floor", OURS))
    print(f"\n{title}: {len(codes)} snippets, median of {ROUNDS}")
    print(f"{'':20}{'s':>8}{'/ floor':>9}{'/ best peer':>13}{'MB':>8}{'/ floor':>9}")
    for name in tools:
        print(
            f"{name:20}{seconds[name]:8.1f}{seconds[name] / seconds['floor']:9.2f}"
            f"{seconds[name] / best:13.2f}{memory[name]:8.0f}{memory[name] / memory['floor']:9.2f}",
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
