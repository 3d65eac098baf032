"""What holds for every provider: the envelope, the offset, and that nothing in a file can break the reading."""

import copy
import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Scenario
from syncd.core.reading.document import read_document, storable
from syncd.core.reading.provider_file import ProviderPart, read_provider_parts
from syncd.core.reading.vendors import HeardWord, read_provider_words
from tests.core.reading.strategies import JSON, TEXT, shaped_like
from tests.core.reading.vendor_parts import MIXED, answered, called_back, only, rows, streamed, texts

UNKNOWN = "its shape is not one that syncd knows"
WORD = {"word": "hi", "punctuated_word": "Hi.", "start": 1.25, "end": 1.5, "confidence": 0.5}
BODY = {"results": {"channels": [{"alternatives": [{"transcript": "Hi.", "confidence": 0.5, "words": [WORD]}]}]}}


def bare(data: Any, source: Any = MIXED) -> ProviderPart:
    return ProviderPart(None, None, None, source, data)


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(answered(BODY), id="the body of a response"),
        pytest.param(called_back(BODY), id="the payload of a webhook"),
        pytest.param(streamed(BODY), id="the payload of a websocket message"),
        pytest.param(bare(BODY), id="no envelope"),
        pytest.param(bare(json.dumps(BODY)), id="no envelope, as text"),
        pytest.param(answered(json.dumps(BODY)), id="as text"),
        pytest.param(called_back({"event": "done", "data": BODY}), id="an envelope of the vendor"),
        pytest.param(called_back([BODY]), id="a list of one"),
        pytest.param(called_back({"Message": json.dumps({"detail": BODY})}), id="a notification service"),
    ],
)
def test_the_message_is_found_in_its_envelope(part: ProviderPart) -> None:
    assert rows("deepgram_async", part) == [("Hi.", 1.25, 1.5, 0.5, None, True)]


@pytest.mark.parametrize("provider", [*PROVIDER_KEYS, "of_tomorrow", "", None])
@pytest.mark.parametrize(
    ("data", "note"),
    [
        ({"payload": {"n": 1}}, UNKNOWN),
        ({"payload": {"message": {"hello": "world"}, "type": ["a list"]}}, UNKNOWN),
        ({"payload": [1, [2], "three"]}, UNKNOWN),
        ({"payload": {"words": [{"text": "Hi.", "start": 0.5, "end": 1.5}]}}, UNKNOWN),
        ({"payload": None}, "there is no message in it"),
        ({"url": "https://vendor.example", "status_code": 200, "body": "plain text"}, "there is no message in it"),
        (None, "there is no message in it"),
        (7, "there is no message in it"),
        ({"status_code": 503, "body": {"oops": "<html>"}}, "the provider answered with HTTP status 503"),
    ],
)
def test_an_unknown_shape_yields_no_words_and_a_note(provider: str | None, data: Any, note: str) -> None:
    heard = only(provider, bare(data))
    assert (heard.words, heard.note) == ((), note)


@pytest.mark.parametrize(
    ("provider", "body"),
    [
        ("deepgram_async", {"results": {"channels": [{"alternatives": [{"words": [{"word": 5}]}]}]}}),
        ("deepgram_async", {"results": {"channels": ["left", "right"]}}),
        ("assembly_ai_async", {"id": "t", "status": "completed", "words": [{"text": None}]}),
        ("rev_async", {"monologues": [{"elements": [{"type": "text", "value": 5}]}]}),
        ("aws_transcribe_async", {"results": {"items": [{"type": "pronunciation", "alternatives": []}]}}),
        ("google_speech_v2_async", {"results": [{"alternatives": [{"words": [{"word": ""}, {"word": 1}]}]}]}),
    ],
)
def test_words_that_cannot_be_read_are_noted(provider: str, body: Any) -> None:
    heard = only(provider, answered(body))
    assert (heard.words, heard.note) == ((), "it seems to hold words, but none of them could be read")


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (None, (1.25, 1.5)),
        (0, (1.25, 1.5)),
        (0.1, (1.35, 1.6)),
        ("2.5", (3.75, 4.0)),
        (-1, (0.25, 0.5)),
        ("soon", (None, None)),
        (1e300, (None, None)),
        (10**400, (None, None)),
    ],
)
def test_the_offset_is_added_or_the_time_is_unknown(offset: Any, expected: tuple[Any, Any]) -> None:
    [said] = rows("deepgram_async", answered(BODY, {"type": "mixed", "offset": offset}))
    assert said[1:3] == expected


@pytest.mark.parametrize("source", [None, [], "mixed", {}, {"participant": 5}, {"participant": {"id": [1]}}])
def test_an_odd_source_counts_as_one_without_offset(source: Any) -> None:
    assert rows("deepgram_async", answered(BODY, source)) == [("Hi.", 1.25, 1.5, 0.5, None, True)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start": math.nan, "end": math.inf}, (None, None, 0.5)),
        ({"start": True, "end": [1]}, (None, None, 0.5)),
        ({"start": 1e12, "end": -1e12}, (None, None, 0.5)),
        ({"start": 10**400, "end": "1e999"}, (None, None, 0.5)),
        ({"start": "1.25", "end": " 1.5 "}, (1.25, 1.5, 0.5)),
        ({"confidence": 1.5}, (1.25, 1.5, None)),
        ({"confidence": -0.1}, (1.25, 1.5, None)),
        ({"confidence": "0.25"}, (1.25, 1.5, 0.25)),
        ({"confidence": 1.0000001}, (1.25, 1.5, 1.0)),
    ],
)
def test_values_that_cannot_be_true_are_unknown(change: dict[str, Any], expected: tuple[Any, ...]) -> None:
    channel = {"alternatives": [{"words": [WORD | change]}]}
    [said] = rows("deepgram_async", answered({"results": {"channels": [channel]}}))
    assert said[1:4] == expected


