"""The pages on other versions of Keras: records, form and substance, notes, the reader's own."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, expect

from matrix import nightly, notes
from matrix.environments import LEAST_SPACE, Environment, NotMade, environments, make
from matrix.form import FORM, RULES, SUBSTANCE, differences, plain, sections
from matrix.jobs import digest, job_in, pages, runs_in
from matrix.own import environment_at, environment_for
from matrix.record import Part, Record, named, part_of, path_of, read_record
from matrix.run import cleaned
from project import DOCS, parsed, run
from proof.generations import KERAS_2
from proof.page import Page as MarkdownPage
from proof.page import Snippet, parse_page
from proof.protocol import Result

LEAST_RUN = 0.95  # of the snippets of a generation, in each record; `make matrix` runs the rest
ENVIRONMENTS = environments()
SAME = {
    "the frame of a table": ("│ lstm │ 168 │\n━━━━━━━", "lstm 168\n____"),
    "the columns of a summary": ("Layer (type) Output Shape Param # lstm", "lstm"),
    "the name of the model": ('Model: "sequential" 168', 'Model: "model_1" 168'),
    "the size in bytes": ("Total params: 168 (672.00 B)", "Total params: 168 (672.00 Byte)"),
    "the running number of a name": ("lstm_1 (LSTM) 168", "lstm_12 (LSTM) 168"),
    "the module of a class": ("keras.src.layers.LSTM", "tf_keras.src.layers.rnn.lstm.LSTM"),
    "torch's class of a shape": ("torch.Size([3]), torch.Size([8, 3])", "(3,), (8, 3)"),
    "the type of a number": ("np.float64(0.5)", "0.5"),
    "the digits after the third of a number": ("0.12345", "0.12349"),
}
OTHER = [
    ("(None, 3)", "(None, 4)"),
    ("(8, 3)", "torch.Size([3, 8])"),
    ("lstm 168", "lstm 169"),
    ("0.123", "0.124"),
    ("Total params: 168 (672.00 B)", "Total params: 336 (672.00 B)"),
    ("True", "False"),
    ("lstm (LSTM) 168", "gru (GRU) 168"),
]
RAISES = "ValueError: expected ndim=3, found ndim=2. Full shape received: (None, 10)\n"
SAYS = "ValueError: Input 0 with name 'None' of layer 'lstm': expected ndim=3, found ndim=2\n"


def snippet_of(
    output: str = "", code: str = "import keras\n", table: str = ""
) -> tuple[MarkdownPage, Snippet]:
    """A page of one snippet, and that snippet."""
    text = f"# Page\n\n```python\n{code}```\n\n"
    if output:
        text += f"<!--pytest-codeblocks:expected-output-->\n\n```text\n{output}```\n\n"
    page = parse_page(text + table, Path("page.md"))
    return page, page.snippets[0]


def kinds(output: str, result: Result, **page: str) -> list[str]:
    """The kinds of all differences of a result from a page that shows `output`."""
    made, snippet = snippet_of(output, **page)
    part = part_of(made, snippet, result)
    return [one.kind for one in differences(snippet, part)] if part else []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_a_rule_names_is_form(rule: object) -> None:
    """Two texts that differ in it alone are the same, and weren't without it."""
    one, other = SAME[rule.name]
    assert plain(one) == plain(other)
    without = rule.pattern.sub(rule.instead, one).split()
    assert one.split() != other.split()
    assert without != one.split()


@pytest.mark.parametrize(("one", "other"), OTHER, ids=lambda text: text)
def test_a_shape_a_count_or_a_value_is_substance(one: str, other: str) -> None:
    """No rule hides one."""
    assert plain(one) != plain(other)
    assert kinds(f"{one}\n", Result(f"{other}\n")) == [SUBSTANCE]


