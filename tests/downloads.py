"""What a reader downloads of an example, and an environment with only what it asks for."""

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

from project import ROOT
from proof.notebooks import SETTINGS
from proof.rendered import blocks_in_html
from proof.runner import environment

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
_NEEDS = re.compile(r"`pip install ([^`]+)`")


def needs(script: Path) -> list[str]:
    """The packages, with versions, that the first cell of an example names."""
    first = re.split(r"\n# %%|\n\n", script.read_text(encoding="utf-8"))[0]
    named = _NEEDS.findall(first.replace("\n# ", " "))
    assert len(named) == 1, f"{script}:1: the first cell names no `pip install ...`, or several"
    return named[0].split()


def shown(site: Path, script: Path) -> str:
    """What the page of an example shows as outputs, without its plots."""
    html = (site / "examples" / script.stem / "index.html").read_text(encoding="utf-8")
    return "\n".join(text for language, text in blocks_in_html(html) if language == "text")


def printed(notebook: nbformat.NotebookNode) -> str:
    """What an executed notebook shows, without its plots and what went to standard error."""
    parts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.get("name") == "stdout":
                parts.append(output.text)
            elif data and not any(kind.startswith("image/") for kind in data):
                parts.append(re.sub(r"\x1b\[[\d;]*m", "", data["text/plain"]))
    return "\n".join(part.strip("\n") for part in parts)


def clean_python(folder: Path, requirements: list[str]) -> Path:
    """Make an environment with these packages and what they require; return its Python.

    The packages are links to those that are installed here: the same versions, no network.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    waiting, seen = [Requirement(one) for one in requirements], set()
    while waiting:
        wanted = waiting.pop()
        installed = distribution(wanted.name)
        if installed.name in seen:
            continue
        seen.add(installed.name)
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(installed.locate_file(top))
        more = [Requirement(one) for one in installed.requires or ()]
        waiting += [one for one in more if not one.marker or one.marker.evaluate({"extra": ""})]
    return folder / "bin" / "python"


def reader_environment(home: Path) -> dict[str, str]:
    """The settings under which an example shows what its page shows; no package of ours."""
    settings = environment(str(home)) | SETTINGS
    return {name: value for name, value in settings.items() if name != "PYTHONPATH"}
