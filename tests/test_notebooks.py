"""Examples are executed in Jupyter kernels: an error stops the build, nothing stale is shown."""

import gc
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import psutil
import pytest

from cases import Case, read_cases
from project import ENDLESS, EXAMPLES, ROOT, left_by, printed, run
from proof import notebooks
from proof.scripts import ExampleError

PLOT = "import matplotlib.pyplot as plt\n\nplt.plot([1, 3, 2])\nplt.title('0.0625')\nplt.show()\n"
# Also where the tests are a shell's background job, which ignores Ctrl-C.
BUILD = """\
import signal
import sys
from pathlib import Path
from proof.notebooks import execute_examples

signal.signal(signal.SIGINT, signal.default_int_handler)
execute_examples(Path(sys.argv[1]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without examples."""
    (tmp_path / "examples").mkdir()
    (tmp_path / "requirements.txt").write_text("keras==3.15.1\n")
    return tmp_path


def write(project: Path, **sources: str) -> None:
    """Write examples by their names."""
    for name, source in sources.items():
        (project / "examples" / f"{name}.py").write_text(source, encoding="utf-8")


def execute(project: Path, limit: float = notebooks.LIMIT) -> list[str]:
    """Execute the examples, and return what each shows.

    In a thread of its own, since Playwright's loop may run in this one.
    """
    with ThreadPoolExecutor(1) as alone:
        paths = alone.submit(notebooks.execute_examples, project, limit).result()
    return [printed(path) for path in paths]


def test_an_example_is_run_again_only_where_something_changed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Itself, the lock, what is installed, or what was kept; not where another example did."""
    clock = "# %%\nimport time\n\nprint(time.time_ns())\n"
    write(project, clock=clock, other=clock)
    seen = [execute(project)]
    assert execute(project) == seen[0]
    write(project, clock=f"{clock}print()\n")
    seen.append(execute(project))
    assert seen[0][1] == seen[1][1]
    (project / "examples" / "other.py").unlink()
    (project / "requirements.txt").write_text("keras==3.15.2\n")
    seen.append(execute(project))
    monkeypatch.setattr("proof.notebooks.installed_digest", lambda: "another")
    seen.append(execute(project))
    kept = project / notebooks.KEPT / "clock.ipynb"
    kept.write_text(kept.read_text()[:100])
    seen.append(execute(project))
    assert len({shows[0] for shows in seen}) == 5


@pytest.mark.parametrize("case", read_cases("bad_examples"), ids=lambda case: case.name)
def test_bad_example(case: Case, project: Path) -> None:
    """Each stops the build, with its line and the whole error, and isn't kept; good twins pass."""
    write(project, bad=case.text)
    if case.verdict == "passes":
        assert execute(project) == [case.detail]
        return
    with pytest.raises(ExampleError) as caught:
        execute(project, limit=10)
    assert str(caught.value).startswith(f"{project / 'examples'}/{case.detail}")
    assert not (project / notebooks.KEPT / "bad.ipynb").exists()


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("bad.py", b'# %%\nx = 1\ny = "\xe9"\n', "3: not UTF-8; fix it: "),
        ("bad.py", b"\xef\xbb\xbf# %%\nx = 1\n", "1: an invisible character"),
        ("bad.py", b"# %%\nx = 1\n\f\ny = 1\n", "3: an invisible character"),
        ("a b.py", b"# %%\n", "1: a file name with other than "),
    ],
)
def test_an_odd_file_is_refused(project: Path, name: str, source: bytes, message: str) -> None:
    """Before any example is run; its name is a part of an address, and of the names of files."""
    write(project, _good="# %%\nprint(1)\n")
    (project / "examples" / name).write_bytes(source)
    with pytest.raises(ExampleError, match=re.escape(f"examples/{name}:{message}")):
        execute(project)
    assert not list((project / notebooks.KEPT).glob("*.ipynb"))


def test_an_example_sees_nothing_of_this_project_or_of_another(project: Path) -> None:
    """It has its own process, an empty folder, the installed packages, and its own home."""
    code = (
        "# %%\nimport os\nimport sys\nfrom pathlib import Path\n\n"
        "print(sys.path, Path.home(), Path.cwd(), dict(os.environ))\n"
        'print(hasattr(sys, "seen"), [*Path().iterdir()])\n'
        'sys.seen = Path("seen").touch()\n'
    )
    write(project, one=code, two=code, three=code)
    for shows in execute(project):
        for ours in ROOT / "tools", ROOT / "tests", Path.home(), project / "examples", "PYTHONPATH":
            assert f"{ours}'" not in shows
        assert shows.endswith("\nFalse []")


