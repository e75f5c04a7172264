"""Bad input to a command ends in one message that says what to do, and a non-zero exit."""

import contextlib
import os
import re
import shutil
import socket
import struct
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from mkdocs.exceptions import Abort

import browser
import measured
from project import ROOT, parsed, run, started, wait_until
from site_hook import require_free_port


def refused(*command: str, cwd: Path = ROOT, **variables: str) -> str:
    """What a command prints that must fail, and not by a traceback."""
    path = shutil.which("make") if command[0] == "make" else command[0]
    ran = run(path, *command[1:], cwd=cwd, limit=120, MAKEFLAGS="", **variables)
    assert ran.returncode != 0
    assert "Traceback" not in ran.stdout
    return ran.stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone in which nothing is installed yet, as far as installing needs it."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("python", "named"), [("false", "false"), ("", "python3")])
def test_a_python_that_is_missing_or_too_old_is_named(python: str, named: str, fresh: Path) -> None:
    """It is refused before anything is made; any program that fails stands for an old Python."""
    said = refused("make", "test", f"PYTHON={python}", cwd=fresh)
    assert f"Python 3.11, 3.12 or 3.13 is needed, and {named} is not one of them" in said
    assert "make PYTHON=/path/to/python" in said
    assert not (fresh / ".venv").exists()


def test_no_network_is_said(fresh: Path) -> None:
    """An install that fails leaves nothing that the next run would take for complete."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    said = refused("make", "test", f"PYTHON={sys.executable}", cwd=fresh, **offline)
    assert "could not be installed: is there a network" in said
    assert ".cache/install.log" in said
    assert not (fresh / ".venv" / "installed").exists()


def test_a_saved_page_is_built_again(small_project: Path) -> None:
    """`make serve` shows what was saved, while it holds its own port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"

    def shown() -> str:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://{address}/", timeout=10).read().decode()
        return ""

    command = ("mkdocs", "serve", "--livereload", "--strict", "--dev-addr", address)
    with started(*command, cwd=small_project) as server:
        wait_until(lambda: "The first text." in shown(), server)
        (small_project / "docs" / "index.md").write_text("# Page\n\nThe second text.\n")
        wait_until(lambda: "The second text." in shown(), server)


def test_a_port_that_is_taken_is_said() -> None:
    """`make serve` names the port and the way to choose another, in IPv6 as well."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        said = refused("mkdocs", "serve", "--dev-addr", f"[::1]:{port}")
    assert f"Can't serve on ::1:{port}: Address already in use" in said
    assert f"make serve PORT={port + 1}" in said
    # Now it is free; the check lets both kinds of address pass, and finds both taken.
    require_free_port("::1", port)
    require_free_port("localhost", port)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Abort, match="in use"):
        require_free_port(*taken.getsockname())


@pytest.mark.parametrize("port", ["99999", "port", ""])
def test_a_port_that_is_none_is_said(port: str) -> None:
    """No traceback for a port that can't be."""
    assert "port" in refused("mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}")


def test_a_date_that_is_none_is_named(small_project: Path) -> None:
    """And how to get one."""
    built = run("mkdocs", "build", cwd=small_project, SOURCE_DATE_EPOCH="today")
    assert built.returncode
    assert "SOURCE_DATE_EPOCH is today; set it to seconds since 1970" in built.stdout
    assert "Traceback" not in built.stdout


def test_a_figure_that_is_missing_is_named(small_project: Path) -> None:
    """By mkdocs, with its page; nothing else falls over it."""
    page = small_project / "docs" / "index.md"
    page.write_text("# Page\n\n![Gone](assets/figures/gone.svg)\n")
    built = run("mkdocs", "build", "--strict", cwd=small_project)
    assert built.returncode
    assert "'index.md' contains a link 'assets/figures/gone.svg'" in built.stdout
    assert "Traceback" not in built.stdout


