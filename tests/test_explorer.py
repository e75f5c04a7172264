"""The shape explorer, in a real browser: what it says is what both generations of Keras do."""

import gzip
import inspect
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from accessibility import violations
from project import PAGES, address_of, run
from proof.generations import in_keras_2
from proof.protocol import Job
from proof.results import ResultCache
from served import served

Choices = dict[str, Any]

LARGEST, LARGEST_STYLE = 12 * 1024, 1536  # all modules of the explorer, as they travel; its styles
LIMIT = 900  # seconds for thousands of layers, on a busy machine
LAYERS = ("LSTM", "GRU", "SimpleRNN")
# For each generation: (batch, timesteps, features, units). Keras 2 needs longer for a layer.
PAIRS = ((None, None), (None, 1), (None, 6), (1, 1), (1, 6), (8, None), (8, 6))
SIZES = {
    3: [(*pair, *rest) for rest in ((10, 3), (1, 4)) for pair in PAIRS],
    2: [(None, 5, 7, 3), (4, None, 1, 6)],
}
PLACES = [page for page in PAGES if "#shape-explorer" in page.read_text("utf-8")]
HOME = "#shape-explorer"
SENTENCE = "Choose a layer and its sizes here"


def combinations(layer: str, sizes: list[tuple[int | None, ...]]) -> Iterator[Choices]:
    """Every combination of the switches for a layer, with each of some sizes."""
    modes = ("off", "concat", "sum", "mul", "ave", "None")
    both = (False, True)
    resets = both if layer == "GRU" else (True,)
    switches = ("return_sequences", "return_state", "use_bias", "stateful", "reset_after")
    for mode, *values in itertools.product(modes, both, both, both, both, resets):
        for size in sizes:
            yield {
                "layer": layer,
                "bidirectional": mode,
                **dict(zip(switches, values, strict=True)),
                **dict(zip(("batch", "timesteps", "features", "units"), size, strict=True)),
            }


# What Keras does for each combination, a line for each: [outputs, states that are kept, sizes of
# the weights of one direction, number of parameters], or the type of an error and its beginning.
# Neither the weights' first values nor the activation change a shape; with these it takes a third.
PROGRAM = """\
import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import keras

Choices = dict[str, Any]


{combinations}

def made(choices):
    names = ["return_sequences", "return_state", "use_bias", "stateful"]
    if choices["layer"] == "GRU":
        names.append("reset_after")
    layer = getattr(keras.layers, choices["layer"])(
        choices["units"],
        kernel_initializer="zeros",
        recurrent_initializer="zeros",
        activation="relu",
        **{{name: choices[name] for name in names}},
    )
    mode = choices["bidirectional"]
    if mode == "off":
        return layer
    return keras.layers.Bidirectional(layer, merge_mode=None if mode == "None" else mode)


def shapes(tensors):
    return [list(tensor.shape) for tensor in tensors]


def answer(layer, choices):
    shape = [choices[name] for name in ("batch", "timesteps", "features")]
    returned = layer(keras.Input(batch_shape=shape))
    one = getattr(layer, "forward_layer", layer)
    parts = [one] if one is layer else [one, layer.backward_layer]
    kept = [state for part in parts if choices["stateful"] for state in part.states]
    return [
        shapes(returned if isinstance(returned, (list, tuple)) else [returned]),
        shapes(kept),
        [math.prod(weight.shape) for weight in one.trainable_weights],
        layer.count_params(),
    ]


last = layer = None
for number, choices in enumerate(combinations({layer!r}, {sizes!r})):
    if number % 200 == 0:
        keras.backend.clear_session()  # takes as long as some layers
    key = [value for name, value in choices.items() if name not in ("batch", "timesteps")]
    if key != last or choices["stateful"]:  # whose states have the first batch's size
        last, layer = key, made(choices)
    try:
        print(json.dumps(answer(layer, choices)))
    except Exception as error:
        print(json.dumps([type(error).__name__, str(error)[:80]]))
"""
# Of some programs, what the lines with a comment are, and the shapes of what their layer returns
# for an array.
RUN = """\
import json

import numpy as np


def shown(value):
    return str(tuple(value.shape) if hasattr(value, "shape") else value)


for code, shape in {programs!r}:
    names = {{}}
    exec(code, names)
    lines = [line.partition("  # ")[0] for line in code.splitlines() if "  # " in line]
    values = [eval(line.partition(" = ")[0], names) for line in lines]
    returned = names["layer"](np.zeros(shape))
    returned = returned if isinstance(returned, (list, tuple)) else [returned]
    print(json.dumps([[shown(one) for one in values], [list(one.shape) for one in returned]]))
"""


