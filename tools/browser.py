"""Start a browser; `python tools/browser.py` says whether one runs here."""

import contextlib
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


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


if __name__ == "__main__":
    with sync_playwright() as playwright:
        print(launch(playwright).version)
