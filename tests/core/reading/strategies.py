"""Arbitrary JSON: any value a reader may be handed, and any bytes a server may send."""

import json
from typing import Any

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(["", "\x00", "\ud800", "0", "é", "\u202e"])
NUMBERS = st.integers() | st.floats() | st.sampled_from([2**64, 10**400, 1e308, -1e-308])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


def shaped_like(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Objects that have some of the fields, each as expected or anything at all."""
    return st.fixed_dictionaries({}, optional={name: value | JSON for name, value in fields.items()}) | JSON


_TOKENS = [b"[", b"]", b"{", b"}", b'"', b",", b":", b"null", b"NaN", b"-Infinity", b"1e999", b"1e99", b".5", b" "]
_ODDITIES = [
    rb"\u0000",
    rb"\ud83d",
    rb"\ude00",
    b"\\",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x00",
    b"9" * 250,
]
_FRAGMENTS = st.sampled_from([*_TOKENS, *_ODDITIES])
NEAR_JSON = st.lists(_FRAGMENTS, max_size=30).map(b"".join)
VALID_JSON = JSON.map(lambda value: json.dumps(value).encode())
BYTES = st.binary() | NEAR_JSON | VALID_JSON
