"""What axe finds on a page in a browser."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Keeps one part of code of each look, which its classes and those around it give; the others
# become text of their code.
KEEP_LOOKS = """() => {
  const seen = new Set();
  for (const part of document.querySelectorAll("code span:not(:has(*))")) {
    let look = "";
    for (let one = part; one; one = one.parentElement) look += `${one.tagName}.${one.className} `;
    if (seen.has(look)) part.replaceWith(...part.childNodes);
    seen.add(look);
  }
  document.body.normalize();
}"""


def violations(page: Page) -> list[tuple[str, str]]:
    """The rules that the page breaks, each with the first element that does.

    The contrast of thousands of parts of code takes axe longer than all the rest, so the page is
    left with one of each look. Nor is axe asked to describe what passes.
    """
    page.evaluate(KEEP_LOOKS)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
