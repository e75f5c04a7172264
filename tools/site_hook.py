"""What mkdocs does beyond plain pages: examples as notebook pages, versions, figures, links."""

import json
import re
import socket
import sys
from functools import cache
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs_jupyter import nbconvert2
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import measured
import proof.page
import runnable
import search.index
from proof import error_index
from proof.docs_folder import misplaced
from proof.notebooks import KEPT, execute_examples
from proof.page import PageError, read_page
from proof.scripts import ExampleError

ROOT = Path(__file__).parents[1]
FAQ = "reference/faq.md"


def _highlighted(source: str, **_: Any) -> str:
    code = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return (
        f'<div class="language-python highlight"><pre><span></span><code>{code}</code></pre></div>'
    )


# mkdocs-jupyter has no setting for its template; its own would inline 590 KB of CSS.
nbconvert2.settings.templates_dir = str(ROOT / "tools" / "notebook_templates")
nbconvert2.mk_custom_highlight_code = lambda **_: _highlighted


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Say which versions the site was proved on, and watch the figures.

    Raises Abort for a file in docs/ that would not be proved, and where the port is taken.
    """
    config.copyright = "Proved on " + " · ".join(measured.versions())
    if found := list(misplaced(Path(config.docs_dir))):
        raise Abort("\n".join(found))
    if measured.FILE.exists():
        config.watch.append(str(measured.FILE))
    if "serve" in sys.argv:
        require_free_port(*config.dev_addr)
    return config


@cache  # at each rebuild the port is taken by this process
def require_free_port(host: str, port: int) -> None:
    """Raise Abort, before the first build, where a port can't be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise Abort(
            f"Can't serve on {host}:{port}: {getattr(error, 'strerror', None) or error}. "
            f"Choose another port: make serve PORT={port + 1 if port < 65535 else 8000}"
        ) from None


@event_priority(100)
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add each example, executed, as a page, its source; the index of the error pages; Keras."""
    try:
        notebooks = execute_examples(ROOT)
        known = error_index.index(Path(config.docs_dir))
        # All at once, since Keras takes seconds to start there; below, page by page, it is known.
        runnable.runnable(map(source_of, files.documentation_pages()))
    except (ExampleError, PageError, runnable.BundleError) as error:
        raise Abort(str(error)) from None
    for notebook in notebooks:
        for folder, suffix in (((ROOT / KEPT).parent, "ipynb"), (ROOT, "py")):
            name = f"examples/{notebook.stem}.{suffix}"
            files.append(File(name, str(folder), config.site_dir, config.use_directory_urls))
    files.append(File.generated(config, "assets/errors/index.json", content=known))
    bundle = runnable.BUNDLE.iterdir() if runnable.BUNDLE.exists() else ()
    for path in bundle:
        name = f"assets/playground/{path.name}"
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Show on its page what was measured; keep the FAQ, which only leads on, from the search."""
    if page.file.src_uri == FAQ:
        page.meta["search"] = {"exclude": True}
    if page.file.src_uri != measured.PAGE:
        return markdown
    try:
        return measured.with_figures(markdown)
    except LookupError as error:
        raise Abort(str(error)) from None


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let long messages wrap; make a notebook page light, and its links to sources to pages."""
    html = re.sub(
        r'<div class="language-text highlight">.*?</div>', _wrapped, html, flags=re.DOTALL
    )
    html = html.replace(
        '<div class="tabbed-labels">', '<div class="tabbed-labels" data-search-exclude="true">'
    )
    if not page.file.src_uri.endswith(".ipynb"):
        return with_runs(html, page)
    html = re.sub(r"\s*<style>.*?</style>\s*", "", html, flags=re.DOTALL)
    html = linked(html, "../../")
    return html.replace('class="anchor-link"', 'class="headerlink" title="Permanent link"')


def with_runs(html: str, page: Page) -> str:
    """Mark the blocks that a reader can run."""
    return runnable.marked(html, source_of(page.file))


def source_of(file: File) -> proof.page.Page:
    """A page as it was written. Raises PageError."""
    return read_page(Path(str(file.abs_src_path)), Path("docs", file.src_uri))


def linked(text: str, root: str) -> str:
    """Lead an example's links to sources of pages to the pages, from where the site has `root`."""
    text = re.sub(r'(?<=["(])(\.\./docs/(?:[^")#]*/)?)index\.md(?=[")#])', r"\1", text)
    text = re.sub(r'(?<=["(])(\.\./docs/[^")#]*)\.md(?=[")#])', r"\1/", text)
    return re.sub(r'(?<=["(])\.\./docs/', root, text)


def on_post_build(config: MkDocsConfig) -> None:
    """Finish what was built: the search, and the links of the downloads."""
    replace_search(Path(config.site_dir), Path(config.docs_dir))
    link_downloads(config)


def replace_search(site: Path, docs: Path) -> None:
    """Let Material's search box ask our worker, which has an index of its own.

    Raises Abort where Node is missing or fails, and where Material has not one worker.
    """
    faq = docs / FAQ
    try:
        index = search.index.build(site, faq.read_text("utf-8") if faq.exists() else "")
    except (OSError, CalledProcessError) as error:
        raise Abort(f"Node, from requirements.txt, can't make the search: {error}") from None
    folder = site / "assets" / "search"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(index, encoding="utf-8")
    found = list(site.glob("assets/javascripts/workers/search.*.min.js"))
    if len(found) != 1:
        raise Abort(f"Material has {len(found)} workers for the search; it had one")
    found[0].write_text('importScripts("../../search/worker.js");\n', encoding="utf-8")
    # Material loads its index with every page.
    made = site / "search" / "search_index.json"
    config = json.loads(made.read_text("utf-8"))["config"]
    made.write_text(json.dumps({"config": config, "docs": []}), encoding="utf-8")


def link_downloads(config: MkDocsConfig) -> None:
    """Let the links of the downloads lead to the site, wherever a reader keeps them."""
    examples = Path(config.site_dir, "examples")
    for path in [*examples.glob("*.py"), *examples.glob("*/*.ipynb")]:
        up = "../" * len(path.relative_to(config.site_dir).parent.parts)
        text = path.read_text(encoding="utf-8")
        path.write_text(linked(text, config.site_url or up), encoding="utf-8")


def _wrapped(output: re.Match[str]) -> str:
    """Mark an output that is words, not the drawing of a table."""
    drawn = "━" in output[0] or "____" in output[0]
    return output[0] if drawn else output[0].replace("highlight", "highlight wrapped", 1)