@pytest.fixture(scope="module")
def page(quiet_page: Page, address: str) -> Page:
    """A page on which the explorer's modules are at hand."""
    quiet_page.goto(address)
    quiet_page.evaluate(
        """async () => {
            const [shapes, code] = await Promise.all(
                ["shapes", "code"].map((name) => import(`/assets/explorer/${name}.js`)));
            window.explain = (all) => all.map(shapes.explain);
            window.programs = (all) => all.map((one) => code.programs(one, shapes.explain(one)));
        }"""
    )
    return quiet_page


def keras_says(results: ResultCache, generation: int, name: str, code: str) -> list[Any]:
    """What a program prints in a generation of Keras, as data, line by line."""
    code = code if generation == 3 else in_keras_2(code)
    shown = results.run(Job(f"explorer {name}", code), LIMIT).output
    return [json.loads(line) for line in shown.splitlines() if line.startswith("[")]


@pytest.mark.parametrize("generation", SIZES)
@pytest.mark.parametrize("layer", LAYERS)
def test_it_says_what_keras_does(
    layer: str, generation: int, page: Page, results: ResultCache
) -> None:
    """Input, outputs in their order, states, each array of weights, their sum, and refusals."""
    cases = list(combinations(layer, SIZES[generation]))
    code = PROGRAM.format(
        combinations=inspect.getsource(combinations), layer=layer, sizes=SIZES[generation]
    )
    answers = keras_says(results, generation, layer, code)
    explained = page.evaluate("(all) => explain(all)", cases)
    wrong = [
        (choices, real, said)
        for choices, real, said in zip(cases, answers, explained, strict=True)
        if not is_right(choices, said, real, generation)
    ]
    assert not wrong, f"{len(wrong)} of {len(cases)}, such as {wrong[0]}"


def is_right(choices: Choices, said: dict[str, Any], real: list[Any], generation: int) -> bool:
    """Whether the explorer says of some choices what Keras does."""
    if "reason" in said:
        return real[0] == "ValueError" and real[1].startswith(said["says"][3 - generation])
    if said["onlyKeras2"] and generation == 3:
        return real[0] == "TypeError"
    weights = [said["blocks"] * term["count"] for term in said["terms"]]
    outputs, kept = ([one["shape"] for one in said[part]] for part in ("outputs", "kept"))
    sizes = [choices[name] for name in ("batch", "timesteps", "features")]
    return said["input"] == sizes and real == [outputs, kept, weights, said["total"]]


def test_there_are_many_cases() -> None:
    """Every combination of the switches, with several sizes, in each generation."""
    counts = {
        generation: sum(1 for layer in LAYERS for _ in combinations(layer, sizes))
        for generation, sizes in SIZES.items()
    }
    assert counts[3] >= 5000
    assert counts[2] >= 750


@pytest.mark.parametrize("generation", SIZES)
def test_features_that_are_open_are_refused_by_keras_too(
    generation: int, page: Page, results: ResultCache
) -> None:
    """The explorer says why: the weights depend on them."""
    (choices,) = itertools.islice(combinations("LSTM", [(8, 2, None, 3)]), 1)
    code = PROGRAM.format(
        combinations=inspect.getsource(combinations), layer="LSTM", sizes=[(8, 2, None, 3)]
    )
    assert all(isinstance(one[0], str) for one in keras_says(results, generation, "open", code))
    said = page.evaluate("(one) => explain([one])[0]", choices)
    assert said["field"] == "features"
    assert "weights depend on the features" in said["reason"]


