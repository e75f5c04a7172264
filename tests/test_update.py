"""One command repairs a page; on a true page it changes nothing."""

from pathlib import Path

import pytest

from project import prove

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

=== "Tab"

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

=== "Tab"

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
