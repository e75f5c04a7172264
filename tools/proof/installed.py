"""What is installed, as one digest: it changes with each file of each package."""

import hashlib
import os
import site
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def installed_digest(folders: tuple[Path, ...] | None = None) -> str:
    """A digest of path, size and time of change of each file in the folders of packages."""
    digest = hashlib.sha256()
    for folder in folders or tuple(map(Path, site.getsitepackages())):
        for line in sorted(_files(str(folder))):
            # The same wherever the folder is.
            digest.update(line.removeprefix(str(folder)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat(follow_symlinks=False)
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}\n"
