"""Whether links to other sites still lead somewhere: `python tools/external_links.py SITE`."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from bs4 import BeautifulSoup

TIMEOUT = 30  # seconds
TRIES = 3
# They answer a program otherwise than a browser, or only people who are known there.
BUSY = (401, 403, 405, 429)


def external_links(site: Path) -> dict[str, list[str]]:
    """Each address outside a built site, and the pages that link to it."""
    pages: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(site.rglob("*.html")):
        html = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for address in {str(link["href"]) for link in html.select('a[href^="http"]')}:
            pages[address].append(path.relative_to(site).as_posix())
    return dict(sorted(pages.items()))


def fault(address: str) -> str:
    """Why nothing is there, or nothing."""
    said = ""
    for _ in range(TRIES):
        try:
            with urlopen(Request(address, headers={"User-Agent": "Mozilla/5.0"}), timeout=TIMEOUT):
                return ""
        except HTTPError as error:
            return "" if error.code in BUSY else f"{error.code} {error.reason}"
        except (URLError, OSError) as error:
            said = str(getattr(error, "reason", error))
    return said


def faults(site: Path) -> Iterator[str]:
    """A line for each address at which nothing is."""
    pages = external_links(site)
    with ThreadPoolExecutor(8) as pool:
        for (address, linking), said in zip(pages.items(), pool.map(fault, pages), strict=True):
            print(address)
            if said:
                yield f"{linking[0]}: {address}: {said}; link to where it moved, or drop the link"


def main(site: Path) -> None:
    """List the addresses; end with those at which nothing is."""
    if found := list(faults(site)):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
