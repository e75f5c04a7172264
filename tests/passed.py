"""Which tests passed, and on what: one is not made again where nothing changed."""

import hashlib
from pathlib import Path

from project import ROOT

KEPT = ROOT / ".cache" / "passed"


def digest(*parts: object) -> str:
    """A digest of files, by what is in them, and of other values, by how Python writes them."""
    sums = (part.read_bytes() if isinstance(part, Path) else repr(part).encode() for part in parts)
    return hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in sums)).hexdigest()


def passed_before(name: str, key: str) -> str | None:
    """What the test of this name noted when it passed with this key; None where it did not."""
    path = KEPT / name
    if not path.exists():
        return None
    first, _, noted = path.read_text(encoding="utf-8").partition("\n")
    return noted if first == key else None


def note_passed(name: str, key: str, noted: str = "") -> None:
    """Keep that the test of this name passed with this key."""
    path = KEPT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{key}\n{noted}", encoding="utf-8")
