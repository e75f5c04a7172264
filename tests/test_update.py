"""One command repairs a page; on a true page it changes nothing."""

import subprocess
from pathlib import Path

import pytest

from project import BIN, ROOT, prove

STALE = """\
# Page

Words before.

```python
print("missing")
```

- item

    ```python
    print("in a list", end="")
    raise ValueError("missing")
    ```

```python
print(1)
print(2)
```

<!--pytest-codeblocks:expected-output-->

```text
1
3
```

```python
x = 1
```

<!--pytest-codeblocks:expected-output-->

```text
superfluous
```

=== "Keras 3"

    ```python
    import numpy as np

    x = np.zeros((8, 2, 10))  # (8, 10, 2): three axes
    x.size  # 161
    ```

    | Array `a` | Shape `a.shape` | Words |
    |---|---|---|
    | `x` | `(8, 2)` | all of it |

Words after.
"""

REPAIRED = """\
# Page

Words before.

```python
print("missing")
```

<!--pytest-codeblocks:expected-output-->

```text
missing
```

- item

    ```python
    print("in a list", end="")
    raise ValueError("missing")
    ```

    <!--pytest-codeblocks:expected-output-->

    ```text
    in a list
    ValueError: missing
    ```

```python
print(1)
print(2)
```

<!--pytest-codeblocks:expected-output-->

```text
1
2
```

```python
x = 1
```

=== "Keras 3"

    ```python
    import numpy as np

    x = np.zeros((8, 2, 10))  # (8, 2, 10): three axes
    x.size  # 160
    ```

    | Array `a` | Shape `a.shape` | Words |
    |---|---|---|
    | `x` | `(8, 2, 10)` | all of it |

Words after.
"""

BEYOND_REPAIR = """\
```python
x = "no shape"  # (8, 3)
print("written all the same")
```
"""


def test_update_repairs_a_page_and_leaves_a_true_one(tmp_path: Path) -> None:
    """Outputs are added, changed, removed; comments and tables corrected; the rest is kept."""
    page = tmp_path / "page.md"
    page.write_text(STALE, encoding="utf-8")
    assert prove(tmp_path, page) == pytest.ExitCode.TESTS_FAILED
    assert page.read_text("utf-8") == STALE
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.OK
    assert page.read_text("utf-8") == REPAIRED
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.OK
    assert page.read_text("utf-8") == REPAIRED
    assert prove(tmp_path, page) == pytest.ExitCode.OK


def test_update_still_fails_where_nothing_can_be_accepted(tmp_path: Path) -> None:
    """What can be accepted is written; what can't stays a failure."""
    page = tmp_path / "page.md"
    page.write_text(BEYOND_REPAIR, encoding="utf-8")
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.TESTS_FAILED
    assert "```text\nwritten all the same\n```" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("unit = 3\nprint(units)", "it raises NameError now; fix the snippet"),
        ("print(1", "it raises SyntaxError now; fix the snippet"),
        ("import kera", "it raises ModuleNotFoundError now; fix the snippet"),
        (
            "import numpy\n\nprint(numpy.random.rand())",
            "another run shows something else; set a seed",
        ),
        ("import os\n\nprint(os.getpid())", "another run shows something else"),
        ("print({str(n) for n in range(20)})", "sort what has no order"),
    ],
    ids=["name", "syntax", "module", "random", "process", "set"],
)
def test_update_accepts_no_mistake_and_nothing_that_changes(
    code: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a typing error raises, and what another run would not show."""
    page = tmp_path / "page.md"
    text = f"# Page\n\n```python\n{code}\n```\n"
    page.write_text(text, encoding="utf-8")
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.TESTS_FAILED
    said = capsys.readouterr().out
    assert "page.md:3: not updated: " in said
    assert message in said
    assert page.read_text("utf-8") == text


def test_update_keeps_an_error_that_the_page_shows(tmp_path: Path) -> None:
    """A page may be about a mistake: then its words are updated."""
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nprint(units)\n```\n\n<!--pytest-codeblocks:expected-output-->\n\n"
        "```text\nNameError: old words\n```\n"
    )
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.OK
    assert "NameError: name 'units' is not defined" in page.read_text("utf-8")


def test_update_says_which_sentence_lost_its_support(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output is written, and the run fails with the sentence's line."""
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n```python\nprint(4 * 42)\n```\n\n"
        "<!--pytest-codeblocks:expected-output-->\n\n```text\n135\n```\n\nIt has `135`.\n"
    )
    assert prove(tmp_path, page, "--update") == pytest.ExitCode.TESTS_FAILED
    assert "page.md:13: `135` stands in no executed snippet" in capsys.readouterr().out
    assert "```text\n168\n```" in page.read_text("utf-8")


def test_update_in_several_processes_is_refused(tmp_path: Path) -> None:
    """Each process would write its own edits over those of the others."""
    page = tmp_path / "page.md"
    page.write_text(STALE, encoding="utf-8")
    updated = subprocess.run(
        [
            BIN / "pytest",
            "-p",
            "proof.plugin",
            "-c",
            ROOT / "pyproject.toml",
            "-n",
            "2",
            "--update",
            page,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert updated.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--update writes pages in one process; leave out --numprocesses" in updated.stderr
    assert page.read_text("utf-8") == STALE
