"""Prove a page again as soon as it is saved, with Keras kept imported.

`python -m proof.watch [FOLDER]` proves the pages below FOLDER (docs/ unless named), and then
each one that changes. What is the same as before isn't run again.
"""

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

from watchfiles import watch

from proof.page import PageError, read_page
from proof.prove import Site, prove
from proof.results import ResultCache
from proof.runner import SNIPPET_LIMIT, Runner

ROOT = Path(__file__).parents[2]


def report(paths: Iterable[Path], results: ResultCache, site: Site) -> None:
    """Prove pages; say of each how many snippets were run, and what is not true."""
    for path in sorted(paths):
        if not path.exists():
            continue
        before, start = results.runs, time.perf_counter()
        try:
            page = read_page(path, path)
            found = [problem.text for problem in prove(page, results.run, site)]
            count = f"{results.runs - before} of {len(page.snippets)} snippets run"
        except PageError as error:
            found, count = [str(error)], "not read"
        verdict = f"{len(found)} to fix" if found else "true"
        first = f"{path}: {verdict} ({count}, {time.perf_counter() - start:.1f} s)"
        print("\n\n".join([first, *found]), flush=True)


def main() -> None:
    """Prove all pages, then those that change, until interrupted."""
    parser = argparse.ArgumentParser(prog="proof.watch", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs"))
    parser.add_argument("--snippet-timeout", type=float, default=SNIPPET_LIMIT, metavar="S")
    options = parser.parse_args()
    results = ResultCache(Runner(), ROOT / ".cache" / "results", options.snippet_timeout)
    site = Site.at(ROOT)
    saved = watch(
        options.folder, debounce=200, rust_timeout=200, yield_on_timeout=True, raise_interrupt=False
    )
    next(saved)  # it watches from its first answer on
    report(options.folder.rglob("*.md"), results, site)
    print(f"Watching {options.folder}/; end with Ctrl-C.", flush=True)
    for changes in saved:
        report({Path(path) for _, path in changes if path.endswith(".md")}, results, site)


if __name__ == "__main__":
    main()
