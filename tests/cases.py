"""Cases that are written in Markdown: code under a title, and what must come of it."""

import re
from dataclasses import dataclass
from pathlib import Path

CASE = re.compile(
    r"^## (?P<title>.+)\n\n(?P<fence>`{4,})(?:markdown|python)\n(?P<text>(?:.*\n)*?)(?P=fence)\n\n"
    r"(?P<verdict>fails|passes): (?P<detail>.+(?:\n.+)*)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Case:
    """A page or an example; its verdict is "fails", with a message, or "passes"."""

    name: str
    text: str
    verdict: str
    detail: str


def read_cases(folder: str) -> list[Case]:
    """Every case in the Markdown of a folder of tests/, in order."""
    cases = []
    for path in sorted((Path(__file__).parent / folder).glob("*.md")):
        text = path.read_text(encoding="utf-8")
        found = list(CASE.finditer(text))
        assert len(found) == len(re.findall("^## ", re.sub(r"(?ms)^````.*?^````", "", text), re.M))
        cases += [
            Case(f"{path.stem}: {m['title']}", m["text"], m["verdict"], m["detail"]) for m in found
        ]
    return cases
