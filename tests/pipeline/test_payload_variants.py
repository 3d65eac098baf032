"""Every shape of a transcript file that is known comes into the tables whole, word for word and time for time."""

import json
import math
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import Scenario
from tests.pipeline.harness import Harness


def words_of(harness: Harness, id_: UUID) -> list[tuple[Any, ...]]:
    query = (
        "select position, speaker, participant_id, text, start_s, end_s from recall.words where transcript_id = %s"
        " order by position, word_position"
    )
    return [tuple(row.values()) for row in harness.rows(query, id_)]


def words_in(elements: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The same, as the file has them."""
    return [
        (position, *who(element), word.get("text"), second(word, "start"), second(word, "end"))
        for position, element in enumerate(elements)
        for word in element.get("words") or []
    ]


def who(element: dict[str, Any]) -> tuple[str | None, str | None]:
    participant = element.get("participant") or {"name": element.get("speaker"), "id": element.get("speaker_id")}
    id_ = participant.get("id")
    return participant.get("name"), None if id_ is None else str(id_)


def second(word: dict[str, Any], side: str) -> float | None:
    time = word.get(f"{side}_timestamp")
    time = time.get("relative") if isinstance(time, dict) else time
    return float(time) if time is not None and time < 10**308 and math.isfinite(time) else None


@pytest.mark.parametrize(
    "kind",
    [
        *("reversed_times", "missing_times", "negative_times", "odd_absolutes", "out_of_order", "big_numbers"),
        *("null_participant", "machine_speakers", "hybrid_speakers", "control_names", "string_ids"),
        *("empty_words", "long_word", "duplicate_keys", "overflow"),
    ],
)
def test_an_odd_file_loses_nothing(harness: Harness, kind: str) -> None:
    (id_,) = harness.track(Scenario(hostile=kind))
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"
    truth = harness.emulator.expected(id_).transcript
    assert truth is not None
    elements = json.loads(truth)
    assert words_of(harness, id_) == words_in(elements)
    assert harness.transcript(id_)["utterance_count"] == len(elements)


def test_one_meeting_has_the_same_talk_times_in_every_variant(harness: Harness) -> None:
    ids = harness.track(*[Scenario(variant=variant, seed=7) for variant in ("L", "1", "2", "3", "mixed")])
    harness.turns()
    query = (
        "select speaker, participant_id, turn_count, word_count, talk_s, overlap_s, silence_s, span_s"
        " from recall.talk_time where transcript_id = %s order by participant_position"
    )
    first, *others = [harness.rows(query, id_) for id_ in ids]
    assert len(first) == 3
    assert all(row["talk_s"] > 0 and row["span_s"] > 0 for row in first)
    assert others == [first] * 4


def test_captions_have_words_and_a_span_and_no_talk_times(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(provider="meeting_captions", words=120))
    harness.turns()
    rows = harness.rows("select * from recall.talk_time where transcript_id = %s", id_)
    assert sum(row["word_count"] for row in rows) == 120 > harness.transcript(id_)["word_count"]
    for row in rows:
        assert row["span_s"] > 0
        assert {row[name] for name in ("talk_s", "overlap_s", "words_per_minute", "silence_s")} == {None}


ODD: list[dict[str, Any]] = [
    {"participant": None, "words": [{"text": "Before", "start_timestamp": {"relative": -1.5}}]},
    {"participant": {"id": 100, "name": "Ada", "platform": "dial_in", "extra_data": {}}, "words": []},
    {"participant": {"id": "u-1", "name": " "}, "words": [{"text": "a whole phrase", "end_timestamp": None}]},
    {
        "participant": {"id": None, "name": "200-0", "platform": "unknown", "email": None},
        "language_code": None,
        "language": "hi",
        "words": [
            {
                "text": "late",
                "start_timestamp": {"relative": 9.330956, "absolute": 1757763541.5},
                "end_timestamp": {"relative": 8, "absolute": None},
            },
            {"text": None, "start_timestamp": 10, "end_timestamp": {}, "confidence": 0.5},
        ],
    },
    {"speaker": "Ada", "speaker_id": 100, "language": "en", "words": [{"text": "Old.", "start_timestamp": 9.5}]},
    {"participant": {"id": 100, "name": "Ada", "is_host": True, "platform": "phone"}, "words": None},
    {},
]


def test_all_shapes_in_one_file_are_read_as_they_are(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(payload=json.dumps(ODD).encode()))
    harness.turns()
    assert words_of(harness, id_) == [
        (0, None, None, "Before", -1.5, None),
        (2, " ", "u-1", "a whole phrase", None, None),
        (3, "200-0", None, "late", 9.330956, 8.0),
        (3, "200-0", None, None, 10.0, None),
        (4, "Ada", "100", "Old.", 9.5, None),
    ]
    query = (
        "select participant_id, name, is_host, platform, extra_data, turn_count, word_count, talk_s"
        " from recall.participants where transcript_id = %s order by position"
    )
    assert [tuple(row.values()) for row in harness.rows(query, id_)] == [
        (None, None, None, None, None, 2, 1, None),
        ("100", "Ada", True, "dial_in", {}, 3, 1, None),
        ("u-1", " ", None, None, None, 1, 3, None),
        (None, "200-0", None, "unknown", None, 1, 1, 2.0),
    ]
    query = "select language_code, started_at, start_s, end_s from recall.utterances where transcript_id = %s"
    assert tuple(harness.row(f"{query} and position = 3", id_).values()) == (
        *("hi", datetime(2025, 9, 13, 11, 39, 1, 500000, UTC)),
        *(8.0, 10.0),
    )
    assert harness.row("select text from recall.transcript_texts where transcript_id = %s", id_)["text"] == (
        "[-0:00:02] Unknown speaker: Before\n"
        "Participant u-1: a whole phrase\n"
        "[0:00:08] 200-0: late\n"
        "[0:00:09] Ada: Old."
    )
