"""Read bytes as a JSON document that Postgres can store.

Recall's files and answers come from more than fifteen providers, so reading is lenient where that is harmless (a byte
order mark, NaN, a lone surrogate, U+0000), tells so in `is_altered`, and refuses the rest with a reason in words. The
exact bytes of a file are stored before it is read (syncd/pipeline/download.py), so no information is lost.
"""

import codecs
import json
import math
import re
from dataclasses import dataclass
from typing import Any

Json = Any
"""A JSON value that somebody else wrote: its shape is only known once it was looked at."""

Content = bytes | bytearray
"""The exact bytes of a file, in whichever way they were put together; nothing changes them."""

MAX_DEPTH = 200
"""Levels. What lies deeper is no transcript, would overflow the stack of a program that reads it, and is replaced."""

MAX_VALUE_BYTES = 64 * 2**20
"""Of JSON that is made into values at once, which take up to 13 times its size in memory (docs/settings.md).

A judgement: the size of an answer about 50 hours of speech.
"""

ESCAPED_NULL = rb"\u0000"
"""U+0000 as JSON writes it, which Postgres cannot hold. A text of a backslash and u0000 looks the same, and is read
leniently in vain."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# What Postgres may refuse in jsonb: U+0000, surrogates, NaN and Infinity, numbers that overflow a float. A number
# overflows by an exponent of three digits, or by a shorter one (or none) after very many digits.
_MAYBE_UNSTORABLE = re.compile(r"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity|[eE]\+?[0-9]{3}|[0-9]{200}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAYBE_TINY = (re.compile(rb"e-[0-9]{4}"), re.compile(rb"E-[0-9]{4}"))
"""Found in no time, in ids too; `_TINY` takes as long as a tenth of the reading, and is asked only then."""
_TINY = re.compile(rb"[0-9][eE]-[0-9]{4,}[\s,\]}]")
_PIECE = 2**20
_DIGITS = 4000
"""Of an integer; Python refuses more than 4300 (sys.int_info.default_max_str_digits)."""
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_OPENING = "[{"
_WHY_AT_ONCE = {
    "U+0000": re.compile(rb"\\u0000"),
    "a lone surrogate": re.compile(rb"\\u[dD][89a-fA-F]"),
    "NaN or Infinity": re.compile(rb"\bNaN\b|\bInfinity\b"),
}


_SIMPLER = bytes.maketrans(b"123456789E \t\n\r]}", b"000000000e,,,,,,")
"""Every digit as 0, every `e` as a small one, and whatever may follow a number as a comma."""
_MAYBE_EXTREME = re.compile(rb"0e[+-]?000+,")
_MANY_DIGITS = b"0" * 200


class Unreadable(ValueError):
    """These bytes are no document; the message says why, for the analyst."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value, and whether characters or numbers in it were replaced so that it can be stored as jsonb."""

    value: Json
    is_altered: bool


def read_document(content: Content) -> Document:
    """Read UTF-8 JSON bytes into a value whose every string and number Postgres can store.

    U+0000 and lone surrogates become U+FFFD; NaN, infinities, integers of thousands of digits, and what lies deeper
    than MAX_DEPTH levels become null; `is_altered` says whether any did. Raises Unreadable for everything that is no
    JSON (HTML, a truncated file, another encoding), and for more than MAX_VALUE_BYTES.
    """
    if not fits_as_values(content):
        raise Unreadable(f"the file is larger than {MAX_VALUE_BYTES} bytes and {_why_at_once(content)}")
    if not content.strip():
        raise Unreadable("the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the file is not UTF-8 (byte {error.start})") from None
    value, is_replaced = _value(text)
    is_replaced |= may_underflow(content)
    if not _MAYBE_UNSTORABLE.search(text):
        return Document(value, is_replaced)
    cleaned = storable(value)
    return Document(cleaned, is_altered=is_replaced or cleaned != value)


def _value(text: str) -> tuple[Json, bool]:
    """The value of JSON text, and whether something was replaced that no program can hold."""
    try:
        value = json.loads(text)
        return (value, False) if not is_too_deep(value) else (json.loads(_without_depths(text)), True)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the file is not JSON ({error.msg} at character {error.pos})") from None
    except (RecursionError, ValueError):
        return _bounded_value(text)


