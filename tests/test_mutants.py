"""Small changes in the real pages are caught: some in each run, more with `make mutants`."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from mutants import ANSWERS, Mutant, answers_of, classify, mutants_of
from passed import digest, note_passed, passed_before
from project import DOCS, PAGES, ROOT
from proof.installed import installed_digest
from proof.page import read_page
from proof.plugin import site_of
from proof.prove import FIGURES
from proof.results import ResultCache
from sentence_mutants import is_left_to_people, is_of_sentence

JUDGES = [
    *sorted((ROOT / "tools" / "proof").glob("*.py")),
    *sorted((ROOT / FIGURES).iterdir()),
    *(
        ROOT / "mkdocs.yml",
        ROOT / "tests" / "mutants.py",
        Path(__file__).with_name("sentence_mutants.py"),
        Path(__file__),
    ),
]


def chosen(mutants: list[Mutant], of_code: int, rng: random.Random) -> list[Mutant]:
    """Each mutant of an answer or a sentence, and some of the others, of many operators."""
    others = [mutant for mutant in mutants if not _is_always_tried(mutant)]
    rng.shuffle(others)
    turns: Counter[str] = Counter()
    ranked = []
    for mutant in others:
        turns[mutant.operator] += 1
        ranked.append((turns[mutant.operator], len(ranked), mutant))
    always = [mutant for mutant in mutants if _is_always_tried(mutant)]
    return always + [mutant for *_, mutant in sorted(ranked, key=lambda one: one[:2])[:of_code]]


def _is_always_tried(mutant: Mutant) -> bool:
    return mutant.operator in ANSWERS or is_of_sentence(mutant.operator)


def counted(operators: list[str], classes: list[str]) -> dict[str, Counter[str]]:
    """How many mutants of a page became what, by operator; all that are refused are one, caught."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (operator, became), count in Counter(zip(operators, classes, strict=True)).items():
        counts[operator].update({"caught": 1} if became == "refused" else {became: count})
    return counts


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_mutants_of_a_page_are_caught(
    path: Path,
    request: pytest.FixtureRequest,
    results: ResultCache,
    record_property: Callable[[str, object], None],
) -> None:
    """None passes, unless a reader sees no difference, Keras answers alike, or people must judge.

    Not judged again where all were before, and nothing changed that judges them.
    """
    options = request.config.option.mutant_seed, request.config.option.code_mutants
    name = f"mutants/{path.relative_to(DOCS)}"
    key = digest(path, *JUDGES, installed_digest(), options)
    if kept := passed_before(name, key):
        return record_property("mutants", json.loads(kept))
    rng = random.Random(options[0])
    page = read_page(path, path.relative_to(ROOT))
    mutants = chosen(list(mutants_of(page, rng)), options[1], rng)
    site = site_of(ROOT)
    run = answers_of(page, results.run)
    classes = [classify(mutant, run, site) for mutant in mutants]
    survived = [m for m, one in zip(mutants, classes, strict=True) if one == "survived"]
    counts = counted([mutant.operator for mutant in mutants], classes)
    became = json.dumps([counts, [mutant.diff() for mutant in survived]])
    record_property("mutants", json.loads(became))
    mistakes = [one.diff() for one in survived if not is_left_to_people(one.operator)]
    assert not mistakes, "\n\n".join(mistakes)
    assert "caught" in classes or not page.snippets
    note_passed(name, key, became)