def test_a_shared_address_shows_the_pages_picture(small_project: Path) -> None:
    """With its question and its figure, where the site's own address is known."""
    page = small_project / "docs" / "learn.md"
    page.write_text("# Which shapes & why?\n\nA text.\n")
    built = run("mkdocs", "build", cwd=small_project, SITE_URL="https://example.org/shapes/")
    assert not built.returncode, built.stdout
    html = parsed(small_project / "site" / "learn" / "index.html")
    shown = html.select_one("[property='og:image']")
    assert shown
    assert shown["content"] == "https://example.org/shapes/assets/cards/learn.png"
    png = (small_project / "site" / "assets" / "cards" / "learn.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1200, 630)
    sitemap = (small_project / "site" / "sitemap.xml").read_text("utf-8")
    assert "<loc>https://example.org/shapes/learn/</loc>" in sitemap


def test_below_a_path_the_page_for_a_lost_reader_is_whole(small_project: Path) -> None:
    """All that it links and loads is below the path, too."""
    built = run("mkdocs", "build", cwd=small_project, SITE_URL="https://example.org/shapes/")
    assert not built.returncode, built.stdout
    lost = parsed(small_project / "site" / "404.html").select("[href], script[src]")
    rooted = [one for tag in lost if (one := tag.get("href") or tag["src"]).startswith("/")]
    assert rooted
    assert all(one.startswith("/shapes/") for one in rooted)


def test_the_build_ends_with_what_is_wrong(small_project: Path) -> None:
    """`make build` names the page; what is no page is named before it walks into a loop."""
    docs = small_project / "docs"
    command = ("make", "build", f"PY={sys.executable}", "INSTALLED=requirements.txt")
    (docs / "index.md").write_text("# Page\n\n[A dead link](nowhere.md)\n")
    said = refused(*command, cwd=small_project)
    assert "'index.md' contains a link 'nowhere.md'" in said
    (docs / "loop").symlink_to(docs)
    assert "docs/loop:1: a symbolic link" in refused(*command, cwd=small_project)


@pytest.mark.parametrize("asked", ["", "INSTALL_BROWSER=1"])
def test_no_system_package_is_installed_unasked(asked: str, tmp_path: Path) -> None:
    """Where no browser runs, `make test` says the command; asked for, it types it."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("apt-get", "no-browser"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} $@ >> {tmp_path}/called\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "requirements.txt").touch()
    settings = ["PY=./no-browser", "INSTALLED=requirements.txt", *([asked] if asked else [])]
    path = f"{tmp_path}:{os.environ['PATH']}"
    said = refused("make", ".cache/browser", *settings, cwd=tmp_path, PATH=path, CI="")
    assert "apt install chromium firefox-esr" in said
    assert ("apt-get" in (tmp_path / "called").read_text()) == bool(asked)


def test_a_missing_browser_is_an_error_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a skip: the tests that need one end in what to install."""
    monkeypatch.setattr(browser, "SYSTEM_BROWSERS", ())
    without = SimpleNamespace(chromium=SimpleNamespace(executable_path="/nowhere"))
    with pytest.raises(LookupError, match="apt install chromium"):
        browser.launch(without)
    monkeypatch.setattr(browser, "FIREFOX", ("no-firefox",))
    with pytest.raises(LookupError, match="apt install firefox-esr"):
        browser.firefox()


@pytest.mark.parametrize(
    ("repository", "seconds", "foot"),
    [
        ("", "", ""),
        ("https://github.com/us/shapes", "1764000000", " · 24 November 2025 · Apache License 2.0"),
    ],
    ids=["unknown", "known"],
)
def test_a_reader_can_fix_a_page_where_the_repository_is_known(
    repository: str, seconds: str, foot: str, small_project: Path
) -> None:
    """Links to edit a page and to report a mistake carry the page; without an address, none.

    So do date and license. No script asks the repository's host for anything.
    """
    page = small_project / "docs" / "learn.md"
    page.write_text("# Page\n\nA text.\n")
    known = {"REPO_URL": repository, "SOURCE_DATE_EPOCH": seconds}
    built = run("mkdocs", "build", cwd=small_project, **{n: v for n, v in known.items() if v})
    assert not built.returncode, built.stdout
    made = (small_project / "site" / "learn" / "index.html").read_text("utf-8")
    html = BeautifulSoup(made, "html.parser")
    edit, report = html.select_one("a[rel=edit]"), html.find("a", string=re.compile("Report"))
    assert bool(edit) == bool(report) == bool(repository)
    assert not html.select("[data-md-component=source]")
    proved = html.select_one(".md-copyright__highlight")
    assert proved
    text = proved.get_text().strip()
    assert measured.versions()[-1] in text
    assert text.endswith(foot)
    if edit and report:
        assert edit["href"] == f"{repository}/edit/main/docs/learn.md"
        assert report["href"] == f"{repository}/issues/new?title=Mistake%20on%20learn/"