def _bounded_value(text: str) -> tuple[Json, bool]:
    """The same of text whose nesting or integers Python refuses."""
    try:
        return json.loads(_without_depths(text), parse_int=_integer), True
    except json.JSONDecodeError as error:
        raise Unreadable(f"the file is not JSON ({error.msg})") from None


def read_pairs(content: Content) -> Json:
    """The value of JSON that was read before, with each object as a tuple of its keys and values, so that of a key
    that comes twice both are there. What Python refuses is replaced as in read_document, and no more.
    """
    text = content.decode("utf-8-sig")
    try:
        return json.loads(text, object_pairs_hook=tuple)
    except (RecursionError, ValueError):
        return json.loads(_without_depths(text), object_pairs_hook=tuple, parse_int=_integer)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _DIGITS else None


def _without_depths(text: str) -> str:
    """The text with null in the place of every array and object that lies deeper than MAX_DEPTH levels."""
    kept, begin, depth = list[str](), 0, 0
    for found in _BRACKETS.finditer(text):
        if found[0] in _OPENING:
            depth += 1
            if depth == MAX_DEPTH + 1:
                kept += text[begin : found.start()], "null"
        elif len(found[0]) == 1:
            depth -= 1
            if depth == MAX_DEPTH:
                begin = found.end()
    return "".join([*kept, text[begin:] if depth <= MAX_DEPTH else ""])


def _why_at_once(content: Content) -> str:
    """Why a large file cannot be read piece by piece, in words."""
    if not without_mark(content)[:64].lstrip().startswith((b"[", b"{")):
        return "not JSON"
    held = next((what for what, pattern in _WHY_AT_ONCE.items() if pattern.search(content)), None)
    other = "values of types that nobody expects, or a single message that large"
    return f"holds {held or other}, which is only read in smaller files"


def holds_null(content: Content) -> bool:
    """Whether it may hold U+0000 (ESCAPED_NULL)."""
    return b"\\" in content and ESCAPED_NULL in content  # mostly there is no backslash, and that takes no time


def without_mark(content: Content) -> Content:
    """The same without the byte order mark that some programs begin UTF-8 with."""
    return content[len(codecs.BOM_UTF8) :] if content.startswith(codecs.BOM_UTF8) else content


def may_underflow(content: Content) -> bool:
    """Whether a number may be closer to 0 than a `numeric` of Postgres can tell."""
    return any(maybe.search(content) for maybe in _MAYBE_TINY) and _TINY.search(content) is not None


def holds_plain_values(content: Content) -> bool:
    """Whether this is UTF-8, and no number in it is near the ends of what a float can tell. False a little too often.

    So JSON of which a part was left out, or told by its type, is good as a whole (`msgspec` leaves nothing else
    unchecked). Many times as fast as making values of it.
    """
    simpler = content.translate(_SIMPLER)
    is_extreme = _MANY_DIGITS in simpler or _MAYBE_EXTREME.search(simpler) is not None
    return not is_extreme and is_utf8(content)


def is_utf8(content: Content) -> bool:
    """Whether it is. Read piece by piece, for a large one should not be in memory once more."""
    if content.isascii():
        return True
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        for begin in range(0, len(content), _PIECE):
            decode(content[begin : begin + _PIECE])
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def fits_as_values(content: Content) -> bool:
    """Whether so much JSON may be made into values at once."""
    return memoryview(content).nbytes <= MAX_VALUE_BYTES


def storable(value: Json) -> Json:
    """The same JSON value with all that Postgres refuses replaced: by U+FFFD in a text, by null for a number."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [storable(element) for element in value]
    if isinstance(value, dict):
        return {storable(key): storable(element) for key, element in value.items()}
    return value


def write_document(value: Json) -> str:
    """JSON text for a jsonb column, of a value that is `storable`; raises ValueError for NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def is_too_deep(value: Json, most: int = MAX_DEPTH) -> bool:
    """Whether a value is nested deeper than so many levels."""
    level = [value]
    for _ in range(most):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Json) -> list[Json]:
    if isinstance(node, list):
        return [child for child in node if isinstance(child, list | dict)]
    return [child for child in node.values() if isinstance(child, list | dict)] if isinstance(node, dict) else []
