"""The examples, and what a reader sees of their outputs."""

from pathlib import Path

from project import ROOT
from proof.rendered import Blocks, blocks_in_html, blocks_in_notebook

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def shown(site: Path, script: Path) -> str:
    """What the page of an example shows as outputs, without its plots."""
    html = (site / "examples" / script.stem / "index.html").read_text(encoding="utf-8")
    return _outputs(blocks_in_html(html))


def printed(notebook: Path) -> str:
    """What an executed notebook shows as outputs, without its plots."""
    return _outputs(blocks_in_notebook(notebook))


def _outputs(blocks: Blocks) -> str:
    return "\n".join(text for language, text in blocks if language == "text")
