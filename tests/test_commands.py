"""Bad input to a command ends in one message that says what to do, and a non-zero exit."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

import browser
from project import BIN, ROOT, run
from site_hook import require_free_port

FOLDERS = ("examples", "tools", "overrides", ".cache")


def make(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run make in a folder; return its exit code and what it printed."""
    made = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env={**os.environ, "MAKEFLAGS": "", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return made.returncode, made.stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone in which nothing is installed yet, as far as installing needs it."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_a_python_that_is_too_old_is_named(fresh: Path) -> None:
    """A Python that doesn't suit is refused before anything is made."""
    old = fresh / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    code, said = make(fresh, "test", f"PYTHON={old}")
    assert code != 0
    assert f"Python 3.11, 3.12 or 3.13 is needed, and {old} is not one of them" in said
    assert "make PYTHON=/path/to/python" in said
    assert not (fresh / ".venv").exists()


def test_no_python_is_said(fresh: Path) -> None:
    """Where no Python is found, the message says which to install."""
    code, said = make(fresh, "test", "PYTHON=")
    assert code != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in said


def test_no_network_is_said_and_tried_again(fresh: Path) -> None:
    """An install that fails leaves nothing that the next run would take for complete."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    for _ in range(2):
        code, said = make(fresh, "test", f"PYTHON={sys.executable}", **offline)
        assert code != 0
        assert "could not be installed: is there a network" in said
        assert ".cache/install.log" in said
        assert "Traceback" not in said
    assert not (fresh / ".venv" / "installed").exists()


def test_a_saved_page_is_built_again(site: Path, tmp_path: Path) -> None:
    """`make serve` shows what was saved, while it holds its own port."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (ROOT / ".cache").mkdir(exist_ok=True)
    for name in ("mkdocs.yml", "requirements.txt", *FOLDERS):
        (tmp_path / name).symlink_to(ROOT / name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = ("mkdocs", "serve", "--livereload", "--dev-addr", address)
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(
            [BIN / command[0], *command[1:]], cwd=tmp_path, stdout=log, stderr=log
        )
        try:
            wait_for_text(server, f"http://{address}/", "Find your question")
            with (tmp_path / "docs" / "index.md").open("a") as page:
                page.write("\nA new sentence.\n")
            wait_for_text(server, f"http://{address}/", "A new sentence")
        finally:
            server.terminate()
            server.wait(20)


def wait_for_text(server: subprocess.Popen, url: str, text: str) -> None:
    """Ask for a page until it holds a text; fail after two minutes, or where the server ends."""
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
            if text in answer.read().decode():
                return
        time.sleep(0.2)
    pytest.fail(f"{url} never showed {text!r}")


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", "AF_INET"), ("::1", "AF_INET6")])
def test_a_port_that_is_taken_is_said(host: str, family: str) -> None:
    """`make serve` names the port and the way to choose another, in IPv6 as well."""
    with socket.socket(getattr(socket, family)) as taken:
        taken.bind((host, 0))
        taken.listen()
        port = taken.getsockname()[1]
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        served = run("mkdocs", "serve", "--dev-addr", place, limit=60)
    assert served.returncode != 0
    assert f"Can't serve on {host}:{port}: Address already in use" in served.stdout
    assert f"make serve PORT={port + 1}" in served.stdout
    assert "Traceback" not in served.stdout


@pytest.mark.parametrize("port", ["99999", "port", ""])
def test_a_port_that_is_none_is_said(port: str) -> None:
    """No traceback for a port that can't be."""
    served = run("mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}", limit=60)
    assert served.returncode != 0
    assert "port" in served.stdout
    assert "Traceback" not in served.stdout


def test_a_free_port_of_ipv6_is_no_error() -> None:
    """It is MkDocs that serves; the check before it lets both kinds of address pass."""
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    require_free_port("::1", port)
    require_free_port("localhost", port)


def test_a_dead_link_fails_the_build(tmp_path: Path) -> None:
    """`make build` ends with an error, and names the page."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    for name in ("Makefile", "mkdocs.yml", "requirements.txt", *FOLDERS):
        (tmp_path / name).symlink_to(ROOT / name)
    with (tmp_path / "docs" / "index.md").open("a") as page:
        page.write("\n[A dead link](nowhere.md)\n")
    code, said = make(tmp_path, "build", f"PY={sys.executable}", "INSTALLED=mkdocs.yml")
    assert code != 0
    assert "index.md" in said
    assert "nowhere.md" in said


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
    code, said = make(tmp_path, ".cache/browser", *settings, PATH=path, CI="")
    assert code != 0
    assert "apt install chromium" in said
    assert ("apt-get" in (tmp_path / "called").read_text()) == bool(asked)


def test_a_missing_browser_is_an_error_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a skip: the tests that need one end in what to install."""
    monkeypatch.setattr(browser, "SYSTEM_BROWSERS", ())
    without = SimpleNamespace(chromium=SimpleNamespace(executable_path="/nowhere"))
    with pytest.raises(LookupError, match="apt install chromium"):
        browser.launch(without)
