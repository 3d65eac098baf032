"""Transcript files of the expected types are decoded at once, and read as the lenient reader reads them."""

import codecs
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.document import write_document
from syncd.core.reading.transcript_file import read_leniently, read_transcript_file
from syncd.core.reading.typed_transcript import MOST_EXTRA_LEVELS, read_typed
from syncd.core.reading.values import moment
from tests.core.reading.transcript_files import at, read, stamp, word

TEXTS = st.text(max_size=5) | st.sampled_from(["", " ", "a b", "\U0001f600", '"\\\t'])
TIMES = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70) | st.just(0.1)
IDS = st.none() | st.integers() | TEXTS | st.floats(allow_nan=False, allow_infinity=False)


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


ABSOLUTE = st.sampled_from([stamp(1), "2025-09-13T11:39:01Z", "no time", 1_760_000_000, None])
STAMPS = st.none() | TIMES | some({"relative": st.none() | TIMES, "absolute": ABSOLUTE, "other": IDS})
WORDS = some(
    {"text": st.none() | TEXTS, "start_timestamp": STAMPS, "end_timestamp": STAMPS, "confidence": IDS, "word": TEXTS}
)
EXTRA = st.none() | st.dictionaries(TEXTS, st.none() | st.integers() | TEXTS, max_size=2)
FLAGS, NAMES = st.none() | st.booleans(), st.none() | TEXTS
PEOPLE = some({"id": IDS, "name": NAMES, "is_host": FLAGS, "platform": NAMES, "email": NAMES, "extra_data": EXTRA})
ELEMENTS = some(
    {
        "participant": st.none() | PEOPLE,
        "speaker": NAMES,
        "speaker_id": IDS,
        "words": st.none() | st.lists(WORDS, max_size=3),
        "language_code": NAMES,
        "language": NAMES,
        "unread": st.recursive(IDS, st.lists, max_leaves=3),
        "text": TEXTS,
        "segments": st.lists(WORDS, max_size=2),
    }
)


@given(value=st.lists(ELEMENTS, max_size=4), ascii=st.booleans())
def test_a_file_of_the_expected_types_is_read_as_the_lenient_reader_reads_it(value: Any, ascii: bool) -> None:
    content = json.dumps(value, ensure_ascii=ascii).encode()
    typed = read_typed(content)
    assert typed is not None or "\\u0000" in content.decode()
    assert typed is None or (typed, False) == read_leniently(content)


def test_an_utterance_begins_and_ends_at_the_first_and_last_absolute_time() -> None:
    words = [word("a", at(1.0, "no time")), word("b", at(2.0, stamp(2)), at(3.0)), word("c", 4.0, at(5.0, stamp(5)))]
    payload = read_typed(json.dumps([{"words": words}, {"words": [word("d", at(6.0))]}]).encode())
    assert payload == read([{"words": words}, {"words": [word("d", at(6.0))]}])
    assert payload is not None
    first, last = payload.utterances
    assert (first.started_at, first.ended_at) == (moment(stamp(2)), moment(stamp(5)))
    assert (last.started_at, last.ended_at) == (None, None)


NO_ARRAYS = [b"", b"\xef\xbb\xbf", b"[1]", b"{}", b"[{}]x", b"[{}", b'[{"x": "\xff"}]']
LENIENT = {
    "a flag as text": [{"participant": {"is_host": "yes"}}],
    "a number as a word": [{"words": [word(5)]}],
    "a time as text": [{"words": [word("x", "1.5")]}],
    "an id that is a flag": [{"participant": {"id": True}}],
    "U+0000": [{"words": [word("a\0b")]}],
    "a lone surrogate": [{"words": [word("a\ud800b")]}],
    "nothing finite": [{"words": [word("x", float("nan"))]}],
    "what is nested too deep to be decoded": [{"participant": {"extra_data": "deep"}}],
}


@pytest.mark.parametrize("value", LENIENT.values(), ids=LENIENT)
def test_any_other_file_is_left_to_the_lenient_reader(value: Any) -> None:
    content = json.dumps(value).replace('"deep"', "[" * 3000 + "]" * 3000).encode()
    assert read_typed(content) is None


@pytest.mark.parametrize("content", NO_ARRAYS, ids=repr)
def test_bytes_that_are_no_plain_array_are_left_to_it_too(content: bytes) -> None:
    assert read_typed(content) is None


def test_only_the_lenient_reader_replaces_characters() -> None:
    payload, is_altered = read_transcript_file(json.dumps([{"words": [word("a\0b", at(1))]}]).encode())
    assert (payload.utterances[0].text, is_altered) == ("a\ufffdb", True)
    payload, is_altered = read_transcript_file(json.dumps([{"words": [word("\U0001f600", at(1))]}]).encode())
    assert (payload.utterances[0].text, is_altered) == ("\U0001f600", False)


def with_extra(levels: int, more: str = "") -> bytes:
    """A file whose participant has metadata nested so deep."""
    deep = '{"a":' * levels + "1" + "}" * levels
    said = json.dumps([word("Hi.", at(1))])
    return f'[{{"participant": {{"id": 1, "extra_data": {deep}}}, "words": {said}{more}}}]'.encode()


@pytest.mark.parametrize(
    ("levels", "is_kept"),
    [(1, True), (400, True), (MOST_EXTRA_LEVELS, True), (MOST_EXTRA_LEVELS + 1, False), (900, False)],
)
def test_metadata_is_kept_as_deep_as_it_can_be_stored_and_never_costs_the_words(levels: int, is_kept: bool) -> None:
    payload, is_altered = read_transcript_file(with_extra(levels))
    assert (payload.utterances[0].text, is_altered) == ("Hi.", not is_kept)
    (who,) = payload.participants
    assert (who.extra_data is not None) == is_kept
    write_document(who.extra_data)


@pytest.mark.parametrize("levels", [300, 5_000, 100_000])
def test_the_lenient_reader_cuts_what_lies_too_deep_and_keeps_the_words(levels: int) -> None:
    payload, is_altered = read_transcript_file(with_extra(levels, more=', "x": NaN'))
    assert (payload.utterances[0].text, is_altered) == ("Hi.", True)
    write_document(payload.participants[0].extra_data)


def test_a_byte_order_mark_is_dropped() -> None:
    content = json.dumps([{"words": [word("Hi.", at(1))]}]).encode()
    assert read_typed(codecs.BOM_UTF8 + content) == read_typed(content)
