"""Copy the built site so that it works from a folder: `python -m offline.copy SITE COPY`.

From a folder, browsers run no module and no Worker, fetch nothing, and show a list of files for a
link to a folder. So in the copy links lead to files, and one plain script holds the modules and
what they fetch. Run needs a server, so it isn't offered there.
"""

import re
import shutil
import sys
from pathlib import Path

from node import run_node
from runnable import PLAYGROUND

BUNDLE = Path(__file__).with_name("bundle.mjs")
PACKAGES = PLAYGROUND / "npm" / "node_modules"
# What the modules fetch, below assets/.
FETCHED = ("errors/index.json", "search/index.json")
MODULES = ("errors", "run", "search", "playground")

_LINK = re.compile(r'(<a\b[^>]*? href=")([^":#?]+)(?=[#?"])')
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n?')
_SCRIPTS = re.compile(
    r'(<script src="[^"]*/bundle[^"]*"></script>)\n(<script src="[^"]*") type="module"></script>'
)


def copy(site: Path, target: Path) -> None:
    """Write the copy, in the place of one that was there before.

    Raises OSError where the site isn't built, CalledProcessError where it can't be bundled.
    """
    fetched = {name: (site / "assets" / name).read_text("utf-8") for name in FETCHED}
    script = run_node(BUNDLE, fetched, PACKAGES)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(site, target)
    assets = target / "assets"
    for name in MODULES:
        shutil.rmtree(assets / name)
    for module in [*assets.glob("*.js"), *assets.glob("explorer/*.js")]:
        module.unlink()
    (assets / "site.js").write_text(script, encoding="utf-8")
    (target / "404.html").unlink()  # a server's answer
    made = target / "search" / "search_index.json"
    made.with_suffix(".js").write_text(f"var __index = {made.read_text('utf-8')}", encoding="utf-8")
    for page in target.rglob("*.html"):
        page.write_text(from_folder(page.read_text("utf-8"), page.parent), encoding="utf-8")


def from_folder(html: str, folder: Path) -> str:
    """A page, which stands in `folder`, as it is opened without a server."""

    def to_file(link: re.Match[str]) -> str:
        before, address = link.groups()
        return (
            f"{before}{address.rstrip('/')}/index.html" if (folder / address).is_dir() else link[0]
        )

    html = _LINK.sub(to_file, _POLICY.sub("", html))
    html = re.sub(r' data-run="[^"]*"', "", html)
    # Material's script looks for a Worker at once.
    return _SCRIPTS.sub(r"\2></script>\n\1", html)


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
