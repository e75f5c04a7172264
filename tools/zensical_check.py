"""Whether Zensical, the successor of MkDocs and Material, shows the code that was proved.

`python tools/zensical_check.py PROGRAM` builds the pages by that program, without our hook and the
examples, and ends with those whose blocks of code aren't those that were run.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from proof.page import read_page
from proof.rendered import blocks_in_html, proved_blocks

ROOT = Path(__file__).parents[1]
LIMIT = 600  # seconds


def other_pages(site: Path) -> Iterator[str]:
    """The pages that a built site shows otherwise, or not at all."""
    docs = ROOT / "docs"
    for source in sorted(docs.rglob("*.md")):
        name = source.relative_to(docs)
        folder = name.parent if name.stem == "index" else name.with_suffix("")
        built = site / folder / "index.html"
        proved = proved_blocks(read_page(source, name))
        if not built.exists():
            yield f"docs/{name}: it wasn't built"
        elif blocks_in_html(built.read_text("utf-8")) != proved:
            yield f"docs/{name}: its blocks of code aren't those that were run"


def build(program: str, folder: Path) -> Path:
    """The pages, built by Zensical in a folder of their own. Raises CalledProcessError."""
    for name in ("docs", "overrides"):
        shutil.copytree(ROOT / name, folder / name)
    settings = (ROOT / "mkdocs.yml").read_text("utf-8").splitlines()
    kept = [line for line in settings if not line.startswith("hooks:")]
    (folder / "mkdocs.yml").write_text("\n".join(kept), encoding="utf-8")
    subprocess.run([program, "build"], cwd=folder, check=True, timeout=LIMIT)
    return folder / "site"


def main(program: str) -> None:
    """Build and compare."""
    with TemporaryDirectory() as folder:
        found = list(other_pages(build(program, Path(folder))))
    if found:
        sys.exit("\n".join(found))
    print("All pages show the code that was run.")


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).absolute()))
