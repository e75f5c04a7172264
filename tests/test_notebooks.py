"""Each example runs from its download alone, as a notebook in Jupyter's own kernel."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from downloads import EXAMPLES, clean_python, needs, printed, reader_environment, shown

JUPYTER_EXECUTE = Path(sys.executable).parent / "jupyter-execute"


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_a_downloaded_notebook_shows_what_its_page_shows(
    script: Path, site: Path, tmp_path: Path
) -> None:
    """In an empty folder, with nothing installed but what its first cell names, and a kernel."""
    download = site / "examples" / script.stem / f"{script.stem}.ipynb"
    before = nbformat.read(download, as_version=4)
    nbformat.validate(before)
    assert printed(before) == shown(site, script)

    python = clean_python(tmp_path / "python", [*needs(script), "ipykernel"])
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(download, folder)
    ran = subprocess.run(
        [JUPYTER_EXECUTE, "--inplace", "--timeout=300", download.name],
        cwd=folder,
        env=reader_environment(tmp_path) | {"JUPYTER_PATH": str(kernel(tmp_path, python))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    after = nbformat.read(folder / download.name, as_version=4)
    assert all(cell.execution_count for cell in after.cells if cell.cell_type == "code")
    assert printed(after) == shown(site, script)
    assert plots(after) == plots(before)
    assert not errors(after)


def kernel(folder: Path, python: Path) -> Path:
    """Make this Python the kernel "python3"; what C writes to the console is left out."""
    quiet = "--IPKernelApp.capture_fd_output=False"
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}", quiet],
        "display_name": "Python 3",
        "language": "python",
    }
    place = folder / "jupyter" / "kernels" / "python3"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec))
    return folder / "jupyter"


def plots(notebook: nbformat.NotebookNode) -> list[int]:
    """The cells that show a plot."""
    return [
        number
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if any(kind.startswith("image/") for kind in output.get("data", {}))
    ]


def errors(notebook: nbformat.NotebookNode) -> list[str]:
    """What went to standard error."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.text for output in outputs if output.get("name") == "stderr"]