@pytest.mark.parametrize(
    ("said", "result", "expected"),
    [
        (RAISES, Result(RAISES), []),
        (RAISES, Result(SAYS), [FORM]),
        (RAISES, Result(""), [SUBSTANCE]),
        ("168\n", Result(RAISES), [SUBSTANCE, FORM]),
        ("", Result(RAISES), [SUBSTANCE]),
        ("", Result("ValueError: Unrecognized: {'batch_input_shape': (8, 2, 10)}\n"), [SUBSTANCE]),
        ("", Result("UserWarning: deprecated\n"), [SUBSTANCE]),
        ("UserWarning: old\n", Result("UserWarning: new\n"), [FORM]),
        ("", Result("WARNING:tensorflow:slow\n"), [FORM]),
        ("│ 168 │\n", Result("168\n"), [FORM]),
    ],
    ids=[
        "same",
        "words",
        "accepted",
        "refused",
        "raises",
        "argument",
        "warns",
        "says",
        "chatter",
        "frame",
    ],
)
def test_form_and_substance_of_an_output(said: str, result: Result, expected: list[str]) -> None:
    """What raises or warns in both differs in form; what does so in one, in substance."""
    assert kinds(said, result) == expected


def test_another_line_that_raises_is_substance() -> None:
    """The words may be alike."""
    page, snippet = snippet_of(RAISES)
    part = replace(part_of(page, snippet, Result(SAYS)), raised_at=(3, 2))
    assert [one.kind for one in differences(snippet, part)] == [SUBSTANCE]


def test_comments_and_cells_are_substance_unless_both_raise() -> None:
    """Of comments, only what a rule names is form; cells that raise other types are too."""
    code = "import keras\ny = 3  # 3\n"
    assert kinds("", Result(comments={2: ["4"]}), code=code) == [SUBSTANCE]
    assert kinds("", Result(comments={2: ["3"]}), code=code) == []
    shape = "import keras\ny = 3  # (8, 3)\n"
    assert kinds("", Result(comments={2: ["torch.Size([8, 3])"]}), code=shape) == [FORM]
    assert kinds("", Result(comments={2: ["torch.Size([8, 4])"]}), code=shape) == [SUBSTANCE]
    table = "| A `a` | B `b(a)` |\n|---|---|\n| `1` | `raises TypeError` |\n"
    rows = {"code": "import keras\nb = abs\n", "table": table}
    _, snippet = snippet_of(**rows)
    key = snippet.key(snippet.tables[0].rows[0])
    for cell, expected in (("raises KeyError", [FORM]), ("(8, 3)", [SUBSTANCE])):
        assert kinds("", Result(cells={key: ["1", cell]}), **rows) == expected
    assert kinds("", Result(failures={key: "no"}), **rows) == [SUBSTANCE]


def test_a_row_that_only_logs_has_its_answer() -> None:
    """What TensorFlow says of its own code isn't the snippet's."""
    shows = "the row shows this, and a table has no place for it:\n"
    log = "WARNING:tensorflow:5 out of the last 5 calls\n"
    own = "WARNING:tensorflow:From /a/site-packages/keras/b.py:74: f is deprecated. Use g.\n\n"
    result = Result(own + "168\n", failures={7: shows + log, 8: shows + "168\n", 9: "no"})
    found = cleaned(result)
    assert found.output == "168\n"
    assert found.failures == {8: shows + "168\n", 9: "no"}


def test_sections_of_an_output() -> None:
    """What was printed, then warnings, then the error."""
    found = sections("1\nUserWarning: a\nb\nWARNING:absl:c\nValueError: d\n\ne\n")
    assert found.printed == "1\n"
    assert found.warned == ("UserWarning: a\nb\n", "WARNING:absl:c\n")
    assert found.raised == "ValueError: d\n\ne\n"


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: one.slug)
def test_every_environment_has_a_record_of_nearly_all_snippets(environment: Environment) -> None:
    """Of the snippets as they are now; its parts belong to them, and are rendered."""
    record = read_record(path_of(environment))
    assert record.environment == environment.name
    assert environment.package in record.versions
    assert {"python", environment.backend, "numpy"} <= record.versions.keys()
    now = {
        digest(page, snippet)
        for page in pages(DOCS)
        for snippet in page.snippets
        if runs_in(snippet, environment)
    }
    ran = {one for those in record.ran.values() for one in those}
    assert len(now & ran) >= LEAST_RUN * len(now), "run: make matrix"
    assert {part.snippet for part in record.parts} <= ran


