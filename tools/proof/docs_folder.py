"""What may stand in docs/: pages that are proved, and the site's own assets."""

import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.md)?")
OTHERS = {"assets", "ruff.toml"}  # of the folder itself, and not pages


def misplaced(docs: Path) -> Iterator[str]:
    """`path:1: what is wrong; the fix`, for each file or folder in docs/ that is out of place."""
    for path in sorted(docs.rglob("*")):
        if message := _fault(path, path.relative_to(docs).parts):
            yield f"{path.relative_to(docs.parent)}:1: {message}"


def _fault(path: Path, parts: tuple[str, ...]) -> str | None:
    if path.is_symlink():
        return "a symbolic link, which may lead anywhere; put the file itself here"
    if parts[0] in OTHERS or "__pycache__" in parts:
        return None
    if path.is_file() and path.suffix != ".md":
        return "not a page (`.md`), so nothing proves it; move it to docs/assets/ or to examples/"
    if not _NAME.fullmatch(path.name):
        return "not a name for an address; use small letters, digits and hyphens"
    if path.is_file() and not path.read_bytes().startswith(b"# "):
        return "a page begins with its heading, `# ` and words"
    return None
