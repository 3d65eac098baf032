"""Transcript files: utterances, words and times."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.document import Unreadable, storable
from syncd.core.reading.payload import Participant, Payload, Utterance, Word
from tests.core.reading.strategies import JSON, TEXT, shaped_like
from tests.core.reading.transcript_files import at, read, stamp, utterance, word

GENERATIONS = [
    pytest.param(
        {
            "speaker": "Ada",
            "speaker_id": 100,
            "language": "en",
            "words": [
                {"text": "Hi.", "start_timestamp": 1.5, "end_timestamp": 2, "language": None, "confidence": None}
            ],
        },
        Participant("100", "Ada"),
        utterance(0, (Word("Hi.", 1.5, 2.0),), "en", None, None),
        id="the old bot transcript",
    ),
    pytest.param(
        {"participant": {"id": 100, "name": "Ada"}, "words": [word("Hi.", {"relative": 1.5}, {"relative": 2})]},
        Participant("100", "Ada"),
        utterance(0, (Word("Hi.", 1.5, 2.0),)),
        id="June 2025",
    ),
    pytest.param(
        {
            "participant": {
                "id": 100,
                "name": "Ada",
                "is_host": True,
                "platform": "desktop",
                "extra_data": {"zoom": {}},
            },
            "words": [word("Hi.", at(1.5, stamp(1)), at(2, stamp(2)))],
        },
        Participant("100", "Ada", True, "desktop", None, {"zoom": {}}),
        utterance(
            0,
            (Word("Hi.", 1.5, 2.0),),
            None,
            datetime(2025, 9, 13, 11, 39, 1, 500000, UTC),
            datetime(2025, 9, 13, 11, 39, 2, 500000, UTC),
        ),
        id="August 2025",
    ),
    pytest.param(
        {
            "participant": {"id": None, "name": "200-0", "is_host": None, "email": "a@b.c", "extra_data": None},
            "language_code": "en-us",
            "words": [],
        },
        Participant(None, "200-0", email="a@b.c"),
        utterance(0, (), "en-us", None, None),
        id="late 2025",
    ),
]


@pytest.mark.parametrize(("element", "participant", "utterance"), GENERATIONS)
def test_every_generation_of_the_format_is_read(
    element: dict[str, Any], participant: Participant, utterance: Utterance
) -> None:
    assert read([element]) == Payload((participant,), (utterance,))


def test_a_file_without_utterances_is_a_payload() -> None:
    payload = read([])
    assert payload == Payload((), ())
    assert payload.word_count == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({}, "the transcript file is not a JSON array of utterances", id="an object"),
        pytest.param(None, "the transcript file is not a JSON array of utterances", id="null"),
        pytest.param("[]", "the transcript file is not a JSON array of utterances", id="a text"),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(value)
    assert str(caught.value) == reason


def test_a_word_without_any_of_its_keys_is_kept() -> None:
    assert read([{"words": [{}]}]).utterances[0].words == (Word(None, None, None),)


def test_the_text_joins_the_words_that_have_one() -> None:
    words = [word("Good"), word(""), word(None), word("morning, everyone."), word(7)]
    payload = read([{"words": words}])
    assert payload.utterances[0].text == "Good morning, everyone. 7"
    assert payload.word_count == 5


def test_a_caption_phrase_is_one_word_without_times() -> None:
    payload = read([{"participant": {"id": 1}, "words": [{"text": "so we will see."}, {"text": "Right"}]}])
    assert payload.utterances[0].words == (Word("so we will see.", None, None), Word("Right", None, None))
    assert (payload.utterances[0].text, payload.word_count) == ("so we will see. Right", 2)


ELEMENTS = shaped_like(
    {
        "participant": shaped_like({"id": st.integers(0, 3), "name": TEXT, "is_host": st.booleans()}),
        "speaker": TEXT,
        "language_code": TEXT,
        "words": st.lists(
            shaped_like(
                {"text": TEXT, "start_timestamp": shaped_like({"relative": st.floats()}), "end_timestamp": JSON}
            ),
            max_size=4,
        ),
    }
)


def word_count(element: Any) -> int:
    words = element.get("words") if isinstance(element, dict) else None
    return len(words) if isinstance(words, list) else 0


@given(value=st.lists(ELEMENTS, max_size=4) | JSON)
def test_any_json_is_a_payload_or_unreadable(value: Any) -> None:
    value = storable(value)
    try:
        payload = read(value)
    except Unreadable:
        return
    assert len(payload.utterances) == len(value)
    spoken = [said.participant for said in payload.utterances]
    assert list(dict.fromkeys(spoken)) == list(range(len(payload.participants)))
    assert payload.word_count == sum(map(word_count, value))
    for said in payload.utterances:
        if said.start_s is not None:
            assert said.end_s is not None
            assert said.start_s <= said.end_s
