"""The built site shows what was proved, links to what is there, and asks no other host."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

from project import DOCS, EXAMPLES, KEPT, PAGES, ROOT, address_of, parsed, prove
from proof.page import read_page
from proof.rendered import (
    Blocks,
    blocks_in_html,
    blocks_in_notebook,
    proved_blocks,
    strayed_outputs,
)

LOADING = {"script", "link", "img", "iframe", "source"}
FOREIGN_STYLE = re.compile(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)'\"]*")
VERSIONS = re.compile(r"keras \d+\.\d+.* tf_keras \d+\.\d+.* tensorflow \d+\.\d+")
HEAVIEST = 30_000


def short(path: Path) -> str:
    """Name a test after its source."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("source", [*PAGES, *EXAMPLES], ids=short)
def test_a_reader_sees_what_was_run(source: Path, site: Path) -> None:
    """A reader sees the executed snippets and their outputs, all of them and no others."""
    html = (site / address_of(source) / "index.html").read_text(encoding="utf-8")
    assert blocks_in_html(html) == run_blocks(source), short(source)
    assert not strayed_outputs(html)


def run_blocks(source: Path) -> Blocks:
    """The blocks of a page or an example, as they were executed."""
    if source.suffix == ".py":
        return blocks_in_notebook(KEPT / f"{source.stem}.ipynb")
    return proved_blocks(read_page(source, source.relative_to(ROOT)))


def test_every_snippet_of_every_page_is_collected(capsys: pytest.CaptureFixture[str]) -> None:
    """What a reader must see is what pytest runs."""
    assert prove(ROOT, "--collect-only", DOCS) == pytest.ExitCode.OK
    collected = re.findall(r"(?m)^(docs/.+)::line (\d+)", capsys.readouterr().out)
    assert set(collected) == {
        (short(path), str(snippet.fence.line))
        for path in PAGES
        for snippet in read_page(path, path).snippets
    }


def test_every_built_page_is_known_light_and_names_its_versions(site: Path) -> None:
    """Each comes from docs/ or examples/, none is missing; 30 KB of HTML at most, compressed."""
    built = set(site.rglob("*.html"))
    pages = {site / address_of(one) / "index.html" for one in [*PAGES, *EXAMPLES]}
    assert built == pages | {site / "404.html"}
    for path in built:
        assert len(gzip.compress(path.read_bytes())) <= HEAVIEST, path
        assert VERSIONS.search(parsed(path).footer.get_text()), path


def test_links_and_anchors_resolve(site: Path) -> None:
    """Each leads to something that is there, and what a browser loads is on the site itself."""
    pages = {path: parsed(path) for path in site.rglob("*.html")}
    anchors = {
        path: {tag["id"] for tag in soup.select("[id]")} | {"", "__search"}
        for path, soup in pages.items()
    }
    wrong = [
        f"{path}: {address}"
        for path in site.rglob("*.css")
        for address in FOREIGN_STYLE.findall(path.read_text("utf-8"))
    ]
    for path, soup in pages.items():
        for tag, address in addresses(soup):
            url = urlsplit(urljoin(f"http://site/{path.relative_to(site).as_posix()}", address))
            if url.netloc == "site":
                target = site / unquote(url.path).lstrip("/")
                target = target / "index.html" if target.is_dir() else target
                fragment = unquote(url.fragment)
                good = target.exists() and fragment in anchors.get(target, {fragment})
            else:
                good = not url.netloc or tag not in LOADING
            if not good:
                wrong.append(f"{path.relative_to(site)}: {tag} {address}")
    assert not wrong


def test_an_address_without_a_page_leads_home(site: Path) -> None:
    """The page for it says so, and links the first page."""
    page = parsed(site / "404.html").article
    assert page.h1.get_text() == "Page not found"
    links = [urljoin("http://site/a/b/", link["href"]) for link in page.select("p > a")]
    assert links == ["http://site/"]


def addresses(soup: BeautifulSoup) -> Iterator[tuple[str, str]]:
    """Each tag that links or loads, with its address."""
    for tag in soup.find_all(True):
        for name in ("href", "src", "poster", "data-src"):
            if tag.get(name):
                yield tag.name, tag[name]


