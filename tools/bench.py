"""What proving costs, beside the floor and beside other tools: `make bench`.

The floor is one bare process that imports Keras, freezes its heap and executes the blocks. Each
tool runs the same snippets in its own format; for all but ours, a snippet begins with a reset of
Keras. The rounds are interleaved; the figures are medians, and ratios to the floor of the same run.
The page "How is this site checked?" shows the ratios.
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

import measured
from proof.page import read_page
from proof.prove import job_of
from proof.runner import Runner

ROOT = Path(__file__).parents[1]
OURS = "this project"
ROUNDS = 3
OWN = 60  # of the pages' snippets: all, by seven tools and three times, would take hours
SIZES = (40, 200)
PER_PAGE = 20
RESET = "import keras\n\nkeras.utils.clear_session()\n"
ONCE = "import tf_keras\n\n"  # ours runs a snippet that takes Keras from `keras` alone twice

# Each tool runs in a folder of its own, with these files.
FILES = {
    "floor/floor.py": """
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
""",
    "sybil/conftest.py": """
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser
pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser()], patterns=["*.md"]).pytest()
""",
    "pytest-examples/test_examples.py": """
import pytest
from pytest_examples import find_examples

@pytest.mark.parametrize("example", find_examples("docs"), ids=str)
def test_examples(example, eval_example):
    eval_example.run(example)
""",
    "mktestdocs/test_pages.py": """
import pathlib
import pytest
from mktestdocs import check_md_file

@pytest.mark.parametrize("path", sorted(pathlib.Path("docs").glob("*.md")), ids=str)
def test_pages(path):
    check_md_file(path)
""",
}
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
HERE = (sys.executable, *PYTEST)
PEERS = (str(ROOT / ".cache" / "bench" / "bin" / "python"), *PYTEST)
COMMANDS = {
    "floor": (sys.executable, "floor.py", "codes.json"),
    OURS: (*HERE, "-p", "proof.plugin", "docs"),
    "pytest-codeblocks": (*HERE, "--codeblocks", "docs"),
    "sybil": (*PEERS, "docs"),
    "pytest-examples": (*PEERS, "."),
    "mktestdocs": (*PEERS, "."),
    "nbmake": (*PEERS, "--nbmake", "all.ipynb"),
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
    """Return snippets of all of docs/ that raise nothing: no other tool compares an error."""
    runner = Runner()
    pages = [read_page(path, path) for path in sorted((ROOT / "docs").rglob("*.md"))]
    jobs = [job_of(page, snippet) for page in pages for snippet in page.snippets]
    chosen = jobs[:: len(jobs) // OWN]
    return [job.code for job in chosen if not runner.run(job).raised_at]


def prepare(folder: Path, codes: list[str]) -> None:
    """Lay out what each tool needs: pages without outputs, for some another format, its files."""
    for name in COMMANDS:
        (folder / name / "docs").mkdir(parents=True)
        (folder / name / "pytest.ini").write_text("[pytest]\n")
        first = ONCE if name == OURS else RESET
        fenced = [f"```python\n{first}{code}```\n" for code in codes]
        for start in range(0, len(fenced), PER_PAGE):
            page = "\n".join(["# Page\n", *fenced[start : start + PER_PAGE]])
            (folder / name / "docs" / f"page-{start}.md").write_text(page)
    for file, text in FILES.items():
        (folder / file).write_text(text)
    (folder / "floor" / "codes.json").write_text(json.dumps(codes))
    cells = [nbformat.v4.new_code_cell(RESET + code) for code in codes]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "nbmake" / "all.ipynb")
    for part in ("mkdocs.yml", "examples", "overrides"):  # our pages are those of a site
        (folder / OURS / part).symlink_to(ROOT / part)


def measure(command: tuple[str, ...], folder: Path) -> tuple[float, float]:
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


def compare(title: str, codes: list[str]) -> dict[str, dict[str, float]]:
    """Run every tool on the same snippets, in turn; print the medians, return the ratios."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        prepare(folder, codes)
        # Only ours has outputs to compare: no other tool compares warnings.
        measure((*COMMANDS[OURS], "--update"), folder / OURS)
        rounds = [
            {tool: measure(command, folder / tool) for tool, command in COMMANDS.items()}
            for _ in range(ROUNDS)
        ]
    print(f"\nSnippets: {title}; median of {ROUNDS}; in brackets, of the floor")
    seconds = {tool: median(one[tool][0] for one in rounds) for tool in COMMANDS}
    memory = {tool: median(one[tool][1] for one in rounds) for tool in COMMANDS}
    ratios = {
        tool: {
            "time": round(seconds[tool] / seconds["floor"], 2),
            "memory": round(memory[tool] / memory["floor"], 2),
        }
        for tool in COMMANDS
    }
    for tool, ratio in ratios.items():
        print(f"{tool:20}{seconds[tool]:8.1f} s ({ratio['time']:.2f})", end="")
        print(f"{memory[tool]:8.0f} MB ({ratio['memory']:.2f})", flush=True)
    return ratios


if __name__ == "__main__":
    pages = own()
    runs = {f"{len(pages)} of the pages": pages}
    runs |= {f"{size} generated": generated(size) for size in SIZES}
    measured.keep("bench", {title: compare(title, codes) for title, codes in runs.items()})
