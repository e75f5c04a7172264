"""Code and snippets are linted, formatted and typed: what `make lint` runs."""

import json
from pathlib import Path

import pytest

from project import PAGES, ROOT, run
from proof.page import read_page

TSC = ROOT / ".cache" / "typescript" / "node_modules" / "typescript" / "bin" / "tsc"
CHECKS = {
    "ruff check": ("ruff", "check"),
    "ruff format": ("ruff", "format", "--diff"),
    "mypy": ("mypy",),
    "tsc": ("node", TSC, "--project", "tools/typescript"),
}
# A snippet may end in an expression, for its shape comment, and is documented by its page; a row
# of a table may be a lambda, which the table binds to a name.
SNIPPET_RULES = ("--config", "line-length=80", "--ignore", "D,B018,E731")


@pytest.mark.parametrize("name", CHECKS)
def test_the_code_is_clean(name: str) -> None:
    """Nothing to find for the linters and the type checkers of Python and JavaScript."""
    checked = run(*CHECKS[name], limit=300)
    assert checked.returncode == 0, checked.stdout


def test_snippets_are_linted(tmp_path: Path) -> None:
    """`ruff check` finds nothing in a snippet and its tables, which it doesn't see in Markdown."""
    places = {}
    for path in PAGES:
        page = read_page(path, path.relative_to(ROOT))
        for snippet in (one for one in page.snippets if not one.is_repeated):
            name = f"snippet_{len(places)}.py"
            code = snippet.code
            for table in snippet.tables:
                for row in table.rows:
                    code += f"{table.headers[0]} = {row.cells[0].strip('`')}\n"
                    code += "".join(f"{header}\n" for header in table.headers[1:] if header)
            (tmp_path / name).write_text(code, encoding="utf-8")
            places[name] = f"{page.path}:{snippet.fence.line}"
    assert places
    checked = run(
        *("ruff", "check", "--config", ROOT / "pyproject.toml", *SNIPPET_RULES),
        *("--output-format=json", tmp_path),
    )
    found = [
        f"{places[Path(one['filename']).name]}, its line {one['location']['row']}: {one['message']}"
        for one in json.loads(checked.stdout)
    ]
    assert not found
