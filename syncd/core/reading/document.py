"""Read bytes as a JSON document that Postgres can store.

Recall's files and answers come from more than fifteen providers, so reading is lenient where that is harmless (a byte
order mark, NaN, a lone surrogate, U+0000), tells so in `is_altered`, and refuses the rest with a reason in words. The
exact bytes of a file are stored before it is read (syncd/pipeline/download.py), so no information is lost.
"""

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
"""Levels. Deeper nesting is no transcript, and would overflow the stack of a program that reads it."""

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


class Unreadable(ValueError):
    """These bytes are no document; the message says why, for the analyst."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON value, and whether characters or numbers in it were replaced so that it can be stored as jsonb."""

    value: Json
    is_altered: bool


def read_document(content: Content) -> Document:
    """Read UTF-8 JSON bytes into a value whose every string and number Postgres can store.

    U+0000 and lone surrogates become U+FFFD, NaN and infinities become null; `is_altered` says whether any did.
    Raises Unreadable for everything that is no JSON (HTML, a truncated file, another encoding), for more than
    MAX_DEPTH levels, for more than MAX_VALUE_BYTES, and for integers that Python refuses.
    """
    if not fits_as_values(content):
        raise Unreadable(f"more than {MAX_VALUE_BYTES} bytes of it can only be read at once")
    if not content.strip():
        raise Unreadable("the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the file is not UTF-8 (byte {error.start})") from None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the file is not JSON ({error.msg} at character {error.pos})") from None
    except RecursionError:
        raise Unreadable(f"the file is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        raise Unreadable("the file holds a number with too many digits") from None
    if is_too_deep(value):
        raise Unreadable(f"the file is nested deeper than {MAX_DEPTH} levels")
    if not _MAYBE_UNSTORABLE.search(text):
        return Document(value, is_altered=False)
    cleaned = storable(value)
    return Document(cleaned, is_altered=cleaned != value)


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


def is_too_deep(value: Json) -> bool:
    """Whether a value is nested deeper than MAX_DEPTH levels."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Json) -> list[Json]:
    if isinstance(node, list):
        return [child for child in node if isinstance(child, list | dict)]
    return [child for child in node.values() if isinstance(child, list | dict)] if isinstance(node, dict) else []
