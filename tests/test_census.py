"""The census sees what a theme, a plugin or Markdown itself does to the code of a page."""

from pathlib import Path

import pytest
import yaml

from census import blocks_in_html, strayed_outputs
from project import ROOT, run
from proof.page import read_page

PAGE = """\
# Page

```python
print(168)
```

<!--pytest-codeblocks:expected-output-->

```text
168
```

=== "Tab"

    ```python
    if 168:

        print("four", 168)
    ```

    <!--pytest-codeblocks:expected-output-->

    ```text
    four 168
    ```
"""

INDENTED = "\nRead on:\n\n    import keras\n"


def build(folder: Path, page: str, hook: str) -> str:
    """Build a site of one page with the project's Markdown settings; return its HTML."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    extensions = yaml.safe_load(settings.replace("!ENV", ""))["markdown_extensions"]
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(page, encoding="utf-8")
    (folder / "hook.py").write_text(hook)
    config = {
        "site_name": "Census",
        "theme": {"name": "material", "font": False},
        "plugins": [],
        "hooks": ["hook.py"],
        "markdown_extensions": extensions,
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    built = run("mkdocs", "build", "--quiet", cwd=folder)
    assert built.returncode == 0, built.stdout
    return (folder / "site" / "index.html").read_text(encoding="utf-8")


def agrees(folder: Path, page: str, hook: str = "") -> bool:
    """Whether the census of the page's HTML finds what the page's source has."""
    html = build(folder, page, hook)
    proved = read_page(folder / "docs" / "index.md", Path("index.md")).blocks
    same = blocks_in_html(html) == [(language, text.strip("\n")) for language, text in proved]
    return same and not strayed_outputs(html)


def test_a_plain_page_agrees(tmp_path: Path) -> None:
    """Blocks in the text and in a tab are found as they are."""
    assert agrees(tmp_path, PAGE)


@pytest.mark.parametrize(
    "page",
    [
        PAGE + INDENTED,
        PAGE + INDENTED.replace("import", ":::python\n    import"),
        PAGE + "\n- item\n\n        import keras\n",
        PAGE.replace('=== "Tab"\n', "Words before an indented fence.\n"),
        PAGE + "\nRead `` import keras\nkeras.layers `` as well.\n",
    ],
    ids=[
        "indented",
        "indented with a language",
        "indented in a list",
        "no tab above the fence",
        "code over two lines",
    ],
)
def test_code_that_is_shown_and_not_run_is_found(tmp_path: Path, page: str) -> None:
    """Whatever a reader may take for code is counted."""
    assert not agrees(tmp_path, page)


@pytest.mark.parametrize(
    "change",
    [
        '.replace("print(168)", "print(169)")',
        '.replace("168\\n```", "169\\n```")',
        '.replace("```python\\nprint(168)\\n```", "")',
        '.replace("```text\\n168\\n```", "")',
        '.replace("# Page", "# Page\\n\\n```python\\nimport keras\\n```")',
        '.replace("<!--pytest-codeblocks:expected-output-->", "Words between.")',
    ],
    ids=["code", "output", "no code", "no output", "one more", "output strayed"],
)
def test_a_plugin_that_changes_a_page_is_found(tmp_path: Path, change: str) -> None:
    """Code changed, lost, added or parted from its output between source and site."""
    hook = f"def on_page_markdown(markdown, **_):\n    return markdown{change}\n"
    assert not agrees(tmp_path, PAGE, hook)
