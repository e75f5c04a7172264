"""Examples are executed in Jupyter kernels: an error stops the build, nothing stale is shown."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import psutil
import pytest

from downloads import EXAMPLES, printed, shown
from project import ROOT
from proof import notebooks
from proof.notebooks import ExampleError

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


def execute_examples(*places: Path, limit: float = notebooks.LIMIT) -> list[Path]:
    """Execute in a thread of its own, since Playwright's loop may run in this one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(notebooks.execute_examples, *places, limit=limit).result()


def places(project: Path) -> tuple[Path, Path, Path]:
    """Its examples, its lock, and where executed notebooks are kept."""
    return project / "examples", project / "requirements.txt", project / "kept"


def execute(project: Path) -> tuple[str, int]:
    """Execute the example; return what it shows, and when its notebook was written."""
    (path,) = execute_examples(*places(project))
    return printed(nbformat.read(path, as_version=4)), path.stat().st_mtime_ns


def test_an_unchanged_example_is_not_run_again(project: Path) -> None:
    """What was kept is used where nothing changed."""
    assert execute(project) == execute(project)


@pytest.mark.parametrize("name", ["examples/good.py", "examples/helper/__init__.py"])
def test_a_changed_source_is_run_again(project: Path, name: str) -> None:
    """The script or a helper of its own makes new output."""
    execute(project)
    source = project / name
    source.write_text(source.read_text().replace("the helper", "another").replace("by", "by now"))
    shows, _ = execute(project)
    assert shows in ("shown by another", "shown by now the helper")


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
    monkeypatch.setattr("proof.notebooks.installed_digest", lambda: "another")
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
        ("import os\n\nos._exit(7)", "the cell here ended Python itself; fix it"),
        ("import os\n\nos._exit(0)", "the cell here ended Python itself; fix it"),
        ("exit()", "the cell here ended Python itself; fix it"),
        ("while True:\n    pass", "the cell here was not done within 10 s; fix it"),
        ('import sys\n\nprint("noise", file=sys.stderr)', "a page shows no warnings and no log"),
        (
            "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()",
            "a plot without words for who can't see it; fix it: begin its cell with # %% alt=",
        ),
    ],
    ids=["death", "death without error", "exit", "endless", "noise", "plot"],
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


MAGIC = "a magic works only in a notebook; fix it: "
NOT_THE_SAME = "a notebook reads this differently from a program; fix it: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# %%\n%matplotlib inline\n", f"2: {MAGIC}"),
        ("# %%\nx = 1\n\n# %%\nx = !ls\n", f"5: {MAGIC}"),
        ("# %%\nprint?\n", f"2: {MAGIC}"),
        ("# %%\nx = 1\n# %matplotlib inline\n", f"3: {MAGIC}"),
        ("# %% [markdown]\n# ![a box](a.svg)\n\n# %%\n# !ls\n", f"5: {MAGIC}"),
        ('# %%\nx = 1\n\n# %% active="ipynb"\n# x = 2\n', "4: an active cell; fix it: "),
        ('# %% tags=["active-py"]\nx = 2\n', "1: an active cell; fix it: "),
        ("\ufeff# %%\nx = 1\n", "1: an invisible character"),
        ("# %%\nx = 1\n\f\ny = 1\n", "3: an invisible character"),
        ("# %%\nx = 1\n\n# %% [markdown]\n# Words.\nprint(x)\n", f"6: {NOT_THE_SAME}"),
        ("# %%\nif True:\n    x = 1\n\n# %%\n    y = 2\n", f"2: {NOT_THE_SAME}"),
        ("# %%\nx = (1,\n\n# %%\n2)\n", f"2: {NOT_THE_SAME}"),
        ("# %%\nawait x\n", "2: SyntaxError: 'await' outside function"),
        ("# %%\nx = 1\n\n\nx = '\\d'\n", "5: SyntaxError: invalid escape sequence"),
        ("\n", "1: an empty file; fix it: "),
    ],
)
def test_what_is_no_program_or_no_notebook_is_refused(
    project: Path, text: str, message: str
) -> None:
    """Before any example is run, with the line and the fix."""
    bad = project / "examples" / "zzz.py"
    bad.write_text(text, encoding="utf-8")
    with pytest.raises(ExampleError) as caught:
        execute(project)
    assert str(caught.value).startswith(f"{bad}:{message}")
    assert not list((project / "kept").glob("*.ipynb"))


def test_a_script_of_another_encoding_is_refused(project: Path) -> None:
    """On the line of the first byte that isn't UTF-8."""
    (project / "examples" / "good.py").write_bytes(b'# %%\nx = 1\ny = "\xe9"\n')
    with pytest.raises(ExampleError, match=r"good\.py:3: not UTF-8; fix it: "):
        execute(project)


@pytest.mark.parametrize("name", ["a b.py", "a=b.py", "a.b.py"])
def test_a_file_name_that_is_no_word_is_refused(project: Path, name: str) -> None:
    """It is a part of an address, and of the names of files."""
    (project / "examples" / name).write_text(GOOD)
    with pytest.raises(ExampleError, match=re.escape(f"{name}:1: a file name with other than ")):
        execute(project)