@pytest.fixture(scope="module")
def sample(page: Page) -> list[tuple[Choices, dict[str, Any], list[dict[str, str]]]]:
    """Choices of every kind, with what the explorer says of them, and its programs."""
    rng = random.Random(0)
    sizes = [(8, 2, 10, 3), (1, 5, 1, 64), (4, 1, 20, 1), (None, None, 7, 5), (2, None, 3, 12345)]
    kinds: dict[tuple[Any, ...], list[Choices]] = {}
    for layer in LAYERS:
        for one in combinations(layer, sizes[:-1]):
            names = ("layer", "bidirectional", "return_state", "stateful")
            kinds.setdefault(tuple(one[name] for name in names), []).append(one)
    chosen = [
        rng.choice([one for one in kind if one["batch"] or not one["stateful"]])
        for kind in kinds.values()
    ]
    explained = page.evaluate("(all) => explain(all)", chosen)
    programs = page.evaluate("(all) => programs(all)", chosen)
    return list(zip(chosen, explained, programs, strict=True))


@pytest.mark.parametrize("generation", SIZES)
def test_its_code_runs_and_shows_what_it_says(
    generation: int, sample: list[Any], results: ResultCache
) -> None:
    """Each line is what its comment says; an array gives the same shapes as `Input`."""
    programs = []
    for choices, _, found in sample:
        sizes = [choices[name] or 4 for name in ("batch", "timesteps", "features")]
        code = found[0]["code"] if generation == 3 else found[-1]["code"]
        programs.append((in_keras_2(code) if generation == 2 else code, sizes))
    answers = keras_says(results, generation, "code", RUN.format(programs=programs))
    for (choices, said, found), (code, _), (values, returned) in zip(
        sample, programs, answers, strict=True
    ):
        comments = [line.partition("  # ")[2] for line in code.splitlines() if "  # " in line]
        assert values == comments, code
        assert len(comments) == len(said["outputs"]) + 1
        assert len(found) == 1 + said["onlyKeras2"], code
        outputs = [one["shape"] for one in said["outputs"]]
        if said["onlyKeras2"] and generation == 3:
            outputs = outputs[: len(returned)]
        known = {"batch": choices["batch"] or 4, "timesteps": choices["timesteps"] or 4}
        full = [
            [known["batch"], *(known["timesteps"] if n is None else n for n in shape[1:])]
            for shape in outputs
        ]
        assert returned == full, code


def test_its_code_is_formatted(sample: list[Any], tmp_path: Path) -> None:
    """As ruff does it, in lines that fit beside the count."""
    codes = {program["code"] for _, _, programs in sample for program in programs}
    assert len(codes) > 50
    for number, code in enumerate(sorted(codes)):
        (tmp_path / f"program_{number}.py").write_text(code, encoding="utf-8")
    formatted = run("ruff", "format", "--diff", "--config", "line-length=52", tmp_path)
    assert formatted.returncode == 0, formatted.stdout
    checked = run("ruff", "check", "--select", "E,F,I,UP", tmp_path)
    assert checked.returncode == 0, checked.stdout


def opened(tab: Page, address: str) -> Page:
    """A page with the explorer, which has been scrolled to."""
    tab.goto(address)
    tab.evaluate("document.getElementById('shape-explorer').scrollIntoView()")
    expect(tab.locator(f"{HOME} [role=status]")).not_to_be_empty()
    return tab


def said(tab: Page) -> str:
    """What the explorer says in a sentence."""
    return tab.locator(f"{HOME} [role=status]").inner_text().replace("\xa0", " ")


def field(tab: Page, label: str) -> Locator:
    """A field of the form, by its whole label."""
    return tab.locator(HOME).get_by_label(label, exact=True)


