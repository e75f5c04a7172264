"""Prove a page again as soon as it is saved, with Keras kept imported.

`python -m proof.watch [FOLDER]` proves the pages below FOLDER (docs/ unless named), and then
each one that changes. What is the same as before isn't run again.
"""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from watchfiles import watch

from proof.compare import failures
from proof.page import PageError, read_page
from proof.runner import Memory, Runner

SNIPPET_LIMIT = 10


def report(paths: Iterable[Path], memory: Memory) -> None:
    """Prove pages; say of each how many snippets were run, and what is not true."""
    for path in sorted(paths):
        if not path.exists():
            continue
        before, start = len(memory.outcomes), time.perf_counter()
        try:
            page = read_page(path, path)
            found = list(failures(page, memory))
            count = f"{len(memory.outcomes) - before} of {len(page.snippets)} snippets run"
        except PageError as error:
            found, count = [str(error)], "not read"
        verdict = f"{len(found)} to mend" if found else "true"
        print(f"{path}: {verdict} ({count}, {time.perf_counter() - start:.1f} s)", flush=True)
        print("".join(f"\n{one}\n" for one in found), end="", flush=True)


def main(folder: Path) -> None:
    """Prove all pages, then those that change, until interrupted."""
    memory = Memory(Runner(), SNIPPET_LIMIT)
    report(folder.rglob("*.md"), memory)
    told = False
    pace = {"step": 20, "debounce": 200, "rust_timeout": 200}
    # It watches from its first answer on, so that is when to say so.
    for changes in watch(folder, **pace, yield_on_timeout=True, raise_interrupt=False):
        if not told:
            print(f"Watching {folder}/; end with Ctrl-C.", flush=True)
            told = True
        report({Path(path) for _, path in changes if path.endswith(".md")}, memory)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