def test_the_sites_own_keras_agrees_with_its_pages() -> None:
    """In an environment that holds what the lock has, nothing differs in substance."""
    for environment in ENVIRONMENTS:
        if environment.slug in ("keras-3.15", "tf_keras-2.21"):
            record = read_record(path_of(environment))
            assert not list(nightly.report(record)), environment


def test_planted_drifts_are_told_apart() -> None:
    """A message's words between 3.12 and 3.15 are form; what is accepted is substance."""
    found = {one.slug: shown_in(one) for one in ENVIRONMENTS}
    assert {
        kind for (page, _), kind in found["keras-3.12"].items() if page == "errors/rank.md"
    } == {FORM}
    versions = (
        "reference/compatibility.md",
        "Can I use another batch size than that of `batch_shape`?",
    )
    assert found["keras-2.2.4"][versions] == SUBSTANCE
    assert versions not in found["keras-2.12"]


def shown_in(environment: Environment) -> dict[tuple[str, str], str]:
    """Each section that differs in an environment, and the gravest kind of it."""
    parts = {part.snippet: part for part in read_record(path_of(environment)).parts}
    found: dict[tuple[str, str], str] = {}
    for page in pages(DOCS):
        for snippet in page.snippets:
            part = parts.get(digest(page, snippet))
            if part and runs_in(snippet, environment):
                key = named(page, snippet)[:2]
                serious = SUBSTANCE in [one.kind for one in differences(snippet, part)]
                found[key] = SUBSTANCE if serious else found.get(key, FORM)
    return found


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All fields of its parts, and texts of several lines."""
    part = Part(
        "a.md",
        "A `b`?",
        "0123456789",
        "1\n\n  2\n",
        {7: ["(8, 3)"]},
        {5: ["1", None], 6: "why"},
        (2, 3),
    )
    stopped = Part("b.md", "B", "abcdefghij", stopped="did not end")
    record = Record(
        "Keras 3.0", {"keras": "3.0.5"}, "2026-11-29", {"a.md": ["0123456789"]}, [part, stopped]
    )
    record.write(tmp_path / "r.yaml")
    assert read_record(tmp_path / "r.yaml") == record


@pytest.mark.parametrize("text", ["", "a: [", "parts: 1\n", "- 1\n"])
def test_a_damaged_record_is_named(text: str, tmp_path: Path) -> None:
    """With the way to make it anew."""
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(
        ValueError, match=r"r\.yaml: not a record: .*; delete it and run make matrix"
    ):
        read_record(path)


def test_a_snippet_takes_keras_from_where_it_is_there() -> None:
    """Before tf_keras, Keras 2 was in keras."""
    page = parse_page("# P\n\n```python\nimport keras\nkeras.__name__\n```\n", Path("p.md"))
    snippet = next(one for one in page.snippets if one.generation == KERAS_2)
    assert job_in(page, snippet, "tf_keras").code == "import tf_keras as keras\nkeras.__name__\n"
    assert job_in(page, snippet, "keras").code == "import keras as keras\nkeras.__name__\n"


@pytest.mark.parametrize(
    ("version", "packages"),
    [
        ("3.9.2", ("keras==3.9.2", "tensorflow==2.19.1", "tf_keras==2.19.0")),
        ("3.10.0", ("keras==3.10.0", "tensorflow==2.19.1", "tf_keras==2.19.0")),
        ("2.13.1", ("keras==2.13.1", "tensorflow~=2.13.0")),
    ],
)
def test_a_version_gets_the_packages_of_its_time(version: str, packages: tuple[str, ...]) -> None:
    """Those of the last row of the table that isn't newer; Keras 2 has its own TensorFlow."""
    assert environment_for(version).packages == packages


@pytest.mark.parametrize("version", ["", "new", "3.x", "1.0"])
def test_what_is_no_version_is_said(version: str) -> None:
    """Before anything is installed."""
    with pytest.raises(NotMade):
        environment_for(version)


