"""Lay out what the browser's Python imports: `python lay.py NODE_MODULES TO`.

Keras and the packages that it needs are copied from this environment, so they are those of
requirements.txt; NumPy, compiled for the browser, comes from npm; the rest is the project's own.
"""

import re
import shutil
import sys
import tarfile
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    *("absl-py", "keras", "markdown-it-py", "mdurl", "namex", "packaging", "pygments", "rich"),
)
PROOF = ("__init__", "drawing", "program", "protocol", "shape_comments")

# Tests, the other backends, and what only a compiler reads.
_UNUSED = re.compile(
    r"(^|/)(tests?|testing_data|__pycache__|_examples|f2py|distutils|[^/]*\.dist-info)(/|$)"
    r"|_test\.py$|\.(pyi|pxd|h|c|a|typed|md|txt|npz|ini|build|pyx|f90)$|^\.\./"
    r"|^keras/src/backend/(jax|torch|tensorflow|openvino)/"
    r"|^numpy/(_pyinstaller|typing|_core/lib|_core/_simd\."
    r"|_core/_(rational|struct_ufunc|operand_flag|umath)_tests)"
)
# They only add documentation, which the bundle leaves out.
_DOCUMENTATION = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
_IN_ARCHIVE = "lib/python3.12/site-packages/"


def lay(node_modules: Path, to: Path) -> None:
    """Fill the folder `to` anew."""
    shutil.rmtree(to, ignore_errors=True)
    for package in PACKAGES:
        for file in distribution(package).files or ():
            if not _UNUSED.search(file.as_posix()):
                put(to / file, file.read_binary())
    (archive,) = (node_modules / "@emscripten-forge" / "numpy" / "pkg").glob("*.tar.gz")
    with tarfile.open(archive) as numpy:
        for member in numpy:
            name = member.name.removeprefix(_IN_ARCHIVE)
            if member.isfile() and name != member.name and not _UNUSED.search(name):
                content = numpy.extractfile(member)
                put(to / name, content.read() if content and name not in _DOCUMENTATION else b"")
    shims = ROOT / "playground" / "shims"
    for file in shims.rglob("*.py"):
        put(to / file.relative_to(shims), file.read_bytes())
    put(to / "runner.py", (ROOT / "playground" / "runtime" / "runner.py").read_bytes())
    for name in PROOF:
        put(to / "proof" / f"{name}.py", (ROOT / "tools" / "proof" / f"{name}.py").read_bytes())


def put(path: Path, content: bytes) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    lay(Path(sys.argv[1]), Path(sys.argv[2]))
