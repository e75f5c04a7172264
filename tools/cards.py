"""The picture of a page that is shown where its address is shared: its question and its figure."""

import re
import textwrap
from html import escape
from pathlib import Path

import matplotlib
import resvg_py

WIDTH, HEIGHT = 1200, 630  # pixels, what most sites show whole
_FONT, _FONTS = "DejaVu Sans", str(Path(matplotlib.get_data_path(), "fonts", "ttf"))
_LINE = '<text x="60" y="{y}" style="font:700 52px DejaVu Sans">{text}</text>'
_CARD = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">
<rect width="{WIDTH}" height="{HEIGHT}" style="fill:#fff;stroke:none"/>
<rect width="{WIDTH}" height="14" style="fill:#3949ab;stroke:none"/>
{{title}}
<text x="{WIDTH - 60}" y="{HEIGHT - 34}" text-anchor="end"
  style="font:26px DejaVu Sans;fill:#3949ab">{{site}}</text>
{{figure}}
</svg>"""


def card(question: str, figure: str, site: str) -> bytes:
    """A PNG with a page's question, the figure that it shows, an SVG, and the site's name."""
    lines = textwrap.wrap(question, 34)
    title = [_LINE.format(y=100 + 66 * n, text=escape(line)) for n, line in enumerate(lines)]
    top = 100 + 66 * len(lines)
    placed = _placed(figure, top, HEIGHT - 60 - top)
    drawn = _CARD.format(title="".join(title), site=escape(site), figure=placed)
    png = resvg_py.svg_to_bytes(
        svg_string=drawn,
        width=WIDTH,
        font_dirs=[_FONTS],  # the same on every machine
        font_family=_FONT,
        sans_serif_family=_FONT,
        skip_system_fonts=True,
    )
    return bytes(png)


def _placed(figure: str, top: int, height: int) -> str:
    """A figure, light, as large as it fits below the title."""
    light = re.sub(r"@media.*?\}\}", "", figure)
    place = f' x="60" y="{top}" width="{WIDTH - 120}" height="{height}"'
    return re.sub(r' width="[\d.]+" height="[\d.]+"', place, light, count=1)
