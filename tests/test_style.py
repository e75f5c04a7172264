"""Code and snippets are linted and formatted alike."""

import json
from pathlib import Path

from project import PAGES, ROOT, run
from proof.page import read_page

# A snippet may end in an expression, for its shape comment, and is documented by its page; a row
# of a table may be a lambda, which the table binds to a name.
SNIPPET_RULES = ("--config", "line-length=80", "--ignore", "D,B018,E731")


def test_code_is_linted() -> None:
    """`ruff check` finds nothing."""
    checked = run("ruff", "check")
    assert checked.returncode == 0, checked.stdout


def test_code_is_formatted() -> None:
    """`ruff format` would change nothing."""
    checked = run("ruff", "format", "--diff")
    assert checked.returncode == 0, checked.stdout


def test_snippets_are_linted(tmp_path: Path) -> None:
    """`ruff check` finds nothing in a snippet and its tables; its lines fit a page's width."""
    places = written(tmp_path, with_tables=True)
    checked = run(
        *("ruff", "check", "--config", ROOT / "pyproject.toml", *SNIPPET_RULES),
        *("--output-format=json", tmp_path),
    )
    found = [
        f"{places[Path(one['filename']).name]}, its line {one['location']['row']}: {one['message']}"
        for one in json.loads(checked.stdout)
    ]
    assert not found


def test_snippets_are_formatted(tmp_path: Path) -> None:
    """`ruff format` would change no snippet."""
    places = written(tmp_path, with_tables=False)
    checked = run(
        *("ruff", "format", "--config", ROOT / "pyproject.toml", *SNIPPET_RULES[:2], "--diff"),
        tmp_path,
    )
    shown = checked.stdout
    for name, place in places.items():
        shown = shown.replace(f"{tmp_path / name}", place)
    assert checked.returncode == 0, shown


def written(folder: Path, *, with_tables: bool) -> dict[str, str]:
    """Write every snippet, and what its tables run, to a file; return each file's place."""
    places = {}
    for path in PAGES:
        page = read_page(path, path.relative_to(ROOT))
        for snippet in page.snippets:
            name = f"snippet_{len(places)}.py"
            code = snippet.code
            for table in snippet.tables * with_tables:
                for row in table.rows:
                    code += f"{table.codes[0]} = {row.cells[0].strip('`')}\n"
                    code += "".join(f"{header}\n" for header in table.codes[1:] if header)
            (folder / name).write_text(code, encoding="utf-8")
            places[name] = f"{page.path}:{snippet.fence.line}"
    assert places
    return places