def test_it_is_used_by_keyboard(tab: Page, address: str) -> None:
    """Tab goes from field to field, keys choose, and each change is said at once."""
    opened(tab, address)
    assert said(tab) == "LSTM(3) reads (8, 2, 10) and returns (8, 3). It has 168 parameters."
    field(tab, "batch").focus()
    for key in (
        "Control+a",
        "Delete",
        "Tab",
        "ArrowUp",
        "Tab",
        "2",
        "0",
        "Tab",
        "ArrowDown",
        "Tab",
        "ArrowUp",
    ):
        tab.keyboard.press(key)
    assert said(tab) == "GRU(4) reads (None, 3, 20) and returns (None, 4). It has 312 parameters."
    for key in ("Tab", "c", "Tab", "Space"):
        tab.keyboard.press(key)
    assert said(tab) == (
        "Bidirectional(GRU(4)) reads (None, 3, 20) and returns (None, 3, 8). It has 624 parameters."
    )
    expect(tab.locator(f"{HOME} rect.returned")).to_have_count(6)


def test_the_address_keeps_what_was_chosen(tab: Page, address: str) -> None:
    """Only what differs from the start, beside what else it says; a reload finds it again."""
    opened(tab, f"{address}/learn/return-state/?h=state#why-is-the-output-the-same-as-h")
    assert tab.url.endswith("?h=state#why-is-the-output-the-same-as-h")
    expect(field(tab, "return_state")).to_be_checked()
    field(tab, "timesteps").fill("")
    field(tab, "layer").select_option("GRU")
    field(tab, "use_bias").uncheck()
    query = "?h=state&timesteps=None&layer=GRU&use_bias=False"
    assert tab.url.endswith(f"{query}#why-is-the-output-the-same-as-h")
    before = said(tab)
    opened(tab, tab.url)
    tab.reload()
    expect(field(tab, "use_bias")).not_to_be_checked()
    assert said(tab) == before
    field(tab, "timesteps").fill("2")
    field(tab, "layer").select_option("LSTM")
    field(tab, "use_bias").check()
    assert tab.url.endswith("?h=state#why-is-the-output-the-same-as-h")


@pytest.mark.parametrize(
    "query",
    [
        "units=0&features=-1&batch=2.5&timesteps=1e3",
        "units=None&features=100000&layer=Dense&bidirectional=True",
        "layer=<img src=x onerror=hacked=1>&stateful=1&use_bias=no&return_state",
        "layer=constructor&stateful=constructor&bidirectional=__proto__",
    ],
)
def test_a_bad_address_is_ignored(query: str, tab: Page, address: str) -> None:
    """Each choice is as at the start, and nothing of the address becomes HTML."""
    opened(tab, f"{address}/?{query}")
    assert said(tab) == "LSTM(3) reads (8, 2, 10) and returns (8, 3). It has 168 parameters."
    assert tab.evaluate("typeof hacked") == "undefined"
    assert tab.locator(f"{HOME} img").count() == 0


@pytest.mark.parametrize(
    ("query", "name", "text", "reason"),
    [
        ("stateful=True", "batch", "", "keeps a state for each sequence of the batch"),
        ("", "features", "", "The weights depend on the features."),
        ("", "units", "0", "units: give a whole number from 1 to 99,999."),
        ("", "timesteps", "2.5", "whole number from 1 to 99,999, or empty for None."),
    ],
)
def test_an_impossible_choice_says_why(
    query: str, name: str, text: str, reason: str, tab: Page, address: str
) -> None:
    """In the status, with the field marked; there is no answer, and the next choice has one."""
    opened(tab, f"{address}/?{query}")
    field(tab, name).fill(text)
    assert reason in said(tab)
    expect(field(tab, name)).to_have_attribute("aria-invalid", "true")
    expect(field(tab, name)).to_have_accessible_description(said(tab))
    expect(tab.locator(f"{HOME} :is(svg, pre)")).to_have_count(0)
    field(tab, name).fill("7")
    assert "It has" in said(tab)
    expect(tab.locator(f"{HOME} [aria-invalid=true]")).to_have_count(0)
    expect(tab.locator(f"{HOME} svg")).to_have_count(1)


