"""The text format of COPY: one line for each row, fields parted by tabs.

Lines are put together here and not by psycopg's `write_row`, which converts value by value: for arrays of times that
takes longer than everything else of a load. Source: the Postgres manual, COPY ("File Formats") and Arrays ("Array
Input and Output Syntax").
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from syncd.core.reading.document import Json, write_document

NULL = r"\N"
_ESCAPES = (("\\", r"\\"), ("\n", r"\n"), ("\r", r"\r"), ("\t", r"\t"))
"""The backslash comes first, for the others bring one along."""
_QUOTED = re.compile(r'["\\]')
_ENCODE = msgspec.json.Encoder().encode
"""JSON has the same numbers and times, to the last digit, and is written several times as fast as by `repr`."""


def line(fields: Iterable[str]) -> str:
    """One row, of fields that the functions below have written."""
    return "\t".join(fields) + "\n"


def text(value: str | None) -> str:
    """A text."""
    if value is None:
        return NULL
    for special, escaped in _ESCAPES:
        if special in value:
            value = value.replace(special, escaped)
    return value


def number(value: float | None) -> str:
    """A number, to the last digit: `repr` of a float is read back as the same float."""
    return NULL if value is None else repr(value)


def flag(value: bool | None) -> str:
    """A boolean."""
    return NULL if value is None else "t" if value else "f"


def json(value: Json) -> str:
    """A JSON value that is `storable`; None is no value. Raises ValueError for NaN and infinities."""
    return NULL if value is None else text(write_document(value))


def moment(value: datetime | None) -> str:
    """A time, with its zone."""
    return NULL if value is None else _ENCODE(value)[1:-1].decode()


def numbers(values: Sequence[float | None] | None) -> str:
    """An array of finite numbers, any of which may be null; Postgres reads `null` in any case of letters."""
    return NULL if values is None else "{" + _ENCODE(values)[1:-1].decode() + "}"


def binary(value: bytes) -> str:
    """Bytes."""
    return r"\\x" + value.hex()


def flags(values: Sequence[bool]) -> str:
    """An array of booleans."""
    return "{" + ",".join(["t" if value else "f" for value in values]) + "}"


def texts(values: Sequence[str | None] | None) -> str:
    """An array of texts, every one quoted."""
    if values is None:
        return NULL
    known = [value for value in values if value is not None]
    joined = '","'.join(known)
    if len(known) < len(values) or "\\" in joined or joined.count('"') != 2 * (len(known) - 1):
        return text("{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}")
    return text('{"' + joined + '"}')


def _quoted(value: str) -> str:
    return f'"{_QUOTED.sub(_escape, value)}"' if '"' in value or "\\" in value else f'"{value}"'


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]
