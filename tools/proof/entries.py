"""The entries of the pages of errors: each cause raises the message, and has a fix that runs.

An entry is a second-level heading, a part of a message. Its causes are its third-level headings;
it is one itself where it has none. What only an old version said is quoted: TensorFlow 2.3 said:
"…". An entry "No error: …" shows by numbers what is silently wrong.
"""

import re
from collections.abc import Iterable, Iterator

from proof.claims import marked_quotes
from proof.page import Page
from proof.sections import Section

_RAISED = re.compile(r"(?m)^ *\w+(?:Error|Exception)\b")
_WARNED = re.compile(r"(?m)^ *(?:\w+Warning\b|WARNING:)")
_SILENT = "## No error: "


def incomplete_entries(page: Page) -> Iterator[tuple[int, str]]:
    """The line and the fault of each cause without a program that raises, or without a fix."""
    sections = dict.fromkeys(page.sections.values())
    for entry in [one for one in sections if one.level == 2]:
        title = page.lines[entry.start - 1]
        if not title.startswith(_SILENT):
            causes = [one for one in sections if one.level == 3 and one in entry]
            for cause in causes or [entry]:
                yield from _faults(page, entry, cause)


def _faults(page: Page, entry: Section, cause: Section) -> Iterator[tuple[int, str]]:
    """What a cause lacks."""
    title = page.lines[entry.start - 1].removeprefix("## ")
    is_old = _has(title, marked_quotes("\n".join(page.lines[entry.start - 1 : entry.end - 1])))
    programs = _programs(page, cause)
    raising = [line for line, shown in programs.items() if _RAISED.search(shown)] or [
        line for line, shown in programs.items() if _WARNED.search(shown)
    ]
    if not raising and not is_old:
        yield cause.start, "no program here raises or warns; show the smallest one that does"
    last = raising[-1] if raising else cause.start
    if not any(line > last for line in programs):
        yield last, "no program that runs comes after this one; show the fix"
    if raising and not is_old and not _has(title, programs.values()):
        advice = "show it, or move this to the entry of what it shows"
        yield cause.start, f'no program here shows "{title}", as the entry says; {advice}'


def _has(title: str, texts: Iterable[str]) -> bool:
    """Whether the words of a heading, up to a comma or an "or", stand in this order in a text.

    It may be another layer's message than the LSTM's.
    """
    either = [part.partition(", ")[0] for part in title.split(", or ")]
    words = [[word for word in re.findall(r"\w+", part) if word != "LSTM"] for part in either]
    patterns = [r"\b.{,200}?\b".join(part) for part in words]
    return any(re.search("|".join(patterns), text, re.DOTALL) for text in texts)


def _programs(page: Page, section: Section) -> dict[int, str]:
    """What each program of a section shows, by its line; two tabs are one program."""
    shown: dict[int, str] = {}
    for snippet in page.snippets:
        line = snippet.tab.first if snippet.tab else snippet.fence.line
        if section.start <= line < section.end:
            shown[line] = shown.get(line, "") + (snippet.output or "")
    return shown
