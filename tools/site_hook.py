"""What mkdocs does beyond plain pages: examples as notebook pages, versions, figures, links."""

import base64
import hashlib
import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from html import escape, unescape
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_build_datetime
from mkdocs_jupyter import nbconvert2
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import cards
import lighter
import machines
import measured
import proof.page
import runnable
import search.index
from matrix import notes, versions
from proof import error_index
from proof.docs_folder import misplaced
from proof.notebooks import KEPT, execute_examples
from proof.page import PageError, read_page
from proof.scripts import ExampleError
from proof.shape_comments import SHAPE

ROOT = Path(__file__).parents[1]
FIRST_FIGURE = "three-axes.svg"
FAQ = "reference/faq.md"
IS_SERVING = "serve" in sys.argv  # a page that is being written is built again and again
LONGEST = 160  # letters of a page's description
# Styles in the page are Material's and the editor's; figures of programs are data.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
)

_TABLE_CODE = re.compile(r"(?<=<code>)[^<]*(?=</code></t[hd]>)")
_SHAPES = re.compile(rf"{SHAPE}(?:, {SHAPE})*")
_OUTCOME = re.compile(r"<code>((?:raises|warns) \w+)(?=</code></td>)")
_FIGURE = re.compile(r'<img (?=[^>]*src="[^"]*figures/([\w-]+\.svg)")')
_SHAPE_COMMENT = re.compile(r'<span class="c1">(# [(\d])')
_BREAKS = re.compile(r"[(,.=_]")  # where a line of code may break


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

    Raises Abort for a file in docs/ that would not be proved, for a record that can't be read, and
    where the port is taken.
    """
    try:
        config.extra["versions"] = {one.slug: one.name for one in notes.records()}
    except ValueError as error:
        raise Abort(str(error)) from None
    config.copyright = foot(config.repo_url or "")
    if config.repo_url:
        config.edit_uri = f"{config.repo_url}/edit/main/docs/"
    if found := list(misplaced(Path(config.docs_dir))):
        raise Abort("\n".join(found))
    if measured.FILE.exists():
        config.watch.append(str(measured.FILE))
    if IS_SERVING:
        require_free_port(*config.dev_addr)
    return config


def foot(repository: str) -> str:
    """The versions that the pages were checked with and run on, the date, and the license.

    The date of what was built comes from SOURCE_DATE_EPOCH, and the license's address from that of
    the repository; without them they are left out. Raises Abort for a date that is no number of
    seconds.
    """
    parts = ["Checked with " + " · ".join(measured.versions())]
    if others := notes.records():
        last = date.fromisoformat(max(record.date for record in others.values()))
        parts.append(f"also run on {notes.names(others)} ({last:%-d %B %Y})")
    if seconds := os.environ.get("SOURCE_DATE_EPOCH"):
        try:
            parts.append(get_build_datetime().strftime("%-d %B %Y"))
        except (ValueError, OverflowError, OSError):
            raise Abort(
                f"SOURCE_DATE_EPOCH is {seconds}; set it to seconds since 1970, "
                "as `git log -1 --format=%ct` prints them"
            ) from None
    if repository:
        parts.append(f'<a href="{repository}/blob/main/LICENSE">Apache License 2.0</a>')
    return " · ".join(parts)


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
        known = error_index.index(Path(config.docs_dir), notes.other_words)
        # All at once, since Keras takes seconds to start there.
        config.extra["runs"] = runnable.runnable(map(source_of, files.documentation_pages()))
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
    """Show what was measured, and what other versions show; keep the FAQ from the search.

    The FAQ only leads on.
    """
    if page.file.src_uri == FAQ:
        page.meta["search"] = {"exclude": True}
    try:
        if page.file.src_uri == versions.PAGE:
            page.meta["elsewhere"], page.meta["hide"] = {}, ["toc"]
            markdown = versions.with_columns(markdown, source_of(page.file))
        elif page.file.src_uri.endswith(".md"):
            page.meta["elsewhere"] = notes.elsewhere(source_of(page.file))
            markdown = notes.with_places(markdown, page.meta["elsewhere"])
        if page.file.src_uri == measured.PAGE:
            markdown = measured.with_figures(markdown)
    except (LookupError, ValueError) as error:
        raise Abort(str(error)) from None
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let long messages and code in tables wrap; mark shapes; name the page; lighten notebooks."""
    page.meta.update(head_of(html))
    if config.site_url and not IS_SERVING:  # a preview needs a whole address
        page.meta["card"] = write_card(page, html, config)
    html = _TABLE_CODE.sub(_breakable, html)
    html = _OUTCOME.sub(_outcome, html)
    html = re.sub(
        r'<div class="language-text highlight">.*?</div>', _wrapped, html, flags=re.DOTALL
    )
    # So that the room for Run, at the end of the code, may be beside the last line.
    html = html.replace("\n</code></pre>", "</code></pre>")
    html = _FIGURE.sub(lambda found: found[0] + size_of(figure(found[1], config)), html)
    html = _SHAPE_COMMENT.sub(r'<span class="c1 shape">\1', html)
    html = html.replace(
        '<div class="tabbed-labels">', '<div class="tabbed-labels" data-search-exclude="true">'
    )
    if not page.file.src_uri.endswith(".ipynb"):
        html = notes.with_notes(html, page.meta["elsewhere"])
        return runnable.marked(html, config.extra["runs"][name_of(page.file)])
    html = re.sub(r"\s*<style>.*?</style>\s*", "", html, flags=re.DOTALL)
    html = linked(html, "../../")
    return html.replace('class="anchor-link"', 'class="headerlink" title="Permanent link"')


