from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.document import Document, Unreadable, storable
from syncd.core.reading.transcript_file import Participant, Payload, Utterance, Word, read_payload
from tests.core.reading.strategies import JSON, TEXT, shaped_like


def read(value: Any) -> Payload:
    return read_payload(Document(value, is_altered=False))


def word(text: Any, start: Any = None, end: Any = None) -> dict[str, Any]:
    return {"text": text, "start_timestamp": start, "end_timestamp": end}


def at(relative: Any, absolute: Any = None) -> dict[str, Any]:
    return {"relative": relative, "absolute": absolute}


def stamp(second: int) -> str:
    return f"2025-09-13T11:39:{second:02}.500Z"


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
        Utterance(0, (Word("Hi.", 1.5, 2.0),), "en", None, None),
        id="the old bot transcript",
    ),
    pytest.param(
        {"participant": {"id": 100, "name": "Ada"}, "words": [word("Hi.", {"relative": 1.5}, {"relative": 2})]},
        Participant("100", "Ada"),
        Utterance(0, (Word("Hi.", 1.5, 2.0),), None, None, None),
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
        Utterance(
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
        Utterance(0, (), "en-us", None, None),
        id="late 2025",
    ),
]


@pytest.mark.parametrize(("element", "participant", "utterance"), GENERATIONS)
def test_every_generation_of_the_format_is_read(
    element: dict[str, Any], participant: Participant, utterance: Utterance
) -> None:
    assert read([element]) == Payload((participant,), (utterance,))


def test_nobody_said_anything_is_a_payload_too() -> None:
    payload = read([])
    assert payload == Payload((), ())
    assert payload.word_count == 0


@pytest.mark.parametrize(
    "element",
    [
        pytest.param({}, id="an empty element"),
        pytest.param({"participant": None, "words": None}, id="nulls"),
        pytest.param({"participant": {}, "words": []}, id="an empty participant"),
        pytest.param({"participant": {"name": None, "is_host": "yes", "platform": 5}}, id="odd types"),
        pytest.param({"participant": "Ada"}, id="a text for a participant"),
    ],
)
def test_an_unknown_speaker_is_a_participant_without_a_name(element: dict[str, Any]) -> None:
    assert read([element]) == Payload((Participant(),), (Utterance(0, (), None, None, None),))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({}, "the transcript file is not a JSON array of utterances", id="an object"),
        pytest.param(None, "the transcript file is not a JSON array of utterances", id="null"),
        pytest.param("[]", "the transcript file is not a JSON array of utterances", id="a text"),
        pytest.param([{}, "x"], "element 1 of the transcript file is not an object", id="an element"),
        pytest.param([{"words": {}}], "the words of element 0 are not an array", id="words"),
        pytest.param([{"words": [[]]}], "a word of element 0 is not an object", id="a word"),
    ],
)
def test_what_is_no_transcript_is_refused_with_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(value)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        pytest.param(at(92.330956), 92.330956, id="an object"),
        pytest.param({"relative": 3}, 3.0, id="no absolute"),
        pytest.param(7, 7.0, id="a plain number"),
        pytest.param(at(-2.5), -2.5, id="before the recording began"),
        pytest.param(at(None), None, id="null inside"),
        pytest.param({}, None, id="an empty object"),
        pytest.param(None, None, id="null"),
        pytest.param("1.5", None, id="a text"),
        pytest.param(at(True), None, id="true is no number"),
        pytest.param(10**400, None, id="more digits than a float holds"),
    ],
)
def test_times_come_in_every_shape(timestamp: Any, seconds: float | None) -> None:
    read_word = read([{"words": [word("x", start=timestamp, end=timestamp)]}]).utterances[0].words[0]
    assert (read_word.start_s, read_word.end_s) == (seconds, seconds)


def test_a_word_without_any_of_its_keys_is_kept() -> None:
    assert read([{"words": [{}]}]).utterances[0].words == (Word(None, None, None),)


@pytest.mark.parametrize(
    ("absolute", "moment"),
    [
        pytest.param(stamp(1), datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="a time"),
        pytest.param(1757763541.5, datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="seconds since 1970"),
        pytest.param(1757763541500, datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="milliseconds since 1970"),
        pytest.param(1.5, None, id="a number that is no such time"),
        pytest.param(10**400, None, id="more digits than a float holds"),
        pytest.param(True, None, id="true is no number"),
        pytest.param("2025-09-13T11:39:01.500000Z", datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="six digits"),
        pytest.param(None, None, id="null"),
        pytest.param("yesterday", None, id="a text"),
    ],
)
def test_absolute_times_are_moments_or_nothing(absolute: Any, moment: datetime | None) -> None:
    utterance = read([{"words": [word("x", at(1, absolute), at(1, absolute))]}]).utterances[0]
    assert (utterance.started_at, utterance.ended_at) == (moment, moment)


def test_moments_come_from_the_first_and_the_last_word_that_bear_one() -> None:
    words = [word("a"), word("b", None, at(1, stamp(1))), word("c", at(2, stamp(2))), word("d")]
    utterance = read([{"words": words}]).utterances[0]
    assert utterance.started_at == datetime(2025, 9, 13, 11, 39, 1, 500000, UTC)
    assert utterance.ended_at == datetime(2025, 9, 13, 11, 39, 2, 500000, UTC)


def test_an_utterance_spans_all_its_words_whatever_their_order() -> None:
    utterance = read([{"words": [word("b", 5, 6), word("a", 1), word("c", None, 9), word("d")]}]).utterances[0]
    assert (utterance.start_s, utterance.end_s) == (1.0, 9.0)


def test_without_any_times_an_utterance_has_no_span() -> None:
    utterance = read([{"words": [word("a")]}]).utterances[0]
    assert (utterance.start_s, utterance.end_s) == (None, None)


