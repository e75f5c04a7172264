"""`make watch` proves a page again when it is saved, and outlives what an edit breaks."""

import queue
import random
import string
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from project import ROOT

# What is unique to a run was never run before.
PAGE = """\
# Page

```python
x = "{unique}"
```

```python
print({printed})  # {unique}
```

<!--pytest-codeblocks:expected-output-->

```text
3
```
"""
LIMIT = 60
UNIQUE = "".join(random.SystemRandom().choices(string.ascii_letters, k=16))


def text(printed: object) -> str:
    """The page, whose second snippet prints something."""
    return PAGE.format(printed=printed, unique=UNIQUE)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[Path, Callable[[str], str]]]:
    """A watched page, and a function that waits for a line with some words and returns it."""
    page = tmp_path / "page.md"
    page.write_text(text(3))
    watcher = subprocess.Popen(
        [sys.executable, "-m", "proof.watch", "--snippet-timeout=10", str(tmp_path)],
        cwd=ROOT / "tools",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in watcher.stdout])
    reader.start()

    def wait_for(words: str) -> str:
        while words not in (line := lines.get(timeout=LIMIT)):
            pass
        return line

    with watcher:
        yield page, wait_for
        watcher.terminate()
        reader.join()


def test_watch_proves_what_is_saved_and_lives_on(
    watching: tuple[Path, Callable[[str], str]],
) -> None:
    """Only what changed is run; a wrong output, an endless snippet, a broken page are named."""
    page, wait_for = watching
    assert "true (2 of 2 snippets run" in wait_for("page.md: ")
    wait_for("Watching")
    page.write_text(text(4))
    assert "1 to fix (1 of 2 snippets run" in wait_for("page.md: ")
    wait_for("page.md:14: this is not what Python showed")
    page.write_text(text("3) or exec('while True: pass'"))
    assert "1 to fix" in wait_for("page.md: ")
    wait_for("page.md:7: the snippet did not end within 10 s")
    page.write_text(text(3).replace("```python", "```py", 1))
    wait_for("page.md:3: ````py` opens no block that is run")
    page.write_text(text("1 + 2"))
    assert "true (1 of 2 snippets run" in wait_for("page.md: true")
