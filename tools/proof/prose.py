"""What a page states in words, and whether anything that is run says the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from proof.claims import NOT_RUN, generations_in, named_twice, unshown_quotes, wrong_generation
from proof.entries import incomplete_entries
from proof.evidence import Evidence, Figures, PageEvidence, drawn
from proof.fences import CODE_SPAN, code_spans
from proof.named_shapes import unanswered
from proof.names import Vocabulary, names_in_heading, unknown_names, unset_values, words_of
from proof.page import Page
from proof.sections import is_question
from proof.shape_comments import SHAPE
from proof.stated_numbers import missing_counts, missing_numbers

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[*_(\[\"`]*[A-Z`])")
_WHOLE = re.compile(r'"[^"]*"|`[^`]*`')
_TAB = re.compile(r' *=== "')


@dataclass(frozen=True, eq=False)
class Known:
    """What sentences are judged by, besides their page.

    `words`: the names in the site's blocks of code. `outputs`: all that its blocks show.
    `vocabulary`: the names that exist.
    """

    words: frozenset[str]
    outputs: str
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Sentence:
    """A sentence, and what was run for it.

    `near`: near it, in the generation that it speaks of. `both`: the same in both.
    `own`: in its section alone. `linked`: where it links to, if it names a generation. `is_run`:
    false in a paragraph that says "not run here".
    """

    text: str
    is_run: bool
    near: Evidence
    both: Evidence
    own: Evidence
    linked: Evidence


def unsupported(page: Page, figures: Figures, known: Known) -> Iterator[str]:
    """A message for each statement in the prose that nothing run supports."""
    for line, sentence in _sentences(page, figures):
        for problem in _problems(sentence, known):
            yield f"{page.path}:{line}: {problem}"
    for line, text in page.prose:
        if generation := named_twice(text):
            yield f"{page.path}:{line}: this names {generation} twice, not the other; say it once"
    if page.path.parent.name == "errors" and page.path.stem != "index":
        for line, fault in incomplete_entries(page):
            yield f"{page.path}:{line}: {fault}"
    for line in misnamed_figures(page, figures):
        yield f"{page.path}:{line}: name the figure's shapes as it draws them, from left to right"


def _sentences(page: Page, figures: Figures) -> Iterator[tuple[int, Sentence]]:
    """The sentences of a page, with their lines."""
    evidence = PageEvidence(page, figures)
    for line, text in page.prose:
        if _TAB.match(text) or not text.strip():
            continue
        tab = page.tabs[line]
        for part in [text] if is_question(text) else _split(text):
            named = set(generations_in(part)) or ({tab.generation} if tab else set())
            only = min(named) if len(named) == 1 else None
            near, both = evidence.near(line, only), evidence.near(line)
            own, is_run = evidence.near(line, opening=False), not NOT_RUN.search(text)
            linked = evidence.linked(part if generations_in(part) else "")
            yield line, Sentence(part, is_run, near, both, own, linked)


def _split(text: str) -> Iterator[str]:
    """The sentences of a text, split at none of the points within code or quotes."""
    masked = _WHOLE.sub(lambda whole: f'"{"x" * (len(whole[0]) - 2)}"', text)
    start = 0
    for space in _SENTENCE.finditer(masked):
        yield text[start : space.start()]
        start = space.end()
    yield text[start:]


@lru_cache(maxsize=16384)  # a page is judged again for each of its mutants
def _problems(sentence: Sentence, known: Known) -> tuple[str, ...]:
    return tuple(_found(sentence, known))


def _found(sentence: Sentence, known: Known) -> Iterator[str]:
    """What is wrong with a sentence."""
    text, near, own = sentence.text, sentence.near, sentence.own
    spans = code_spans(text)
    is_premise = is_question(text)
    for number in missing_numbers(text, near.text if is_premise else near.answers, near.code):
        yield (
            f"`{number}` is shown by no output, shape comment, table or figure "
            "of this section or of the page's opening; show it there, or leave the number out"
        )
    for count in missing_counts(text, near if is_premise or not own.shapes else own):
        yield f'nothing in this section has "{count}"; show it there, or leave the number out'
    heading = names_in_heading(CODE_SPAN.sub(" ", text)) if text.startswith("#") else ""
    words = known.words | words_of(near.text) | near.sizes.keys()
    for name in unknown_names(" ".join([*spans, heading]), words, known.vocabulary):
        yield f"`{name}` is no name in code on this site, in Keras, TensorFlow, NumPy or Python"
    for span in spans:
        yield from unanswered(span, near)
    if not is_premise:
        yield from _unshown(sentence, known)
    if sentence.is_run:
        yield from _found_in_runs(sentence, spans, known)


def _unshown(sentence: Sentence, known: Known) -> Iterator[str]:
    """The quotes of a sentence that nothing shows, and no old version said."""
    for quote in unshown_quotes(
        sentence.text, sentence.near, sentence.both, known.outputs, is_run=sentence.is_run
    ):
        yield (
            f'"{quote}" is in no output of the site, or in one of the other generation; quote '
            'what is shown, or what an old version said, as in: TensorFlow 2.3 said: "…" (and keep '
            "the message in tools/proof/old_messages.csv)"
        )


def _found_in_runs(sentence: Sentence, spans: list[str], known: Known) -> Iterator[str]:
    """What is wrong with a sentence, where it tells of something that is run."""
    text, near, both = sentence.text, sentence.near, sentence.both
    default = "default" in text
    for span in spans:
        for value in unset_values(span, near, known.vocabulary, says_default=default):
            yield (
                f"`{value}` is not set in the code of this section, or of the page's opening; set "
                "it there, or, if it is the default, say so"
            )
    if is_question(text):
        return
    yield from wrong_generation(text, near, both, sentence.linked)


def misnamed_figures(page: Page, figures: Figures) -> Iterator[int]:
    """The lines whose words for a figure don't name its shapes in the order that it draws them."""
    for number, line in page.prose:
        for image in _IMAGE.findall(line):
            shapes = iter(re.findall(SHAPE, " ".join(drawn(image, figures))))
            if not all(shape in shapes for shape in re.findall(SHAPE, image)):
                yield number
