"""`make nightly`: the pages on what comes next, as the text of an issue.

`python -m matrix.nightly FILE` runs them on the newest releases, candidates among them, and on the
nightly build, and writes what drifted to FILE: nothing where all agree.
"""

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from matrix.environments import ROOT, Environment, NotMade
from matrix.form import FORM, SUBSTANCE, differences
from matrix.jobs import digest, pages
from matrix.record import Record
from matrix.run import run
from proof.page import Snippet
from proof.runner import SnippetStopped

COMING = (
    Environment("Keras 3 newest", "3.11", "tensorflow", ("keras", "tensorflow"), newest=True),
    Environment(
        "Keras 3 nightly", "3.11", "tensorflow", ("keras-nightly", "tensorflow"), newest=True
    ),
    Environment("tf_keras newest", "3.11", "tensorflow", ("tf_keras", "tensorflow"), newest=True),
)
FOLDER = ROOT / ".cache" / "nightly"
LONGEST = 60_000  # letters; GitHub takes 65,536 of an issue


def main(path: Path) -> int:
    """Write the issue's text to `path`; return 1 where an environment can't be had."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    texts, missing = [], 0
    for environment in COMING:
        kept = FOLDER / f"{environment.slug}.yaml"
        kept.unlink(missing_ok=True)
        try:
            record = run(environment, kept)
        except (NotMade, SnippetStopped) as error:
            print(f"\n{environment.name}: NOT RUN: {error}", file=sys.stderr)
            missing += 1
            continue
        drifted = list(report(record))
        if drifted:
            texts.append("\n".join([heading(record), "", *drifted]))
    text = "\n".join(texts)
    path.write_text(text if len(text) <= LONGEST else f"{text[:LONGEST]}\n…\n", encoding="utf-8")
    print(text or "All pages agree.")
    return bool(missing)


def heading(record: Record) -> str:
    """The versions that a record is of."""
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    return f"## {record.environment} ({versions})\n"


def report(record: Record) -> Iterator[str]:
    """What drifted, page by page: substance with its diff, then how often the form did.

    Nothing where only the form did.
    """
    form = drifted = 0
    for page in pages(ROOT / "docs"):
        for snippet in page.snippets:
            part = record.part(digest(page, snippet))
            found = list(differences(snippet, part)) if part else []
            form += any(one.kind == FORM for one in found)
            serious = [one for one in found if one.kind == SUBSTANCE]
            drifted += bool(serious)
            yield from (f"- `docs/{page.path}:{one.line}`: {one.what}" for one in serious)
            if serious and part and part.output is not None:
                yield from ("", "  ```diff", *_diff(snippet, part.output), "  ```", "")
    if form and drifted:
        yield f"\nSnippets in which the form differs: {form}."


def _diff(snippet: Snippet, output: str) -> Iterator[str]:
    old, new = (snippet.output or "").splitlines(), output.splitlines()
    lines = difflib.unified_diff(old, new, "page", "now", n=1, lineterm="")
    return (f"  {line}" for line in lines)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