def test_reset_after_is_for_a_gru(tab: Page, address: str) -> None:
    """Its label says so, and only a GRU lets it be chosen."""
    opened(tab, address)
    expect(field(tab, "reset_after (only GRU)")).to_be_disabled()
    field(tab, "layer").select_option("GRU")
    field(tab, "reset_after (only GRU)").uncheck()
    assert said(tab).endswith("It has 126 parameters.")


def test_what_only_keras_2_does_is_named(tab: Page, address: str) -> None:
    """The sentence says it, and each generation has its own code."""
    opened(tab, f"{address}/?bidirectional=sum&stateful=True&return_state=True")
    assert said(tab).startswith("Only in Keras 2: Bidirectional(LSTM(3)) reads")
    expect(tab.locator(".explorer-bar span")).to_have_text(["Keras 3", "Keras 2"])
    expect(tab.locator(HOME)).to_contain_text("Keras 3 raises a TypeError")
    expect(tab.locator(f"{HOME} pre").first).to_contain_text("layer.forward_layer.states")
    expect(tab.locator(f"{HOME} pre").last).to_contain_text("import tf_keras as keras")


def test_the_strip_marks_what_is_returned(tab: Page, address: str) -> None:
    """And says the same in words, for those who don't see it."""
    opened(tab, f"{address}/?timesteps=50&bidirectional=concat&return_state=True&layer=GRU")
    returned = tab.locator(f"{HOME} svg text.returned")
    assert returned.all_text_contents() == ["50", "h", "1", "h"]
    drawing = tab.locator(f"{HOME} svg[role=img]")
    expect(drawing).to_have_accessible_name(
        "GRU reads 10 features at 50 timesteps, from the first to the last, and backward. "
        "Returned: output, forward's last step, backward's step 1: side by side; "
        "h, last, forward; back_h, last, backward."
    )


def test_the_parameters_are_counted_term_by_term(tab: Page, address: str) -> None:
    """Each with its formula and its numbers."""
    opened(tab, f"{address}/?layer=GRU&bidirectional=concat")
    rows = tab.locator(".explorer-count tr").all_inner_texts()
    assert [" ".join(row.replace("\u00d7", "*").split()) for row in rows] == [
        "Parameters",
        "kernel features * units 10 * 3 30",
        "recurrent kernel units * units 3 * 3 9",
        "two biases 2 * units 2 * 3 6",
        "one block 45",
        "3 blocks 3 * 45 135",
        "2 directions 2 * 135 270",
    ]


def test_the_code_is_copied_and_leads_to_the_playground(
    browser: Browser, site: Path, address: str
) -> None:
    """As it stands there, and below a path too."""
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        tab = opened(context.new_page(), f"{address}/?return_sequences=True")
        tab.get_by_role("button", name="Copy", exact=True).click()
        expect(tab.get_by_role("button", name="Copied")).to_be_visible()
        code = tab.locator(f"{HOME} pre").inner_text()
        assert tab.evaluate("navigator.clipboard.readText()") == code
        with served(site.parent) as above:
            opened(tab, f"{above}/{site.name}/learn/stacking/")
            link = tab.get_by_role("link", name="Run this").get_attribute("href") or ""
    place, _, rest = link.partition("#code=")
    assert place == f"{above}/{site.name}/playground/"
    assert unquote(rest) == code


