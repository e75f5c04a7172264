"""Run a snippet in this process, and say what a reader sees of it.

It knows nothing of forks or files, so that Python in a browser runs it too. Runs on Python 3.7
and newer, with any Keras.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import re
import sys
import threading
import traceback
import types
import warnings
from typing import Any, Callable, Tuple

from proof.protocol import MISTAKES, Job, Result
from proof.shape_comments import answer, attach_checks, format_answers

CHECK = "__check_shape_comment__"

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What TensorFlow's errors say of files, devices and running numbers.
_GRAPH_FILES = re.compile(r'(?m)^ +File ".*", line \d+, in .*\n(?: {8}.*\n)?\n*')
_GRAPH_PLACE = re.compile(r"\{\{function_node [^}]*\}\} ?")
_GRAPH_NUMBER = re.compile(r"(__(?:inference|forward|backward)_\w+?)_\d+\b")


# What came since the last call: printed, written by C to stderr, by Python to stderr.
NewText = Callable[[], Tuple[str, str, str]]


def run(job: Job, new_text: NewText) -> Result:
    """Run a job in this process. No exception of the snippet's gets out."""
    result = Result()
    names = _namespace(job, result)
    linecache.cache[job.path] = (len(job.code), None, job.code.splitlines(True), job.path)
    new_text()
    _show_warnings()
    try:
        tree = ast.parse(job.code)
        attach_checks(tree, {place: line for line, place in job.comments}, CHECK)
        exec(compile(tree, job.path, "exec", dont_inherit=True), names)
        _join_threads()
        raised = ""
    except BaseException as error:
        raised = _without_places(re.sub(r"\n?\Z", "\n", _raised(error), count=1))
        result.raised_at = _line_of(error, job.path)
    result.output = _shown(new_text, raised)
    for table in job.tables:
        for key, code in table.rows:
            try:
                result.cells[key] = _cells(table.headers, code, names)
            except BaseException as error:
                result.failures[key] = _raised(error)
            extra = _shown(new_text)
            if extra:
                result.failures.setdefault(
                    key, f"the row shows this, and a table has no place for it:\n{extra}"
                )
    return result


def _namespace(job: Job, result: Result) -> dict[str, Any]:
    """The names of a program that has just begun, and the check of its shape comments."""
    module = types.ModuleType("__main__")
    names = vars(module)
    names.update(__file__=job.path, __annotations__={}, __cached__=None, __builtins__=builtins)
    names["__loader__"] = Loader(job.code)
    sys.modules["__main__"] = module
    if job.comments:

        def check(value: object, line: int) -> object:
            try:
                text = format_answers(answer(value))
            except Exception as error:
                text = str(error)
            result.comments.setdefault(line, []).append(text)
            return value

        # Not among the snippet's own names, which `dir()` shows.
        names["__builtins__"] = {**vars(builtins), CHECK: check}
    return names


class Loader:
    """Gives a snippet's code to what reads it again, such as TensorFlow's AutoGraph."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_source(self, name: str) -> str:
        """The code of the module, which has no file."""
        return self.code


def _show_warnings() -> None:
    """Write each warning as `Category: message`, as often as a program shows it."""
    _filter_warnings()

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        print(f"{category.__name__}: {message}", file=sys.stderr)

    warnings.showwarning = show


def _filter_warnings() -> None:
    """Let warnings come as in a program that begins: once from each place, with each text.

    Left out is what Python shows to no reader, deprecations outside the snippet itself, and
    ResourceWarning, which comes when the garbage collector likes.
    """
    warnings.resetwarnings()
    warnings.simplefilter("default")
    for category in (DeprecationWarning, PendingDeprecationWarning, ImportWarning):
        warnings.simplefilter("ignore", category)
        warnings.filterwarnings("default", "", category, "__main__$")
    warnings.simplefilter("ignore", ResourceWarning)


def _join_threads() -> None:
    """Wait for the threads that Python waits for before it ends.

    Not for those of an executor, which wait for work until Python tells them that it ends.
    """
    pools = sys.modules.get("concurrent.futures.thread")
    idle = (threading.current_thread(), *getattr(pools, "_threads_queues", ()))
    for thread in threading.enumerate():
        if thread not in idle and not thread.daemon:
            thread.join()


def _cells(headers: tuple[str | None, ...], code: str, names: dict[str, Any]) -> list[str | None]:
    """Run a row: bind its first code to the first header's name, evaluate the other headers."""
    names[str(headers[0])] = eval(code, names)
    return [code, *(None if one is None else _cell(one, names) for one in headers[1:])]


def _cell(code: str, names: dict[str, Any]) -> str:
    """What a header's code answers: the type that it raises, else first warns of, else its value.

    A typing error is raised again, since no table is about one.
    """
    warned: list[str] = []

    def note(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        warned.append(category.__name__)

    _filter_warnings()  # so that what a cell before it warned of doesn't matter
    show, warnings.showwarning = warnings.showwarning, note
    try:
        value = eval(code, names)
    except Exception as error:
        if type(error).__name__ in MISTAKES:
            raise
        return f"raises {type(error).__name__}"
    finally:
        warnings.showwarning = show
    if warned:
        return f"warns {warned[0]}"
    try:
        return format_answers(answer(value))
    except TypeError:
        return str(value)


def _raised(error: BaseException) -> str:
    """An error as Python's last line shows it: its type, its message, its notes."""
    message = (error.msg or "") if isinstance(error, SyntaxError) else _message(error)
    head = type(error).__name__ + (f": {message}" if message else "")
    return "\n".join([head, *getattr(error, "__notes__", [])])


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as broken:
        return f"<message that raises {type(broken).__name__}>"


def _line_of(error: BaseException, path: str) -> int | None:
    """The innermost line of the snippet from which an error came."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return lines[-1] if lines else None


def _without_places(message: str) -> str:
    """A message without what TensorFlow says of its files, its devices and running numbers."""
    return _GRAPH_NUMBER.sub(r"\1", _GRAPH_PLACE.sub("", _GRAPH_FILES.sub("", message)))


def _shown(new_text: NewText, raised: str = "") -> str:
    """What a reader sees: what was printed, what went to standard error, what was raised.

    Without colors and without blanks at the end of a line; tabs are spaces, as in a terminal, and
    other control characters are spelled out.
    """
    printed, logged, warned = new_text()
    parts = (printed, _without_places(logged), warned, raised)
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts if part)
    text = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], _COLOR.sub("", text))
    return "".join(line.expandtabs().rstrip() + "\n" for line in text.split("\n")[:-1])
