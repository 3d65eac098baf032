import json
import math
from typing import Any

import pytest
from hypothesis import given, settings

from syncd.core.reading.document import (
    MAX_DEPTH,
    Unreadable,
    is_too_deep,
    may_underflow,
    read_document,
    storable,
    write_document,
)
from tests.core.reading.strategies import BYTES, JSON
from tests.core.samples import nested


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(b"[]", [], id="an empty array"),
        pytest.param(b' \n {"a": 1}\t', {"a": 1}, id="white space around it"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="a byte order mark"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="a key twice: the last counts"),
        pytest.param('"שלום 👋"'.encode(), "שלום 👋", id="any script"),
        pytest.param(rb'"\ud83d\udc4b"', "👋", id="a surrogate pair"),
        pytest.param(b"18446744073709551616", 2**64, id="an integer beyond 64 bits"),
        pytest.param(b"1" + b"0" * 4000, 10**4000, id="an integer of thousands of digits"),
        pytest.param(b"1e300", 1e300, id="a large exponent that still fits"),
        pytest.param(b"1e-400", 0.0, id="a number too small to tell from zero"),
        pytest.param(rb'"\\u0000"', r"\u0000", id="a backslash that only looks like an escape"),
        pytest.param(b'"NaN"', "NaN", id="the word NaN"),
        pytest.param(b"null", None, id="null"),
    ],
)
def test_these_are_read_as_they_are(content: bytes, value: Any) -> None:
    document = read_document(content)
    assert document.value == value
    assert not document.is_altered


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(rb'["a\u0000b"]', ["a\ufffdb"], id="U+0000"),
        pytest.param(rb'{"\u0000": 1}', {"\ufffd": 1}, id="U+0000 in a key"),
        pytest.param(rb'"\ud83d"', "\ufffd", id="a lone high surrogate"),
        pytest.param(rb'"\uDE00x"', "\ufffdx", id="a lone low surrogate"),
        pytest.param(rb'"\udc4b\ud83d"', "\ufffd\ufffd", id="a reversed pair"),
        pytest.param(b"[NaN, Infinity, -Infinity, 1]", [None, None, None, 1], id="NaN and the infinities"),
        pytest.param(b"[1e400]", [None], id="an exponent that overflows"),
        pytest.param(b"[-1E+0400]", [None], id="an exponent that overflows, written oddly"),
        pytest.param(b"1" + b"0" * 400 + b".0", None, id="digits that overflow without an exponent"),
        pytest.param(b"9" * 250 + b"e99", None, id="digits that overflow with a short exponent"),
        pytest.param(b"[1e-20000, 1]", [0.0, 1], id="nearer to 0 than Postgres can tell"),
        pytest.param(b"[1E-20000, 1]", [0.0, 1], id="nearer to 0 than Postgres can tell, in capitals"),
        pytest.param(b"[1, " + b"1" * 5000 + b"]", [1, None], id="an integer that Python refuses"),
    ],
)
def test_what_postgres_refuses_is_replaced_and_said_so(content: bytes, value: Any) -> None:
    document = read_document(content)
    assert document.value == value
    assert document.is_altered


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "the file is empty", id="nothing"),
        pytest.param(b" \r\n\t", "the file is empty", id="white space"),
        pytest.param(b"\xef\xbb\xbf", "the file is not JSON (Expecting value at character 0)", id="only a mark"),
        pytest.param(
            b"<!doctype html>", "the file is not JSON (Expecting value at character 0)", id="a page of HTML"
        ),
        pytest.param(b'[{"a": ', "the file is not JSON (Expecting value at character 7)", id="a cut-off file"),
        pytest.param(b"[] []", "the file is not JSON (Extra data at character 3)", id="two documents"),
        pytest.param(
            b'"\n"', "the file is not JSON (Invalid control character at at character 1)", id="a raw newline"
        ),
        pytest.param('["a"]'.encode("utf-16"), "the file is not UTF-8 (byte 0)", id="UTF-16"),
        pytest.param(b'["\xc0\x80"]', "the file is not UTF-8 (byte 2)", id="an overlong NUL"),
        pytest.param(b'["\xed\xa0\x80"]', "the file is not UTF-8 (byte 2)", id="a surrogate in UTF-8"),
        pytest.param(b"[" * 100_000, "the file is not JSON (Expecting ',' delimiter)", id="100 000 levels, unclosed"),
    ],
)
def test_the_rest_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_document(content)
    assert str(caught.value) == reason


def test_the_deepest_nesting_allowed_is_read_cleaned_and_written() -> None:
    content = nested(MAX_DEPTH)
    assert write_document(read_document(content).value).encode() == content
    inner = b'"' + rb"\u0000" + b'"'
    deep = b"[" * MAX_DEPTH + inner + b"]" * MAX_DEPTH
    assert read_document(deep).is_altered


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 900, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_what_lies_too_deep_is_replaced_and_nothing_beside_it(levels: int, opening: bytes, closing: bytes) -> None:
    deep = opening * levels + rb'"[\"{"' + closing * levels
    document = read_document(b'[{"before": "]["}, ' + deep + b', "after"]')
    first, cut, last = document.value
    assert (first, last, document.is_altered) == ({"before": "]["}, "after", True)
    assert not is_too_deep(document.value)
    assert is_too_deep([[cut]])
    write_document(document.value)


def test_an_id_is_no_number_near_zero() -> None:
    content = b'["3fa85f6e-4562-b3fc", "5e-4562", 1e-400, 5e-1]'
    assert not may_underflow(content)
    assert not read_document(content).is_altered


@given(content=BYTES)
@settings(max_examples=400)
def test_any_bytes_are_a_storable_document_or_unreadable(content: bytes) -> None:
    try:
        document = read_document(content)
    except Unreadable as error:
        assert str(error).startswith("the file ")
        return
    text = write_document(document.value)
    assert r"\u0000" not in text.replace(r"\\", "")
    text.encode("utf-8")  # raises for a surrogate
    assert json.loads(text) == document.value


@given(value=JSON)
def test_what_was_made_storable_once_stays_as_it_is(value: Any) -> None:
    cleaned = storable(value)
    assert storable(cleaned) == cleaned
    assert "\x00" not in json.loads(json.dumps([str(cleaned)]))[0]
    write_document(cleaned).encode("utf-8")


@given(value=JSON)
def test_a_document_that_needed_no_change_says_so(value: Any) -> None:
    content = json.dumps(storable(value), ensure_ascii=True).encode()
    document = read_document(content)
    assert document.value == storable(value)
    assert not document.is_altered


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_writing_refuses_what_is_no_json_number(number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_document([number])


def test_writing_is_compact_and_keeps_every_script() -> None:
    assert write_document({"a": ["é", 1.5, None]}) == '{"a":["é",1.5,null]}'


def test_no_more_is_made_into_values_at_once_than_memory_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncd.core.reading.document.MAX_VALUE_BYTES", 8)
    assert read_document(b"[12345 ]").value == [12345]
    for content, why in (
        (b"[123456 ]", "holds values of types that nobody expects, or a single message that large"),
        (rb'["\u0000"]', "holds U+0000"),
        (rb'["\ud83d"]', "holds a lone surrogate"),
        (b"\xef\xbb\xbf[-Infinity]", "holds NaN or Infinity"),
        (b"<!doctype html>", "not JSON"),
    ):
        with pytest.raises(Unreadable) as caught:
            read_document(content)
        assert str(caught.value).startswith(f"the file is larger than 8 bytes and {why}")