def test_the_text_joins_the_words_that_have_one() -> None:
    words = [word("Good"), word(""), word(None), word("morning, everyone."), word(7)]
    payload = read([{"words": words}])
    assert payload.utterances[0].text == "Good morning, everyone. 7"
    assert payload.word_count == 5


def test_one_person_is_one_id_and_name() -> None:
    people = [(100, "Ada"), (200, "Ada"), (100, "Ada"), (None, "Ada"), (None, None), (100, "Eve"), (None, "Ada")]
    payload = read([{"participant": {"id": i, "name": name}} for i, name in people])
    assert [utterance.participant for utterance in payload.utterances] == [0, 1, 0, 2, 3, 4, 2]
    assert len(payload.participants) == 5


@pytest.mark.parametrize(
    ("element", "participant"),
    [
        ({"participant": {}, "speaker": "Ada", "speaker_id": 100}, Participant("100", "Ada")),
        ({"participant": {"id": 100, "name": None}, "speaker": "Ada"}, Participant("100", "Ada")),
        ({"participant": {"id": None, "name": "200-0"}, "speaker_id": 200}, Participant("200", "200-0")),
        ({"participant": {"id": 1, "name": "Ada"}, "speaker": "Eve", "speaker_id": 2}, Participant("1", "Ada")),
        ({"participant": None, "speaker": "A"}, Participant(None, "A")),
    ],
    ids=["neither in the newer form", "a name in the older one", "an id in the older one", "both", "no newer form"],
)
def test_of_two_generations_in_one_element_each_fills_what_the_other_lacks(
    element: dict[str, Any], participant: Participant
) -> None:
    assert read([element]).participants == (participant,)


@pytest.mark.parametrize("name", ["", " ", "0", "B", "200-0", "Ada\nLovelace", "\u202eadA"])
def test_names_are_kept_as_they_are(name: str) -> None:
    assert read([{"participant": {"id": 1, "name": name}}]).participants == (Participant("1", name),)


@pytest.mark.parametrize(
    "platform", ["desktop", "mobile_app", "dial-in", "dial_in", "unknown", "phone", "something new", None]
)
def test_any_platform_is_kept_as_it_is(platform: str | None) -> None:
    assert read([{"participant": {"id": 1, "platform": platform}}]).participants[0].platform == platform


@pytest.mark.parametrize(
    "extra",
    [
        None,
        {},
        {"zoom": {"os": 3, "guest": False, "user_guid": "g", "conf_user_id": "c"}},
        {"microsoft_teams": {"role": "presenter", "user_id": "8:orgid:1", "tenant_id": "t"}},
        {"google_meet": {"static_participant_id": "Zm9v"}},
        ["something", {"new": 1.5}],
    ],
)
def test_what_the_platform_says_is_kept_whole(extra: Any) -> None:
    assert read([{"participant": {"id": 1, "extra_data": extra}}]).participants[0].extra_data == extra


def test_a_caption_phrase_is_one_word_without_times() -> None:
    payload = read([{"participant": {"id": 1}, "words": [{"text": "so we will see."}, {"text": "Right"}]}])
    assert payload.utterances[0].words == (Word("so we will see.", None, None), Word("Right", None, None))
    assert (payload.utterances[0].text, payload.word_count) == ("so we will see. Right", 2)


def test_an_old_file_may_lack_the_ends_and_say_nothing_of_its_languages() -> None:
    words = [{"text": "Good", "start_timestamp": 1.5, "language": None, "confidence": None}]
    payload = read([{"speaker": "Ada", "speaker_id": 100, "language": None, "words": words}])
    assert payload.utterances == (Utterance(0, (Word("Good", 1.5, None),), None, None, None),)


def test_times_that_lie_over_each_other_or_run_backward_are_kept_in_the_order_of_the_file() -> None:
    spans = [(5.0, 9.0), (6.0, 7.0), (3.0, 2.0), (92.330956, 92.330956)]
    payload = read([{"speaker": "Ada", "words": [word("x", at(start), at(end))]} for start, end in spans])
    assert [(u.words[0].start_s, u.words[0].end_s) for u in payload.utterances] == spans


def test_blanks_are_filled_by_later_appearances_and_never_overwritten() -> None:
    base = {"id": 100, "name": "Ada"}
    appearances: list[dict[str, Any]] = [
        {},
        {"is_host": False, "email": "a@b.c"},
        {"is_host": True, "platform": "desktop"},
    ]
    payload = read([{"participant": base | more} for more in appearances])
    assert payload.participants == (Participant("100", "Ada", False, "desktop", "a@b.c"),)


@pytest.mark.parametrize(
    ("given_id", "kept"),
    [(100, "100"), ("100", "100"), (16998240, "16998240"), (1.5, "1.5"), (True, None), ([1], None), ("", "")],
)
def test_ids_are_kept_as_text(given_id: Any, kept: str | None) -> None:
    assert read([{"participant": {"id": given_id}}]).participants[0].participant_id == kept


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


@given(value=st.lists(ELEMENTS, max_size=4) | JSON)
def test_any_json_is_a_payload_or_unreadable(value: Any) -> None:
    value = storable(value)
    try:
        payload = read(value)
    except Unreadable:
        return
    assert len(payload.utterances) == len(value)
    spoken = [utterance.participant for utterance in payload.utterances]
    assert list(dict.fromkeys(spoken)) == list(range(len(payload.participants)))
    assert payload.word_count == sum(len(element.get("words") or []) for element in value)
    for utterance in payload.utterances:
        if utterance.start_s is not None:
            assert utterance.end_s is not None
            assert utterance.start_s <= utterance.end_s
