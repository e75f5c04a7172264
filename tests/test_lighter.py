"""The theme's stylesheets lose what no page can use, and nothing else."""

from pathlib import Path

import pytest

from lighter import lighten

PAGE = '<p class="a b" data-kind="one" data-md-color-primary="indigo">text in red</p>'
SCRIPT = 'element.className = "put-on"; element.dataset.kind = "two";'


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        (".a{color:red}.c{color:red}", ".a{color:red}"),
        (".c,.a .b,.a .c{margin:0}", ".a .b{margin:0}"),
        (".put-on:not(.c){margin:0}", ".put-on:not(.c){margin:0}"),
        ("p>a{margin:0}[dir=rtl] .a{margin:0}", "p>a{margin:0}"),
        ("[data-kind=one],[data-kind='three']{margin:0}", "[data-kind=one]{margin:0}"),
        ("[data-kind=two]{margin:0}", "[data-kind=two]{margin:0}"),
        ("@media print{.a{margin:0}.c{margin:0}}", "@media print{.a{margin:0}}"),
        ("@media print{.c{margin:0}}", ""),
        ("@keyframes f{to{opacity:0}}", "@keyframes f{to{opacity:0}}"),
        (":root{--x:1;--y:2}.a{top:var(--x)}", ":root{--x:1}.a{top:var(--x)}"),
        (".c{top:var(--x)}:root{--x:1}", ""),
        (".a{content:'}.c{'}", ".a{content:'}.c{'}"),
        (
            "[data-md-color-primary=red],[data-md-color-primary=indigo]{margin:0}",
            "[data-md-color-primary=indigo]{margin:0}",
        ),
        ("[data-md-color-switching] *,.a{margin:0}", ".a{margin:0}"),
    ],
)
def test_what_no_page_uses_is_left_out(sheet: str, kept: str, tmp_path: Path) -> None:
    """Selectors, rules and variables, one by one."""
    place = tmp_path / "assets" / "stylesheets" / "main.min.css"
    place.parent.mkdir(parents=True)
    place.write_text(sheet, encoding="utf-8")
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "site.js").write_text(SCRIPT, encoding="utf-8")
    lighten(tmp_path)
    written = place.read_text("utf-8").replace('"', "'").replace(";}", "}")
    assert written == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("// @ts-check\n// Why.\n\nf();\n", "f();\n"),
        ("// @ts-check\n/** @type {A}\n *  b */\nf();\n", "f();\n"),
        ('// @ts-check\nf("// no"); // stays\n', 'f("// no"); // stays\n'),
        ("// @ts-check\nf(/** @type {A} */ (b));\n", "f(/** @type {A} */ (b));\n"),
        ("/* A */\n.a {\n  /* why */\n  top: 0;\n}\n", ".a {\n  top: 0;\n}\n"),
        ("// the theme's\nf();\n", "// the theme's\nf();\n"),
    ],
)
def test_our_own_code_has_no_comments_for_readers(text: str, kept: str, tmp_path: Path) -> None:
    """Those with lines of their own; code stays as it is."""
    place = tmp_path / "assets" / ("a.css" if text.startswith("/*") else "a.js")
    place.parent.mkdir()
    place.write_text(text, encoding="utf-8")
    lighten(tmp_path)
    assert place.read_text("utf-8") == kept