def _breakable(code: re.Match[str]) -> str:
    """Code of a table, with places where a line may end; a shape stays in one piece."""
    if _SHAPES.fullmatch(code[0]):
        return code[0].replace("), (", "),</code> <code>(")
    return _BREAKS.sub(r"\g<0><wbr>", code[0])


def _outcome(cell: re.Match[str]) -> str:
    """What a call raises or warns of: a long name may break between its words."""
    return '<code class="outcome">' + re.sub(r"(?<=[a-z])(?=[A-Z])", "<wbr>", cell[1])


def head_of(html: str) -> dict[str, str]:
    """The page's question, its heading, and the sentences that answer it, its first paragraph."""
    soup = BeautifulSoup(html, "html.parser")
    heading, answer = soup.h1, soup.p
    for link in soup.select(".headerlink, .anchor-link"):
        link.decompose()
    text = " ".join(answer.get_text().split()) if answer else ""
    shortened = text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
    question = heading.get_text().strip() if heading else ""
    data = json.dumps(structured(question, text), ensure_ascii=False).replace("</", "<\\/")
    # The templates put them into attributes, and the data into a script, as they are.
    return {"question": escape(question), "description": escape(shortened), "data": data}


def figure(name: str, config: MkDocsConfig) -> str:
    """A figure's SVG; nothing where there is none, which mkdocs says itself."""
    path = Path(config.docs_dir, "assets", "figures", name)
    return path.read_text("utf-8") if path.exists() else ""


def size_of(svg: str) -> str:
    """The width and height that a figure has, so that its room is kept until it is there."""
    found = re.search(r'width="[\d.]+" height="[\d.]+"', svg)
    return f"{found[0]} " if found else ""


def write_card(page: Page, html: str, config: MkDocsConfig) -> str:
    """Draw the page's picture for previews, with its first figure or that of the first page."""
    found = _FIGURE.search(html)
    drawn = figure(found[1] if found else FIRST_FIGURE, config)
    name = f"assets/cards/{page.file.src_uri.rpartition('.')[0].replace('/', '-')}.png"
    path = Path(config.site_dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cards.card(unescape(page.meta["question"]), drawn, config.site_name))
    return name


def structured(question: str, answer: str) -> dict[str, str]:
    """What search engines read of a page, in the words of schema.org."""
    kind = {"@context": "https://schema.org", "@type": "TechArticle", "inLanguage": "en"}
    return kind | {"headline": question, "description": answer}


