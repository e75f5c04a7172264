"""Small lies in the real pages are caught: a sample in each run, all with `make mutants`."""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
import yaml

from downloads import EXAMPLES
from mutants import Judge, Mutant, mutants_of, with_lies
from project import PAGES, ROOT
from proof import drawing
from proof.figures import FIGURES, as_drawn
from proof.page import read_page
from proof.plugin import RUNNER
from proof.runner import Memory
from proof.worker import Job

SAMPLE = 120


def spread(mutants: list[Mutant], rng: random.Random) -> list[Mutant]:
    """A sample with as many mutants of each page, and in a page of each operator, as it can."""
    chosen = []
    for page in {mutant.page.path: None for mutant in mutants}:
        left = [mutant for mutant in mutants if mutant.page.path == page]
        rng.shuffle(left)
        turns: Counter[str] = Counter()
        ranks = []
        for mutant in left:
            turns[mutant.operator] += 1
            ranks.append(turns[mutant.operator])
        order = sorted(range(len(left)), key=lambda index: ranks[index])
        chosen += [left[index] for index in order[: -(-SAMPLE // len(PAGES))]]
    return chosen


def test_every_mutant_is_caught(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """No lie in a page passes, unless a reader sees no difference or Keras answers alike."""
    seed = request.config.option.mutant_seed
    rng = random.Random(seed)
    pages = [read_page(path, path.relative_to(ROOT)) for path in PAGES]
    mutants = [mutant for page in pages for mutant in mutants_of(page, rng)]
    if not request.config.option.all_mutants:
        mutants = spread(mutants, rng)
    judge = Judge(RUNNER, extensions())
    verdicts = [judge.verdict(mutant) for mutant in mutants]
    examples = [path.read_text("utf-8") for path in EXAMPLES]
    told = [lie for code in examples for lie in example_verdicts(code, rng)]
    others = [*figure_verdicts(judge.memory), *(verdict for _, verdict in told)]
    count = Counter([*verdicts, *others])
    with capsys.disabled():
        print(
            f"\n{count.total()} mutants, {count['caught']} caught, "
            f"{count['equivalent']} equivalent (seed {seed})"
        )
    survivors = [m.diff() for m, v in zip(mutants, verdicts, strict=True) if v == "survived"]
    survivors += [lie for lie, verdict in told if verdict == "survived"]
    assert not survivors, "\n\n".join(survivors)
    assert count["caught"] + count["equivalent"] == count.total()
    assert {mutant.page.path for mutant in mutants} >= {p.path for p in pages if p.snippets}
    assert len(mutants) >= (1000 if request.config.option.all_mutants else 100)


def figure_verdicts(memory: Memory) -> Iterator[str]:
    """Judge each figure with one digit of one of its labels another."""
    for figure in FIGURES:
        text = (drawing.FIGURES / f"{figure.name}.svg").read_text(encoding="utf-8")
        for label in re.finditer(r">[^<>]*</text>", text):
            for digit in re.finditer(r"\d", label[0]):
                at = label.start() + digit.start()
                lie = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
                yield "survived" if as_drawn(figure, lie, memory) else "caught"


def example_verdicts(code: str, rng: random.Random) -> list[tuple[str, str]]:
    """Judge an example with each number of its assertions another: it must fail."""
    program, lies = with_lies(code, rng)
    result = RUNNER.run(Job("example.py", program), limit=120)
    assert result.raised_at is None, result.output
    (standing,) = re.findall(r"^standing: (.*)$", result.output, re.MULTILINE)
    survived = json.loads(standing)
    return [(lie, "survived" if n in survived else "caught") for n, lie in enumerate(lies)]


@pytest.mark.parametrize(
    ("assertion", "verdicts"),
    [
        ("assert x.shape == (8, 2)", ["caught"] * 3),
        ("assert x.shape == (8, 2) or x.shape == (9, 9)", ["caught"] * 3 + ["survived"] * 2),
        ("if not x.size:\n    assert x.shape == (8, 2)", ["survived"] * 3),
        ("assert np.shape(None) != (None, 2)", ["survived"] * 4),
    ],
    ids=["can fail", "can't fail", "is never reached", "open axis"],
)
def test_an_assertion_of_an_example_is_judged(assertion: str, verdicts: list[str]) -> None:
    """One that can fail catches its lies; in one that can't, or never runs, they stand."""
    code = f"import numpy as np\n\nx = np.zeros((8, 2))\n{assertion}\n"
    assert [verdict for _, verdict in example_verdicts(code, random.Random(0))] == verdicts


def extensions() -> list:
    """The Markdown settings of the site."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(settings.replace("!ENV", ""))["markdown_extensions"]
