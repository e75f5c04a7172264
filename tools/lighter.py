"""Leave out what no page of the site needs: rules of the theme, comments of our own code."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import tinycss2
import tinycss2.ast as css

_WORD = re.compile(r"[\w-]+")
_NAMED = re.compile(r"""\.(-?[_a-zA-Z][\w-]*)|\[[\w-]+=["']?([\w-]+)["']?\]""")  # class, attribute
_COLOR = re.compile(r"""(data-md-color-\w+)=["']?([\w-]+)""")  # of a palette
# Lets colors change at once where light and dark are switched. For it the browser styles each
# element of the page several times while it loads.
_COSTLY = "[data-md-color-switching]"
OWN = ("// @ts-check", "/* ")  # how our files begin
_COMMENTS = re.compile(r"(?m)^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n+")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")


def lighten(site: Path) -> None:
    """Drop, in place, the rules that need a class or an attribute which nothing of the site names.

    What a script puts on is a word of that script; a color of a palette is one with its attribute,
    since "red" is a word of the pages. Selectors are dropped one by one, and variables
    that no rule uses.
    """
    sheets = sorted(site.glob("assets/stylesheets/*.min.css"))
    texts = [one.read_text("utf-8") for kind in ("html", "js") for one in site.rglob(f"*.{kind}")]
    words = {word for text in texts for word in _WORD.findall(text)}
    words.update(*map(_colors, texts))
    words -= {"rtl"}  # which the theme's script knows, but the site is written from left to right
    light = {sheet: without_unused(sheet.read_text("utf-8"), words) for sheet in sheets}
    own = [one.read_text("utf-8") for one in site.rglob("*.css") if one not in light]
    used = {name for text in [*light.values(), *own, *texts] for name in _VARIABLE.findall(text)}
    for sheet, text in light.items():
        sheet.write_text(without_unset(text, used), encoding="utf-8")
    for path in (site / "assets").rglob("*.*s"):
        text = path.read_text("utf-8") if path.suffix in (".js", ".css") else ""
        if text.startswith(OWN):
            path.write_text(without_comments(text), encoding="utf-8")


def without_comments(text: str) -> str:
    """A script or a stylesheet of ours without the comments that have lines of their own."""
    return _COMMENTS.sub("", text)


def without_unused(sheet: str, words: set[str]) -> str:
    """A stylesheet without costly selectors, and those whose class, or value, isn't a word."""

    @cache
    def is_used(selector: str) -> bool:
        if _COSTLY in selector:
            return False
        # What `:not(.a)` names may be missing.
        bare = re.sub(r":not\([^()]*\)", "", selector)
        names = {name for groups in _NAMED.findall(bare) for name in groups if name}
        return words >= names | _colors(bare)

    def lightened(rule: css.QualifiedRule) -> str:
        selectors = list(map(tinycss2.serialize, _split(rule.prelude)))
        kept = ",".join(filter(is_used, selectors))
        return kept and f"{kept}{{{tinycss2.serialize(rule.content)}}}"

    return _mapped(tinycss2.parse_stylesheet(sheet, skip_comments=True), lightened)


def _colors(text: str) -> set[str]:
    """The colors of palettes that a text names, such as `data-md-color-primary=indigo`."""
    return {f"{name}={value}" for name, value in _COLOR.findall(text)}


def without_unset(sheet: str, used: set[str]) -> str:
    """A stylesheet without the variables that aren't used."""

    def lightened(rule: css.QualifiedRule) -> str:
        parts = tinycss2.parse_blocks_contents(rule.content, skip_comments=True)
        kept = [
            one
            for one in parts
            if not (
                isinstance(one, css.Declaration) and one.name[:2] == "--" and one.name not in used
            )
        ]
        body = tinycss2.serialize(kept)
        return body and f"{tinycss2.serialize(rule.prelude)}{{{body}}}"

    return _mapped(tinycss2.parse_stylesheet(sheet, skip_comments=True), lightened)


def _mapped(rules: Iterable[css.Node], lightened: Callable[[css.QualifiedRule], str]) -> str:
    """The rules, with those of style made lighter, also within those for media."""
    texts = []
    for rule in rules:
        if isinstance(rule, css.QualifiedRule):
            texts.append(lightened(rule))
        elif isinstance(rule, css.AtRule) and rule.lower_at_keyword in ("media", "supports"):
            inner = _mapped(tinycss2.parse_rule_list(rule.content, skip_comments=True), lightened)
            head = f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}"
            texts.append(inner and f"{head}{{{inner}}}")
        elif not isinstance(rule, css.WhitespaceToken):
            texts.append(tinycss2.serialize([rule]))
    return "".join(texts)


def _split(prelude: list[css.Node]) -> Iterator[list[css.Node]]:
    """The selectors of a rule, which commas part."""
    selector: list[css.Node] = []
    for token in prelude:
        if isinstance(token, css.LiteralToken) and token.value == ",":
            yield selector
            selector = []
        else:
            selector.append(token)
    yield selector
