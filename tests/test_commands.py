"""Bad input to a command ends in one message that says what to do, and a non-zero exit."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from mkdocs.exceptions import Abort

import browser
from project import BIN, ROOT, run
from site_hook import require_free_port


def make(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run make in a folder; return its exit code and what it printed."""
    command = (shutil.which("make"), *arguments)
    made = run(*command, cwd=folder, limit=120, MAKEFLAGS="", **variables)
    return made.returncode, made.stdout


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A clone in which nothing is installed yet, as far as installing needs it."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("python", "named"), [("false", "false"), ("", "python3")])
def test_a_python_that_is_missing_or_too_old_is_named(python: str, named: str, fresh: Path) -> None:
    """It is refused before anything is made; any program that fails stands for an old Python."""
    code, said = make(fresh, "test", f"PYTHON={python}")
    assert code != 0
    assert f"Python 3.11, 3.12 or 3.13 is needed, and {named} is not one of them" in said
    assert "make PYTHON=/path/to/python" in said
    assert not (fresh / ".venv").exists()


def test_no_network_is_said(fresh: Path) -> None:
    """An install that fails leaves nothing that the next run would take for complete."""
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    code, said = make(fresh, "test", f"PYTHON={sys.executable}", **offline)
    assert code != 0
    assert "could not be installed: is there a network" in said
    assert ".cache/install.log" in said
    assert "Traceback" not in said
    assert not (fresh / ".venv" / "installed").exists()


def test_a_saved_page_is_built_again(small_project: Path) -> None:
    """`make serve` shows what was saved, while it holds its own port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [BIN / "mkdocs", "serve", "--livereload", "--strict", "--dev-addr", address]
    with (small_project / "log").open("w+") as log:
        server = subprocess.Popen(command, cwd=small_project, stdout=log, stderr=log)
        try:
            for text in ("The first text.", "The second text."):
                (small_project / "docs" / "index.md").write_text(f"# Page\n\n{text}\n")
                wait_for_text(server, f"http://{address}/", text)
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


def test_a_port_that_is_taken_is_said() -> None:
    """`make serve` names the port and the way to choose another, in IPv6 as well."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        served = run("mkdocs", "serve", "--dev-addr", f"[::1]:{port}", limit=60)
    assert served.returncode != 0
    assert f"Can't serve on ::1:{port}: Address already in use" in served.stdout
    assert f"make serve PORT={port + 1}" in served.stdout
    assert "Traceback" not in served.stdout
    # Now it is free; the check lets both kinds of address pass, and finds both taken.
    require_free_port("::1", port)
    require_free_port("localhost", port)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Abort, match="in use"):
        require_free_port(*taken.getsockname())


@pytest.mark.parametrize("port", ["99999", "port", ""])
def test_a_port_that_is_none_is_said(port: str) -> None:
    """No traceback for a port that can't be."""
    served = run("mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}", limit=60)
    assert served.returncode != 0
    assert "port" in served.stdout
    assert "Traceback" not in served.stdout


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda docs: (docs / "index.md").write_text("# Page\n\n[A dead link](nowhere.md)\n"),
            "'index.md' contains a link 'nowhere.md'",
        ),
        (lambda docs: (docs / "loop").symlink_to(docs), "docs/loop:1: a symbolic link"),
    ],
    ids=["dead link", "loop"],
)
def test_the_build_ends_with_what_is_wrong(
    spoil: Callable[[Path], object], message: str, small_project: Path
) -> None:
    """`make build` names the page; what is no page is named before it walks into a loop."""
    spoil(small_project / "docs")
    (small_project / "installed").touch()
    settings = (f"PY={sys.executable}", "INSTALLED=installed")
    code, said = make(small_project, "build", *settings)
    assert code != 0
    assert message in said
    assert "Traceback" not in said


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
