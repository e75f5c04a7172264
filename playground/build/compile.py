"""Compile modules in their places, without documentation and columns. Runs in Pyodide.

The code stays as it is. Documentation becomes "", since some modules read theirs; a line keeps its
number.
"""

import dis
import importlib.util
import io
import os
import types
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc


def names(folder: str) -> list[str]:
    """The files below a folder, by their paths in it."""
    return [
        os.path.relpath(os.path.join(at, name), folder)
        for at, _, found in os.walk(folder)
        for name in found
    ]


def compile_all(folder: str) -> None:
    """Put compiled code in the place of each source below a folder."""
    for name in names(folder):
        path = os.path.join(folder, name)
        if name.endswith(".py"):
            with open(path, "rb") as file:
                source = file.read()
            with open(path + "c", "wb") as file:
                file.write(_pyc(compile(source, path, "exec", dont_inherit=True), source))
            os.unlink(path)


def compile_zip(data: bytes, at: str) -> bytes:
    """A zip of modules, which will stand at the path `at`, with compiled code for each source."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".py"):
                path, name = f"{at}/{name}", f"{name}c"
                content = _pyc(compile(content, path, "exec", dont_inherit=True), content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()


def _pyc(code: types.CodeType, source: bytes) -> bytes:
    return bytes(_code_to_hash_pyc(slim(code), importlib.util.source_hash(source), False))


def slim(code: types.CodeType) -> types.CodeType:
    """Code without its documentation and the columns of its lines."""
    consts = [slim(one) if isinstance(one, types.CodeType) else one for one in code.co_consts]
    for index in _documentation(code):
        consts[index] = ""
    return code.replace(co_consts=tuple(consts), co_linetable=_lines(code))


def _documentation(code: types.CodeType) -> list[int]:
    """Where among the constants the documentation stands, if nothing else uses that constant."""
    loads, stored = {}, None
    before = None
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_CONST", "RETURN_CONST"):
            loads[step.arg] = loads.get(step.arg, 0) + 1
        if (
            step.opname == "STORE_NAME"
            and step.argval == "__doc__"
            and before.opname == "LOAD_CONST"
        ):
            stored = before.arg
        before = step
    first = code.co_consts[0] if code.co_consts else None
    if (
        code.co_flags & 2 and isinstance(first, str) and not loads.get(0)
    ):  # CO_NEWLOCALS: a function
        return [0]
    return (
        [stored]
        if stored is not None and loads[stored] == 1 and isinstance(code.co_consts[stored], str)
        else []
    )


def _lines(code: types.CodeType) -> bytes:
    """The table of lines without columns, as CPython 3.12 writes it: Objects/locations.md."""
    table, last = bytearray(), code.co_firstlineno
    for start, end, line in code.co_lines():
        units = (end - start) // 2
        while units:
            part = min(units, 8)
            units -= part
            if line is None:
                table.append(0x80 | 15 << 3 | part - 1)
                continue
            table.append(0x80 | 13 << 3 | part - 1)
            delta, last = line - last, line
            value = -delta << 1 | 1 if delta < 0 else delta << 1
            while value >= 64:
                table.append(64 | value & 63)
                value >>= 6
            table.append(value)
    return bytes(table)
