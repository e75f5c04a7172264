"""The system's Firefox, told what to do by Marionette, the protocol that is built into it.

Playwright needs a Firefox of its own or a newer one than the systems have.
Source of the protocol: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser

START_LIMIT, SCRIPT_LIMIT = 120, 600  # seconds


class Firefox:
    """A window of Firefox, in which scripts are run. Errors of the page are RuntimeErrors."""

    def __init__(self, connection: socket.socket) -> None:
        self.stream = connection.makefile("rwb")
        self.count = 0
        self._receive()  # it introduces itself
        self.version = self.send("WebDriver:NewSession")["capabilities"]["browserVersion"]
        self.send("WebDriver:SetTimeouts", script=SCRIPT_LIMIT * 1000)

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            if not (digit := self.stream.read(1)):
                raise ConnectionError("Firefox ended")
            length += digit
        return json.loads(self.stream.read(int(length[:-1])))

    def send(self, command: str, **parameters: object) -> Any:
        """What a command answers."""
        self.count += 1
        message = json.dumps([0, self.count, command, parameters]).encode()
        self.stream.write(b"%d:%s" % (len(message), message))
        self.stream.flush()
        _, _, error, answer = self._receive()
        if error:
            raise RuntimeError(error["message"])
        return answer

    def goto(self, address: str) -> None:
        """Open a page, and wait until it is loaded."""
        self.send("WebDriver:Navigate", url=address)

    def evaluate(self, function: str, *arguments: object) -> Any:
        """What a function of JavaScript returns, or its promise resolves with."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"({function})(...[...arguments].slice(0, -1))"
            ".then((answer) => done({ answer }), (error) => done({ error: String(error) }));"
        )
        found = self.send("WebDriver:ExecuteAsyncScript", script=script, args=arguments)["value"]
        if "error" in found:
            raise RuntimeError(found["error"])
        return found.get("answer")


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Firefox]:
    """A Firefox without a window, with an empty profile in `folder`.

    Raises LookupError where there is none, TimeoutError where it doesn't start.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    command = [browser.firefox(), "--marionette", "--headless", "--no-remote", "--profile", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with _connected(port) as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        process.wait(60)


def _connected(port: int) -> socket.socket:
    end = time.monotonic() + START_LIMIT
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port), SCRIPT_LIMIT)
        time.sleep(0.2)
    raise TimeoutError("Firefox did not start")