def test_what_cannot_be_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that isn't made has no record, and doesn't pass."""
    monkeypatch.setattr("matrix.environments.FOLDER", tmp_path)
    monkeypatch.setattr("matrix.environments.UV", Path(sys.executable))
    with pytest.raises(NotMade):
        make(ENVIRONMENTS[0])
    assert not (tmp_path / ENVIRONMENTS[0].slug / "made").exists()


@pytest.mark.parametrize("is_enough", [True, False])
def test_where_space_is_short_there_is_one_environment_at_a_time(
    is_enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others make room; where that isn't enough, the disk is named, and nothing installed."""
    other, folder = tmp_path / "keras-3.0", tmp_path / ENVIRONMENTS[0].slug

    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if other.exists() or not is_enough else LEAST_SPACE)

    monkeypatch.setattr("matrix.environments.FOLDER", tmp_path)
    monkeypatch.setattr("matrix.environments.shutil.disk_usage", usage)
    monkeypatch.setattr("matrix.environments._uv", lambda *_: folder.mkdir(exist_ok=True))
    other.mkdir()
    (other / "made").touch()
    if is_enough:
        make(ENVIRONMENTS[0])
    else:
        with pytest.raises(NotMade, match=r"0\.0 GB are free in .*, and it needs 6"):
            make(ENVIRONMENTS[0])
    assert not other.exists()
    assert folder.exists() == is_enough