def on_env(env: Any, config: MkDocsConfig, files: Files) -> None:
    """Write what machines read, in the order of the navigation."""
    home = files.get_file_from_path("index.md")
    says = str(config.site_description)
    sources = list(sources_from(home.page if home else None, config.site_name))
    for name, text in machines.files(sources, config.site_name, says, config.site_url or ""):
        path = Path(config.site_dir, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Say which link is this page; let a browser run no script that isn't the site's own."""
    active = 'class="md-nav__link md-nav__link--active"'
    output = output.replace(f'<a href="./" {active}', f'<a href="./" aria-current="page" {active}')
    return with_policy(compact(output))


def compact(html: str) -> str:
    """A page without the indentation of its tags; what is shown as it stands is kept."""
    parts = re.split(r"(?s)(<(pre|script|textarea)\b.*?</\2>)", html)
    kept, tags = parts[1::3], [re.sub(r"\s*\n\s*", "\n", part) for part in parts[::3]]
    return "".join(one for pair in zip(tags, [*kept, ""], strict=True) for one in pair)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """The page for addresses without one has the policy; a sitemap needs the site's address."""
    if template_name == "sitemap.xml" and not config.site_url:
        return ""
    return with_policy(output) if template_name.endswith(".html") else output


def with_policy(html: str) -> str:
    """The page with its Content-Security-Policy, which names its inline scripts by their hashes.

    While a page is written, mkdocs adds a script to it later, so there is no policy then.
    """
    if IS_SERVING:
        return html
    scripts = re.findall(r"(?s)<script>(.*?)</script>", html)
    hashes = {base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts}
    allowed = " ".join(f"'sha256-{one}'" for one in sorted(hashes))
    policy = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval' {allowed}"
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return html.replace("<head>", f"<head>\n{tag}", 1)


def sources_from(page: Page | None, name: str) -> Iterator[machines.Source]:
    """A page and those after it; `name` is the section of those in none."""
    while page:
        section = page.parent.title if page.parent else name
        question, answer = (unescape(page.meta[name]) for name in ("question", "description"))
        if page.file.src_uri.endswith(".md"):
            markdown = notes.without_places(page.markdown or "")
        else:
            markdown = machines.markdown_of(
                nbformat.read(str(page.file.abs_src_path), as_version=4)
            )
        yield machines.Source(section, page.file.src_uri, question, answer, markdown)
        page = page.next_page


def source_of(file: File) -> proof.page.Page:
    """A page as it was written. Raises PageError."""
    return read_page(Path(str(file.abs_src_path)), name_of(file))


def name_of(file: File) -> Path:
    """A page as messages name it."""
    return Path("docs", file.src_uri)


def linked(text: str, root: str) -> str:
    """Lead an example's links to sources of pages to the pages, from where the site has `root`."""
    text = re.sub(r'(?<=["(])(\.\./docs/(?:[^")#]*/)?)index\.md(?=[")#])', r"\1", text)
    text = re.sub(r'(?<=["(])(\.\./docs/[^")#]*)\.md(?=[")#])', r"\1/", text)
    return re.sub(r'(?<=["(])\.\./docs/', root, text)


def on_post_build(config: MkDocsConfig) -> None:
    """Finish what was built: the search, the links of the downloads, the theme's styles."""
    replace_search(Path(config.site_dir), Path(config.docs_dir))
    if not IS_SERVING:  # the page may come to need more
        lighter.lighten(Path(config.site_dir))
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
    """Mark an output that is words, not the drawing of a table, and one that is an error."""
    drawn = "━" in output[0] or "____" in output[0]
    kinds = ["highlight", *["wrapped"] * (not drawn)]
    text = re.sub(r"<[^>]*>", "", output[0])
    if re.search(r"(?m)^\w*(?:Error|Exception|Exit)(?:: |$)", text):
        kinds.append("error")
    elif re.search(r"(?m)^\w*Warning: |^WARNING:", text):
        kinds.append("warning")
    return output[0].replace("highlight", " ".join(kinds), 1)
