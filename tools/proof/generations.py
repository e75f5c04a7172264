"""The generations of Keras: what stands in a tab holds in one, all else in both."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from proof.fences import Lines, Refused

KERAS_3, KERAS_2 = "Keras 3", "Keras 2"
PACKAGES = {KERAS_3: "keras", KERAS_2: "tf_keras"}

_TAB = re.compile(r' *=== "(Keras [23])"')
_IMPORT = re.compile(r"(?m)^( *)import keras( as \w+)?$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+) *")


@dataclass(frozen=True)
class Tab:
    """A tab: its line, the generation of Keras that it is for, the line of the first beside it."""

    line: int
    generation: str
    first: int


def find_tabs(lines: list[str], outside: Lines) -> dict[int, Tab | None]:
    """The tab that each line stands in.

    Raises Refused for another spelling of a tab, one without content, and an underlined heading.
    """
    heads: dict[int, str] = {}
    above = ""
    for number, line in outside:
        if line.lstrip().startswith("==="):
            if not (match := _TAB.fullmatch(line)):
                spelling = 'tabs are for generations: `=== "Keras 3"` and `=== "Keras 2"`'
                raise Refused(number, spelling)
            heads[number] = match[1]
        elif above.strip() and "|" not in above and _UNDERLINE.fullmatch(line):
            raise Refused(number, "an underlined heading; write `## ` before its words")
        above = line
    tabs: dict[int, Tab | None] = {}
    tab: Tab | None = None
    for number, line in enumerate(lines, 1):
        ended = None
        if tab and line.strip() and _indent(line) < _indent(lines[tab.line - 1]) + 4:
            ended, tab = tab, None
        tabs[number] = tab
        if number in heads:
            tab = Tab(number, heads[number], ended.first if ended else number)
    filled = {tab.line for n, line in enumerate(lines, 1) if line.strip() and (tab := tabs[n])}
    for number in heads.keys() - filled:
        raise Refused(number, "an empty tab; indent its content by four spaces")
    return tabs


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def tab_sets(lines: list[str], tabs: Mapping[int, Tab | None]) -> Iterator[int]:
    """The line on which each set of tabs begins.

    Raises Refused where a set isn't one of each generation, or both tabs hold the same.
    """
    beside: defaultdict[int, dict[Tab, list[str]]] = defaultdict(dict)
    for number, tab in tabs.items():
        if tab:
            beside[tab.first].setdefault(tab, []).append(lines[number - 1])
    for first, contents in beside.items():
        if [tab.generation for tab in contents] != [KERAS_3, KERAS_2]:
            raise Refused(
                first, "tabs are pairs: Keras 3, then Keras 2; put words between two pairs"
            )
        one, other = ("\n".join(content).strip() for content in contents.values())
        if one == other:
            raise Refused(first, "the same in both tabs; write it once, outside tabs")
        yield first


def generations(code: str, line: int, tab: Tab | None) -> tuple[str | None, ...]:
    """The generations in which a snippet must show what its page says; None where it has none.

    Outside tabs, code that imports `keras` stands for both. Raises Refused where it can't.
    """
    if tab:
        return (tab.generation,)
    packages, replaced = keras_packages(code), keras_packages(in_keras_2(code))
    if {name for _, name in packages} != {"keras"}:
        return (None,)
    if {name for _, name in replaced} != {"tf_keras"}:
        message = "Keras can't be replaced here by Keras 2; write `import keras` alone on a line"
        raise Refused(line + packages[0][0], message)
    return KERAS_3, KERAS_2


def in_keras_2(code: str) -> str:
    """Code that imports `keras`, with Keras 2 instead; on the same lines."""
    code = _IMPORT.sub(lambda found: f"{found[1]}import tf_keras{found[2] or ' as keras'}", code)
    return re.sub(r"(?m)^( *from )keras(?=[. ])", r"\1tf_keras", code)


def same_program(code: str, in_2: str) -> bool:
    """Whether code for Keras 3 and code for Keras 2 differ at most in their imports."""
    return sorted(in_keras_2(code).splitlines()) == sorted(in_2.splitlines())


@lru_cache(maxsize=4096)
def keras_packages(code: str) -> tuple[tuple[int, str], ...]:
    """The lines on which code takes Keras from a package, and that package."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    packages = []
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and node.attr == "keras":
            names = [f"{ast.unparse(node.value)}.keras"]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [str(one.value) for one in node.args if isinstance(one, ast.Constant)]
        for name in names:
            first, *others = name.split(".")
            if first in PACKAGES.values() or "keras" in others:
                package = first if first in PACKAGES.values() else f"{first}.keras"
                packages.append((getattr(node, "lineno", 1), package))
    return tuple(packages)