def test_each_page_has_a_title_and_a_description_of_its_own(site: Path) -> None:
    """Its question, and the sentences that answer it, for browsers, searches and previews."""
    heads = set()
    for source in [*PAGES, *EXAMPLES]:
        html = parsed(site / address_of(source) / "index.html")
        heading = html.select_one("h1")
        assert heading
        question = heading.get_text().removesuffix("\u00b6").strip()
        assert str(html.title and html.title.string) == f"{question} - LSTM shapes"
        described = {
            str(one["content"])
            for one in html.select("[name=description], [property='og:description']")
        }
        assert len(described) == 1
        heads |= described
    assert len(heads) == len([*PAGES, *EXAMPLES])


def test_search_engines_read_what_a_page_is(site: Path) -> None:
    """An article, with its question and its answer: what readers see, too."""
    for source in [*PAGES, *EXAMPLES]:
        html = parsed(site / address_of(source) / "index.html")
        data = json.loads(html.select_one("[type='application/ld+json']").string)
        seen = " ".join(html.article.get_text().split())
        assert data["@type"] == "TechArticle"
        assert all(" ".join(data[one].split()) in seen for one in ("headline", "description"))


def test_the_room_of_each_figure_is_kept(site: Path) -> None:
    """So that nothing moves when it comes."""
    figures = [
        image
        for source in PAGES
        for image in parsed(site / address_of(source) / "index.html").select("img[src*=figures]")
    ]
    assert figures
    assert all(float(image[side]) > 0 for image in figures for side in ("width", "height"))


def test_the_navigation_has_the_labels_of_mkdocs_yml(site: Path) -> None:
    """Short ones, also for examples, whose titles are longer."""
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    labels = re.findall(r"(?m)^ +- (.+): \S+\.(?:md|ipynb)$", settings)
    assert len(labels) == len(PAGES) + len(EXAMPLES)
    links = parsed(site / "404.html").select(".md-nav--primary .md-nav__item > a .md-ellipsis")
    assert [link.get_text().strip() for link in links] == labels


def test_machines_read_the_pages_as_they_were_written(site: Path) -> None:
    """llms.txt lists each page, whose Markdown is at its address; all its links lead somewhere."""
    listed = re.findall(r"(?m)^- \[.+?\]\((.+?)\): .+", (site / "llms.txt").read_text("utf-8"))
    everything = [*PAGES, *EXAMPLES]
    assert sorted(listed) == sorted(f"{address_of(page)}index.md" for page in everything)
    whole = (site / "llms-full.txt").read_text("utf-8")
    words = re.sub(r"\]\(.*?\)", "", whole)
    for page in PAGES:
        assert re.sub(r"\]\(.*?\)", "", page.read_text("utf-8")).strip()[:200] in words
    for page in everything:
        markdown = (site / address_of(page) / "index.md").read_text("utf-8")
        for link in re.findall(
            r"\]\((?!\w+:|#)([^)\s#]+)", re.sub(r"(?ms)^ *```.*?^ *```", "", markdown)
        ):
            assert (site / address_of(page) / link).exists(), (page, link)
    example = (site / "examples" / "forecast" / "index.md").read_text("utf-8")
    assert "```python\nimport keras\n" in example
    assert re.search(r"```text\nModel: .*?```", example, re.DOTALL)
    assert "\n# Forecast a real series\n" in whole
    assert (site / "robots.txt").read_text("utf-8") == "User-agent: *\nAllow: /\n"
    assert not list(site.glob("sitemap*"))  # a site without an address has none


def test_errors_and_warnings_are_told_apart(site: Path) -> None:
    """By a class for their color; their first words say it too."""
    html = parsed(site / "errors" / "rank" / "index.html")
    for output in html.select(".language-text.highlight"):
        is_error = re.search(r"(?m)^\w*Error: ", output.get_text())
        assert ("error" in output["class"]) == bool(is_error)
    assert parsed(site / "learn" / "input-shape" / "index.html").select(".language-text.warning")


def test_each_page_has_a_policy_of_what_may_run(site: Path) -> None:
    """No script from elsewhere, none inline but those that the build knows, no handler."""
    for path in site.rglob("*.html"):
        html = parsed(path)
        policy = html.select_one("meta[http-equiv=Content-Security-Policy]")
        assert policy
        assert not policy.find_previous("script")
        assert "'unsafe-inline'" not in str(policy["content"]).partition("script-src")[2]
        assert not [
            tag for tag in html.find_all(True) if any(a.startswith("on") for a in tag.attrs)
        ]