def test_outputs_are_what_a_page_shows(project: Path) -> None:
    """Text in one block, without colors and without what C writes, and plots with short numbers.

    A number that a reader sees in a plot isn't shortened.
    """
    code = (
        "# %%\nimport os\n\nfrom IPython.display import display\nfrom rich.console import Console\n"
        'print("a")\nConsole().print("[bold]b[/bold]", "-" * 90)\nprint("c", flush=True)\n'
        'os.write(2, b"noise")\nos.write(1, b"noise")\ndisplay(3)\nprint("d")\n7\n\n'
    )
    write(project, good=f'{code}# %% alt="a line"\n{PLOT}')
    execute(project)
    text, plot = nbformat.read(project / notebooks.KEPT / "good.ipynb", as_version=4).cells
    assert [output.text for output in text.outputs] == [
        f"a\nb \n{'-' * 80}\n{'-' * 10}\nc\n3\nd\n7\n"
    ]
    svg = ElementTree.fromstring(plot.outputs[0].data["image/svg+xml"])
    assert "0.0625" in svg.itertext()
    lines = [tag.get("d", "") for tag in svg.iter() if tag.tag.endswith("path")]
    assert lines
    assert not re.search(r"\.\d{3}", " ".join(lines))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_a_build_that_is_stopped_leaves_nothing_running(
    project: Path, number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    """A kernel ends with the build that started it."""
    noted = project / "pid"
    write(project, good="# %%\n" + ENDLESS.format(noted=str(noted)))
    settings = {"PYTHONPATH": str(ROOT / "tools"), "TMPDIR": str(project)}
    assert not left_by(number, noted, "python", "-c", BUILD, project, **settings)
    said = capfd.readouterr().err
    assert "KeyboardInterrupt" in said if number == signal.SIGINT else not said


def test_a_build_leaves_only_what_is_kept(project: Path) -> None:
    """No process, and no file in the user's home, the temporary folder, or beside the examples.

    A process in the background doesn't hold up the build. What is kept is fresh for another one.
    """
    home = project / "home"
    home.mkdir()
    sleep = 'import subprocess\n\nprint(subprocess.Popen(["sleep", "600"]).pid)\n'
    write(project, good=f'# %%\n{sleep}\n# %% alt="a line"\n{PLOT}')
    before = {*project.rglob("*")}
    settings = {"PYTHONPATH": str(ROOT / "tools"), "HOME": str(home), "TMPDIR": str(home)}
    assert run("python", "-c", BUILD, project, **settings).stdout == ""
    kept = project / notebooks.KEPT
    new = {path for path in project.rglob("*") if path.is_file()} - before
    assert new == {kept / "good.ipynb", kept / "lock"}
    assert list(home.iterdir()) == []
    pid = printed(kept / "good.ipynb")
    assert not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == "zombie"
    assert execute(project) == [pid]


def test_the_first_failure_stops_the_others(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that run are stopped, those that wait aren't begun, and two may fail together."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    noted = project / "pid"
    bad = (
        "# %%\nimport time\nfrom pathlib import Path\n\n"
        f"while not Path({str(noted)!r}).exists():\n    time.sleep(0.1)\n1 / 0\n"
    )
    slow = ENDLESS.format(noted=str(noted))
    write(project, a_slow=f"# %%\n{slow}", bad=bad, bad_too=bad, good="# %%\nprint(1)\n")
    with pytest.raises(ExampleError, match=r"bad.*\.py:7: ZeroDivisionError: division by zero$"):
        execute(project)
    gc.collect()  # a kernel that isn't stopped to its end is a ResourceWarning
    assert not psutil.pid_exists(int(noted.read_text().split()[0]))
    assert not list((project / notebooks.KEPT).glob("*.ipynb"))


def test_two_builds_at_once_execute_once(project: Path) -> None:
    """The second waits for the first, and uses what it kept."""
    log = project / "log"
    write(project, counting=f'# %%\nwith open({str(log)!r}, "a") as log:\n    log.write("run ")\n')
    with ThreadPoolExecutor() as both:
        list(both.map(execute, [project] * 2))
    assert log.read_text() == "run "


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_notebook_is_valid(script: Path, site: Path) -> None:
    """Each of its cells of code was executed; test_site.py compares its outputs with its page."""
    notebook = nbformat.read(site / "examples" / script.stem / f"{script.stem}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
