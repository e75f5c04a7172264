"""What the scheduled workflow says of links to other sites."""

from pathlib import Path

import pytest

import external_links
from served import served

HTML = '<a href="{0}/page.html">here</a> <a href="{0}/gone.html">gone</a> <a href="a.html">own</a>'


def test_an_address_at_which_nothing_is_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its page, and what was said; the others are listed."""
    monkeypatch.setattr(external_links, "TIMEOUT", 5)
    (tmp_path / "page.html").write_text("text", encoding="utf-8")
    with served(tmp_path) as address:
        (tmp_path / "index.html").write_text(HTML.format(address), encoding="utf-8")
        with pytest.raises(SystemExit, match=r"index.html: .*/gone.html: 404 "):
            external_links.main(tmp_path)
        assert capsys.readouterr().out.split() == [f"{address}/gone.html", f"{address}/page.html"]
    assert "refused" in external_links.fault(f"{address}/page.html")
