"""Small changes in the real pages are caught: some in each run, all with `make mutants`."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from mutants import ANSWER_OPERATORS, Mutant, answers_of, classify, mutants_of, with_mutants
from project import EXAMPLES, PAGES, ROOT
from proof.page import read_page
from proof.plugin import site_of
from proof.protocol import Job
from proof.results import ResultCache

SAMPLE = 3  # of a page, besides each digit of its answers
ANSWERS = {operator.__name__.strip("_") for operator in ANSWER_OPERATORS}


def chosen(mutants: list[Mutant], rng: random.Random) -> list[Mutant]:
    """Each mutant of an answer, and a sample of the others with as many operators as it can."""
    others = [mutant for mutant in mutants if mutant.operator not in ANSWERS]
    rng.shuffle(others)
    turns: Counter[str] = Counter()
    ranked = []
    for mutant in others:
        turns[mutant.operator] += 1
        ranked.append((turns[mutant.operator], len(ranked), mutant))
    answers = [mutant for mutant in mutants if mutant.operator in ANSWERS]
    return answers + [mutant for *_, mutant in sorted(ranked, key=lambda one: one[:2])[:SAMPLE]]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_mutants_of_a_page_are_caught(
    path: Path,
    request: pytest.FixtureRequest,
    results: ResultCache,
    record_property: Callable[[str, object], None],
) -> None:
    """None passes, unless a reader sees no difference or Keras answers alike."""
    rng = random.Random(request.config.option.mutant_seed)
    page = read_page(path, path.relative_to(ROOT))
    mutants = list(mutants_of(page, rng))
    if not request.config.option.all_mutants:
        mutants = chosen(mutants, rng)
    site = site_of(ROOT)
    run = answers_of(page, results.run)
    classes = [classify(mutant, run, site) for mutant in mutants]
    survived = [m.diff() for m, one in zip(mutants, classes, strict=True) if one == "survived"]
    assert not survived, "\n\n".join(survived)
    assert "caught" in classes or not page.snippets
    record_property("mutants", dict(Counter(classes)))


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda path: path.stem)
def test_mutants_of_an_example_are_caught(
    script: Path,
    request: pytest.FixtureRequest,
    results: ResultCache,
    record_property: Callable[[str, object], None],
) -> None:
    """Each number that it asserts, made another, makes the assertion fail."""
    rng = random.Random(request.config.option.mutant_seed)
    classes = classified_assertions(script.read_text(encoding="utf-8"), rng, results)
    assert not [mutant for mutant, one in classes if one == "survived"]
    record_property("mutants", dict(Counter(one for _, one in classes)))


def classified_assertions(
    code: str, rng: random.Random, results: ResultCache
) -> list[tuple[str, str]]:
    """The mutants of an example's assertions, each 'caught' or 'survived'."""
    program, mutants = with_mutants(code, rng)
    result = results.run(Job("example.py", program), limit=600)
    assert result.raised_at is None, result.output
    (found,) = re.findall(r"^survived: (.*)$", result.output, re.MULTILINE)
    survived = json.loads(found)
    return [(one, "survived" if n in survived else "caught") for n, one in enumerate(mutants)]


@pytest.mark.parametrize(
    ("assertion", "classes"),
    [
        ("assert x.shape == (8, 2)", ["caught"] * 3),
        ("assert x.shape == (8, 2) or x.shape == (9, 9)", ["caught"] * 3 + ["survived"] * 2),
        ("if not x.size:\n    assert x.shape == (8, 2)", ["survived"] * 3),
        ("assert np.shape(None) != (None, 2)", ["survived"] * 4),
    ],
    ids=["can fail", "can't fail", "is never reached", "open axis"],
)
def test_an_assertion_of_an_example_is_judged(
    assertion: str, classes: list[str], results: ResultCache
) -> None:
    """One that can fail catches its mutants; in one that can't, or never runs, they survive."""
    code = f"import numpy as np\n\nx = np.zeros((8, 2))\n{assertion}\n"
    found = classified_assertions(code, random.Random(0), results)
    assert [one for _, one in found] == classes
