"""The browsers of the tests; `python tools/browser.py` says whether they are here."""

import contextlib
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FIREFOX = ("firefox", "firefox-esr", "/Applications/Firefox.app/Contents/MacOS/firefox")


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: Playwright's own where it was fetched and runs, else the system's.

    Raises LookupError where there is none.
    """
    for path in (playwright.chromium.executable_path, *map(shutil.which, SYSTEM_BROWSERS)):
        if path and Path(path).exists():
            with contextlib.suppress(Error):
                return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    raise LookupError(
        "no browser runs here; install Chromium, on Debian and Ubuntu by: apt install chromium"
    )


def firefox() -> str:
    """The system's Firefox. Raises LookupError where there is none."""
    for path in map(shutil.which, FIREFOX):
        if path:
            return path
    raise LookupError("no Firefox is here; on Debian install it by: apt install firefox-esr")


if __name__ == "__main__":
    with sync_playwright() as playwright:
        print("Chromium", launch(playwright).version)
    print(firefox())
