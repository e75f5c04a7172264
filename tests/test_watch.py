"""`make watch` proves a page again when it is saved, and outlives what an edit breaks."""

import time
from pathlib import Path

import pytest

from project import ROOT, started, wait_until

# What is unique to a run was never run before.
PAGE = f"""\
# Page

```python
x = "run{time.time_ns()}"
```

```python
print({{printed}})  # run{time.time_ns()}
```

<!--pytest-codeblocks:expected-output-->

```text
3
```
"""


def test_watch_proves_what_is_saved_and_lives_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Only what changed is run; a wrong output, an endless snippet, a broken page are named."""
    page = tmp_path / "page.md"
    page.write_text(PAGE.format(printed=3))
    said: list[str] = []

    def shown(words: str) -> bool:
        said.append(capfd.readouterr().out)
        return words in "".join(said)

    command = ("python", "-m", "proof.watch", "--snippet-timeout=10", tmp_path)
    with started(*command, cwd=ROOT / "tools") as watcher:
        wait_until(lambda: shown("page.md: true (2 of 2 snippets run"), watcher)
        wait_until(lambda: shown("Watching"), watcher)
        page.write_text(PAGE.format(printed=4))
        wait_until(lambda: shown("page.md: 1 to fix (1 of 2 snippets run"), watcher)
        wait_until(lambda: shown("page.md:14: this is not what Python showed"), watcher)
        page.write_text(PAGE.format(printed="3) or exec('while True: pass'"))
        wait_until(lambda: shown("page.md:7: the snippet did not end within 10 s"), watcher)
        page.write_text(PAGE.format(printed=3).replace("```python", "```py", 1))
        wait_until(lambda: shown("page.md:3: ````py` opens no block that is run"), watcher)
        page.write_text(PAGE.format(printed="1 + 2"))
        wait_until(lambda: shown("page.md: true (1 of 2 snippets run"), watcher)