# What reaches out of the explorer, where the page would cut it off.
CUT_OFF = """() => {
    const explorer = document.querySelector(".explorer");
    const edge = explorer.getBoundingClientRect().right;
    return [...explorer.querySelectorAll("*")]
        .filter((one) => one.getBoundingClientRect().right > edge
            || one.matches("pre code") && one.scrollWidth > one.clientWidth)
        .map((one) => one.textContent);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_for_every_reader(width: int, scheme: Any, browser: Browser, address: str) -> None:
    """Axe finds nothing, nothing is wider than the window, and nothing has a style of its own."""
    most = "batch=99999&timesteps=None&return_state=True&return_sequences=True&stateful=True"
    queries = (
        "",
        f"{most}&bidirectional=None&units=99999&features=99999",
        "batch=None&stateful=True",
    )
    with browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme) as tab:
        for query in queries:
            opened(tab, f"{address}/?{query}")
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, query
            assert tab.evaluate(CUT_OFF) == [], query
            assert tab.locator(f"{HOME} [style]").count() == 0
            assert violations(tab) == [], query


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("place", PLACES, ids=lambda page: page.stem)
def test_nothing_jumps_when_it_comes(place: Path, width: int, tab: Page, address: str) -> None:
    """It needs no more room than is kept free for it, and nothing shifts before a reader's eyes."""
    held: list[Route] = []
    tab.route("**/explorer/explorer.js", lambda route: held.append(route))
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(f"{address}/{address_of(place)}")
    tab.evaluate("document.getElementById('shape-explorer').scrollIntoView()")
    tab.wait_for_timeout(500)  # what the theme itself moves
    tab.evaluate(
        """() => {
            window.shifts = [];
            const note = (list) => shifts.push(...list.getEntries().map((one) => one.value));
            new PerformanceObserver(note).observe({ type: "layout-shift" });
        }"""
    )
    kept = tab.locator(HOME).bounding_box()
    (route,) = held
    route.continue_()
    expect(tab.locator(".explorer-form")).to_be_visible()
    tab.wait_for_timeout(200)
    assert tab.locator(HOME).bounding_box() == kept
    assert tab.evaluate("shifts") == []


def test_it_is_small_and_waits_for_a_reader(site: Path, tab: Page, address: str) -> None:
    """12 KB of modules, and its styles, asked for when a reader comes near."""
    files = sorted((site / "assets" / "explorer").iterdir())
    weights = {file.name: len(gzip.compress(file.read_bytes(), 9)) for file in files}
    assert sum(weights.values()) - weights["explorer.css"] <= LARGEST, weights
    assert weights["explorer.css"] <= LARGEST_STYLE
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.set_viewport_size({"width": 1280, "height": 200})
    tab.goto(f"{address}/learn/parameters/")
    tab.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/explorer/" in url]
    opened(tab, tab.url)
    got = {url.rpartition("/")[2] for url in asked if "/explorer/" in url}
    assert got == {file.name for file in files}


@pytest.mark.parametrize("name", ["explorer.js", "shapes.js", "explorer.css"])
def test_its_sentence_stays_where_it_cannot_be_loaded(name: str, tab: Page, address: str) -> None:
    """Without the room that was kept free, and without an error."""
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.route(f"**/explorer/{name}", lambda route: route.abort())
    tab.goto(address)
    tab.evaluate("document.getElementById('shape-explorer').scrollIntoView()")
    expect(tab.locator(HOME)).to_have_class("failed")
    expect(tab.locator(HOME)).to_contain_text(SENTENCE)
    assert (tab.locator(HOME).bounding_box() or {})["height"] < 150
    assert not errors


def test_its_pages_are_of_use_without_javascript(browser: Browser, address: str) -> None:
    """Its place says what it needs and where the same stands, and takes no more room."""
    assert {page.stem for page in PLACES} >= {"index", "three-axes", "stacking", "parameters"}
    with browser.new_page(java_script_enabled=False) as page:
        for place in PLACES:
            page.goto(f"{address}/{address_of(place)}")
            expect(page.locator(HOME)).to_contain_text("needs JavaScript")
            link = page.locator(f"{HOME} a").get_attribute("href") or ""
            assert link.endswith("reference/cheat-sheet/")
            assert (page.locator(HOME).bounding_box() or {})["height"] < 150


@pytest.mark.parametrize("place", PLACES, ids=lambda page: page.stem)
def test_a_page_begins_with_choices_that_exist(place: Path, tab: Page, address: str) -> None:
    """What its `data-start` says is read, each part of it, and isn't put into the address."""
    opened(tab, f"{address}/{address_of(place)}")
    assert "?" not in tab.url
    start = tab.locator(HOME).get_attribute("data-start") or ""
    program = """async (start) => {
        const { read, write } = await import("/assets/explorer/state.js");
        const { START } = await import("/assets/explorer/shapes.js");
        return write(read(start, START), START, "");
    }"""
    assert tab.evaluate(program, start) == (f"?{start}" if start else "")
