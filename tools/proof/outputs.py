"""Which block is the output of which snippet."""

import re
from collections.abc import Mapping

from proof.fences import CODE_SPAN, Fence, Lines, Refused
from proof.generations import Tab

MARKER = "<!--pytest-codeblocks:expected-output-->"
OPEN = "…"  # at the end of a line: Python showed more, which may be anything

# An open line that says nothing, or leaves a number half said.
_VAGUE = re.compile(rf"(?:[\W\d_]*|.*\d){OPEN}\s*")
_HTML_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^>]*)?/?>")


def find_outputs(
    outside: Lines, fences: list[Fence], tabs: Mapping[int, Tab | None]
) -> dict[tuple[int, str | None], Fence]:
    """Which fence is the output of the snippet opened on which line, in which generation.

    The output of one generation stands in a tab under the snippet; in others it is None.

    Raises Refused for every comment that isn't the marker, a marker that doesn't stand between
    a snippet and a text block, and a text block that belongs to no snippet.
    """
    markers = []
    for number, line in outside:
        if tag := _HTML_TAG.search(CODE_SPAN.sub("", line)):
            raise Refused(number, f"what {tag[0]} shows isn't proved; write Markdown")
        if line.lstrip().startswith(">") and "|" in line:
            raise Refused(number, "a table in a quotation isn't run; take it out of it")
        if "<!" in line or ("-->" in line and "pytest" in line):
            if line.strip() != MARKER:
                raise Refused(number, f"no such comment here; the only one is {MARKER}")
            markers.append(number)

    blank = {number for number, line in outside if not line.strip()}
    outputs: dict[tuple[int, str | None], Fence] = {}
    by_start = {fence.line: fence for fence in fences}
    by_end = {fence.end: fence for fence in fences}
    for marker in markers:
        above, below, tab, generation = marker - 1, marker + 1, tabs[marker], None
        while above in blank:
            above -= 1
        while below in blank:
            below += 1
        if tab and above == tab.line:
            above, generation = tab.first - 1, tab.generation
            while above in blank:
                above -= 1
        snippet, output = by_end.get(above), by_start.get(below)
        if snippet in outputs.values():
            raise Refused(marker, "a second output for one snippet; keep one block")
        if not snippet or snippet.language != "python":
            raise Refused(marker, "a marker without a snippet right above; delete it")
        if not output or output.language != "text":
            raise Refused(marker, "a marker without a ```text block right below; add it")
        if output.end == output.line + 1:
            raise Refused(output.line, "an empty output; delete the block and its marker")
        outputs[snippet.line, generation] = output
    for fence in fences:
        if fence.language == "text" and fence not in outputs.values():
            raise Refused(
                fence.line,
                f"a text block that is no snippet's output; put {MARKER} between it and its "
                "snippet, or say it in prose",
            )
    return outputs


def check_open_lines(lines: Lines) -> None:
    """Raise Refused for a line of an output that ends in `…` and could stand for anything."""
    for number, line in lines:
        if _VAGUE.fullmatch(line):
            message = f"before {OPEN} a line says in words how it begins, and ends in no digit"
            raise Refused(number, f"{message}; write more of what Python shows")
