"""The names in a page's sentences: whether they exist, and their values."""

import json
import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from proof.evidence import Evidence
from proof.protocol import Job, Result

_WORD = re.compile(r"[^\W\d]\w*")
_SETTING = re.compile(r"""\b([a-z_]\w*) ?= ?(True|False|None|"[^"]*"|'[^']*')(?!\w)""")
_NAME_IN_HEADING = re.compile(r"[^\W\d]\w*_\w+|[A-Z]\w*[a-z][A-Z]\w*|\b\w+(?=\()")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The names that packages have, and the defaults of their parameters, as Python spells them."""

    names: frozenset[str]
    defaults: dict[str, list[str]]


def vocabulary(run: Callable[[Job], Result]) -> Vocabulary:
    """Ask the installed packages for their names. Raises SnippetStopped."""
    script = Path(__file__).with_name("known_names.py")
    shown = run(Job(script.name, script.read_text(encoding="utf-8"))).output
    names, defaults = json.loads(shown.split("\n", 1)[0])
    return Vocabulary(frozenset(names), defaults)


def words_of(code: str) -> set[str]:
    """The names, and other words, in code or output."""
    return set(_WORD.findall(code))


def unknown_names(span: str, words: Set[str], known: Vocabulary) -> Iterator[str]:
    """The names in a span of code that stand in no code that was run, and that nothing has."""
    for name in _WORD.findall(span):
        if name not in words and name not in known.names:
            yield name


def names_in_heading(words: str) -> str:
    """What is a name in the words of a heading, by its form."""
    return " ".join(_NAME_IN_HEADING.findall(words))


def unset_values(
    span: str, near: Evidence, known: Vocabulary, *, says_default: bool
) -> Iterator[str]:
    """Each `name=value` of a span that code near it doesn't set.

    It may be the default, where that is said.
    """
    around = set(_settings(near.text))
    for name, value in _settings(span):
        defaults = {_spelled(one) for one in known.defaults.get(name, []) if says_default}
        if (name, value) not in around and value not in defaults:
            yield f"{name}={value}"


def _settings(code: str) -> Iterator[tuple[str, str]]:
    for name, value in _SETTING.findall(code):
        yield name, _spelled(value)


def _spelled(value: str) -> str:
    return value.replace("'", '"')