def test_comments_stay_comments(project: Path) -> None:
    """Also those that begin as a command, or end in a question mark."""
    code = "# cat and dog\n# copy the weights\n# ls\n# is it so?\n# x?\nprint(1)"
    (project / "examples" / "good.py").write_text(f"# %%\n{code}\n")
    (path,) = execute_examples(*places(project))
    (cell,) = nbformat.read(path, as_version=4).cells
    assert cell.source == code


def test_an_example_sees_nothing_of_this_project(project: Path) -> None:
    """It has its own folder and the installed packages to import from, and its own home."""
    code = "import os\nimport sys\nfrom pathlib import Path\n\n"
    code += "print(sys.path, Path.home(), Path.cwd(), dict(os.environ))"
    (project / "examples" / "good.py").write_text(f"# %%\n{code}\n")
    shows, _ = execute(project)
    for ours in {str(ROOT / "tools"), str(ROOT / "tests"), str(Path.home()), "PYTHONPATH"}:
        assert f"{ours}'" not in shows


def test_what_is_displayed_joins_what_is_printed(project: Path) -> None:
    """As text without colors, in one output; a page doesn't show what C writes to the console."""
    code = (
        "import os\n\nfrom IPython.display import display\nfrom rich.console import Console\n\n"
        'print("a")\nConsole().print("[bold]b[/bold]", "-" * 90)\nprint("c", flush=True)\n'
        'os.write(2, b"noise")\nos.write(1, b"noise")\ndisplay(3)\nprint("d")\n7'
    )
    (project / "examples" / "good.py").write_text(f"# %%\n{code}\n")
    (path,) = execute_examples(*places(project))
    printed, result = nbformat.read(path, as_version=4).cells[0].outputs
    assert printed.text == f"a\nb \n{'-' * 80}\n{'-' * 10}\nc\n3\nd\n"
    assert result.data == {"text/plain": "7"}


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
    pid = int(execute(project)[0])
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_a_build_that_is_stopped_leaves_nothing_running(
    project: Path, number: signal.Signals
) -> None:
    """A kernel ends with the build that started it."""
    noted = project / "pid"
    (project / "examples" / "good.py").write_text(
        f"# %%\nimport os\nimport time\nfrom pathlib import Path\n\n"
        f"Path({str(noted)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
    )
    with build(project, {"TMPDIR": str(project)}) as running:
        while not (noted.exists() and noted.read_text()):
            time.sleep(0.1)
        kernel = psutil.Process(int(noted.read_text()))
        running.send_signal(number)
        said, _ = running.communicate()
    _, alive = psutil.wait_procs([kernel], timeout=20)
    assert not alive
    assert "KeyboardInterrupt" in said if number == signal.SIGINT else not said


def build(project: Path, settings: dict[str, str]) -> subprocess.Popen[str]:
    """Start to execute the examples in another process; what it says goes to its `stdout`."""
    code = "import sys; from pathlib import Path; from proof.notebooks import execute_examples; "
    code += "execute_examples(*map(Path, sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, places(project))],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tools")} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_nothing_is_written_but_what_is_kept(project: Path) -> None:
    """Neither to the user's home, nor beside the examples, nor left in the folder for such."""
    homes = project / "home", project / "temporary"
    for home in homes:
        home.mkdir()
    plot = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()"
    (project / "examples" / "good.py").write_text(f'# %% alt="a line"\n{plot}\n')
    before = {path: path.stat().st_mtime_ns for path in (project / "examples").rglob("*")}
    with build(project, {"HOME": str(homes[0]), "TMPDIR": str(homes[1])}) as running:
        assert running.communicate()[0] == ""
    assert {path: path.stat().st_mtime_ns for path in (project / "examples").rglob("*")} == before
    assert {path.name for path in (project / "kept").iterdir()} == {"good.ipynb", "lock"}
    assert [path for home in homes for path in home.iterdir()] == []


def test_the_first_failure_stops_the_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that run are stopped, and those that wait aren't begun."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    noted = project / "pid"
    imports = "# %%\nimport os\nimport time\nfrom pathlib import Path\n\n"
    slow = f"{imports}Path({str(noted)!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n"
    bad = f"{imports}while not Path({str(noted)!r}).exists():\n    time.sleep(0.1)\n1 / 0\n"
    for name, text in {"a_slow": slow, "bad": bad, "good": "# %%\nprint(1)\n"}.items():
        (project / "examples" / f"{name}.py").write_text(text)
    with pytest.raises(ExampleError, match=r"bad\.py:8: ZeroDivisionError: division by zero$"):
        execute_examples(*places(project))
    assert not psutil.pid_exists(int(noted.read_text()))
    assert not list((project / "kept").glob("*.ipynb"))


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


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_notebook_is_what_its_page_shows(script: Path, site: Path) -> None:
    """A valid notebook, with the outputs of each cell, and with no errors."""
    download = site / "examples" / script.stem / f"{script.stem}.ipynb"
    notebook = nbformat.read(download, as_version=4)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert printed(notebook) == shown(site, script)