@pytest.mark.parametrize("coming", nightly.COMING, ids=lambda one: one.slug)
def test_what_comes_has_one_keras(
    coming: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TensorFlow's candidates ask for keras-nightly, whose files are those of keras."""
    folder = tmp_path / coming.slug
    monkeypatch.setattr("matrix.environments.FOLDER", tmp_path)
    monkeypatch.setattr("matrix.environments._uv", lambda *_: folder.mkdir(exist_ok=True))
    assert make(coming) == str(folder / "bin" / "python")
    excluded = set((folder / "excludes.txt").read_text().split())
    assert excluded == {"keras", "keras-nightly"} - set(coming.packages)


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/true"])
def test_a_python_without_keras_is_named(python: str) -> None:
    """With what to install there."""
    with pytest.raises(NotMade, match=python):
        environment_at(python)


def test_the_pages_are_proved_on_the_readers_keras(tmp_path: Path) -> None:
    """Substance fails, with page and line; form is listed; what agrees passes."""
    code = (
        "import keras\n\nlstm = keras.layers.LSTM(3)\n"
        "lstm(keras.Input((2, 10)))  # (None, {units})\n"
    )
    raises = "import keras\n\nkeras.layers.LSTM(3, {argument}=True)\n"
    says = "ValueError: other words\n"
    mark = "<!--pytest-codeblocks:expected-output-->"
    blocks = [code.format(units=units) for units in (3, 4)]
    text = "# Page\n\n" + "".join(f"```python\n{one}```\n\nThen:\n\n" for one in blocks)
    text += f"```python\n{raises.format(argument='foo')}```\n\n{mark}\n\n```text\n{says}```\n"
    (tmp_path / "page.md").write_text(text)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["proof.plugin", "matrix.plugin"]\n')
    done = run(
        "pytest", "page.md", "--keras", sys.executable, "-q", "-p", "no:randomly", cwd=tmp_path
    )
    assert "2 passed" in done.stdout, done.stdout
    assert "1 failed" in done.stdout
    assert re.search(
        r"page\.md:\d+: Keras 3[\d.]+: \(None, 3\) instead of \(None, 4\)", done.stdout
    )
    assert re.search(
        r"Differences of form =+\n\S*page\.md:\d+: the words of the error", done.stdout
    )


def test_the_nightly_issue_has_the_drift_and_its_diff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Substance with page, line and diff; of form, only how much."""
    (tmp_path / "docs").mkdir()
    text = (
        "# Page\n\n```python\nimport keras\nprint(168)\n```\n\n"
        "<!--pytest-codeblocks:expected-output-->\n\n```text\n168\n```\n"
    )
    (tmp_path / "docs" / "page.md").write_text(text)
    monkeypatch.setattr(nightly, "ROOT", tmp_path)
    page = next(pages(tmp_path / "docs"))
    part = part_of(page, page.snippets[0], Result("169\n"))
    record = Record("Keras 3 nightly", {"keras": "3.16"}, "2026-11-29", {}, [part])
    report = "\n".join(nightly.report(record))
    assert "- `docs/page.md:10`: what is printed" in report
    assert "  -168\n  +169" in report
    assert not list(nightly.report(replace(record, parts=[])))


def test_neighbors_are_named_as_a_range() -> None:
    """Other backends and packages stand alone."""
    by_slug = {one.slug: one for one in ENVIRONMENTS}
    some = [by_slug[f"keras-3.{minor}"] for minor in (0, 3, 6, 12)]
    assert notes.names(some) == "Keras 3.0 to 3.6, Keras 3.12"
    others = [by_slug[slug] for slug in ("keras-2.12", "keras-2.15", "tf_keras-2.21")]
    assert notes.names(others) == "Keras 2.12 to 2.15, tf_keras 2.21"


def test_the_compatibility_page_has_a_column_for_each_environment(site: Path) -> None:
    """Each row has an answer of each; none is left out."""
    html = parsed(site / "reference" / "compatibility" / "index.html")
    tables = html.select("article table")
    assert len(tables) >= 5
    for table in tables:
        heads = [cell.get_text() for cell in table.select("thead th")]
        assert heads[2:] == [one.name.removeprefix("Keras ") for one in ENVIRONMENTS]
        for row in table.select("tbody tr"):
            cells = [cell.get_text().strip() for cell in row.select("td")]
            assert len(cells) == len(heads)
            assert all(cells)
            assert "not run" not in cells
            assert not any("torch.Size" in cell for cell in cells)


def test_a_snippet_that_differs_has_a_note(site: Path) -> None:
    """With what other versions showed; readable without JavaScript."""
    notes_there = parsed(site / "layers" / "stateful" / "index.html").select("details.elsewhere")
    assert any("Keras 3" in note.summary.get_text() for note in notes_there)
    for note in notes_there:
        assert note.select("div[data-in] samp")


def test_no_place_of_a_note_is_left(site: Path) -> None:
    """Neither on a page nor in what machines read."""
    for path in [*site.rglob("*.html"), *site.rglob("*.md"), *site.glob("*.txt")]:
        assert "differs-elsewhere" not in path.read_text("utf-8"), path


def test_a_reader_picks_a_version_once(browser: Browser, address: str) -> None:
    """What it shows is unfolded, other notes are hidden; the next page knows it."""
    with browser.new_page() as page:
        page.goto(f"{address}/layers/stateful/")
        choice = page.get_by_label("Your version of Keras")
        assert choice.locator("option").count() == len(ENVIRONMENTS) + 1
        choice.select_option("Keras 3.9")
        own = page.locator("details.elsewhere:has([data-in~='keras-3.9'])")
        expect(own.first).to_have_attribute("open", "")
        expect(own.first.locator("summary")).to_have_text("In Keras 3.9")
        others = page.locator("details.elsewhere:not(:has([data-in~='keras-3.9']))")
        for index in range(others.count()):
            expect(others.nth(index)).to_be_hidden()
        page.goto(f"{address}/errors/data-types/")
        choice = page.get_by_label("Your version of Keras")
        expect(choice).to_have_value("keras-3.9")
        expect(page.locator("details.elsewhere[open]").first).to_be_visible()
        choice.select_option("")
        expect(page.locator("details.elsewhere[open]")).to_have_count(0)


def test_tabs_and_columns_are_those_of_the_readers_version(browser: Browser, address: str) -> None:
    """Keras 2 opens its tabs; the compatibility page shows one column beside the newest."""
    with browser.new_page() as page:
        page.goto(f"{address}/layers/stateful/")
        second = page.locator(".tabbed-set > input:nth-of-type(2)")
        for version, is_keras_2 in (("Keras 2.12", True), ("Keras 3.9", False)):
            page.get_by_label("Your version of Keras").select_option(version)
            for index in range(second.count()):
                expect(second.nth(index)).to_be_checked(checked=is_keras_2)
        page.goto(f"{address}/reference/compatibility/")
        heads = page.locator(".matrix th:visible")
        tables = page.locator(".matrix table").count()
        expect(heads).to_have_count(3 * tables)
        # Not the inner texts, which a table that isn't drawn yet doesn't have.
        assert {head.strip() for head in heads.all_text_contents()[2::3]} == {"3.9"}
        page.get_by_label("Your version of Keras").select_option("")
        expect(heads).to_have_count((2 + len(ENVIRONMENTS)) * tables)