def test_text_that_postgres_refuses_does_not_come_out_of_an_inner_text() -> None:
    inner = json.dumps(
        {"results": {"channels": [{"alternatives": [{"words": [WORD | {"punctuated_word": "a\x00b"}]}]}]}}
    )
    assert texts("deepgram_async", answered(inner)) == "a\N{REPLACEMENT CHARACTER}b"


def test_a_nest_of_envelopes_ends() -> None:
    nest: Any = BODY
    for _ in range(150):
        nest = {"data": nest, "result": "{" * 10}
    assert only("deepgram_async", bare(nest)).note == UNKNOWN


EMULATOR = Emulator(EmulatorOptions(seed=5))


def parts_of(provider: str) -> tuple[ProviderPart, ...]:
    """What the emulator serves; under two participants, to have offsets."""
    scenario = Scenario(provider=provider, words=30, speakers=2, seed=5, has_separate_streams=True)
    content = EMULATOR.expected(EMULATOR.add(scenario)).provider_data
    assert content is not None
    return read_provider_parts(read_document(content))


FILES = {provider: parts_of(provider) for provider in PROVIDER_KEYS if provider != "zoom_rtms"}


@pytest.mark.parametrize("provider", sorted(FILES.keys() - {"meeting_captions"}))
def test_a_shape_is_known_whatever_the_key_says(provider: str) -> None:
    own = [*read_provider_words(provider, FILES[provider])]
    for other in (*PROVIDER_KEYS, "of_tomorrow", None):
        assert [*read_provider_words(other, FILES[provider])] == own, other


def check(provider: str | None, parts: list[ProviderPart]) -> None:
    heard = read_provider_words(provider, parts)
    assert len(heard) == len(parts)
    for said in heard:
        assert said.note is None or (said.note and not said.words)
        for word in said.words:
            check_word(word)


def check_word(word: HeardWord) -> None:
    assert word.text
    assert word.text == storable(word.text)
    assert all(time is None or math.isfinite(time) for time in (word.start_s, word.end_s))
    assert word.confidence is None or 0 <= word.confidence <= 1
    assert word.speaker is None or (word.speaker and word.speaker == storable(word.speaker))
    assert isinstance(word.is_final, bool)


SOURCES = shaped_like({"type": TEXT, "offset": JSON, "participant": shaped_like({"id": JSON, "name": JSON})})
ENVELOPES = shaped_like({"payload": JSON, "body": JSON, "status_code": JSON, "event": TEXT})
KEYS = st.sampled_from([*PROVIDER_KEYS, "of_tomorrow", None])


@given(provider=KEYS, parts=st.lists(st.tuples(SOURCES, ENVELOPES | JSON), max_size=5))
def test_any_json_can_be_read(provider: str | None, parts: list[tuple[Any, Any]]) -> None:
    check(provider, [bare(storable(data), storable(source)) for source, data in parts])


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every container in a value and every key in it."""
    found, level = [], [node]
    while level:
        inner = level.pop()
        for key in inner.keys() if isinstance(inner, dict) else range(len(inner)):
            found.append((inner, key))
            if isinstance(inner[key], dict | list):
                level.append(inner[key])
    return found


REMOVED = object()
CHANGES = st.tuples(st.integers(min_value=0), JSON | st.just(REMOVED))


@given(provider=st.sampled_from(sorted(FILES)), other=KEYS, changes=st.lists(CHANGES, min_size=1, max_size=6))
def test_a_message_changed_anywhere_can_be_read(
    provider: str, other: str | None, changes: list[tuple[int, Any]]
) -> None:
    data = [
        {"data": copy.deepcopy(part.data), "source": copy.deepcopy(part.source_audio)} for part in FILES[provider]
    ]
    for pick, value in changes:
        somewhere = places(data)[len(data) :]
        if not somewhere:
            break
        container, key = somewhere[pick % len(somewhere)]
        if value is not REMOVED:
            container[key] = storable(value)
        else:
            del container[key]
    changed = [bare(part.get("data"), part.get("source")) for part in data]
    check(provider, changed)
    check(other, changed)


@pytest.mark.parametrize("provider", sorted(FILES))
def test_parts_in_any_order_and_number_can_be_read(provider: str) -> None:
    parts = list(FILES[provider])
    check(provider, parts[::-1] * 2)
    check(provider, parts[1::2])


GROWING = {
    "assembly_ai_v3_streaming": {"type": "Turn", "turn_order": 0, "end_of_turn": True, "transcript": "Hi."},
    "deepgram_streaming": {"type": "Results", "is_final": True, "channel": BODY["results"]["channels"][0]},
    "gladia_v2_streaming": {"session_id": "s", "type": "post_transcript", "data": {"utterances": [{"text": "Hi."}]}},
    "speechmatics_streaming": {
        "message": "AddTranscript",
        "results": [{"type": "punctuation", "alternatives": [{"content": "."}]}],
    },
    "of_tomorrow": {"n": 1},
}


@pytest.mark.parametrize("provider", sorted(GROWING))
def test_the_work_grows_with_a_file_and_not_with_its_square(provider: str) -> None:
    def work_s(count: int) -> float:
        begun = time.thread_time()
        read_provider_words(provider, [streamed(GROWING[provider])] * count)
        return time.thread_time() - begun

    assert (
        min(work_s(8_000) for _ in range(3)) < 40 * work_s(500) + 0.1
    )  # 16 times as long; its square would be 256 times
