from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, audio_of, called_back, only, rows, spoken, streamed, texts

ASYNC, REALTIME, LIVE = "assembly_ai_async", "assembly_ai_streaming", "assembly_ai_v3_streaming"
WORDS = [
    {"text": "Good", "start": 240, "end": 480, "confidence": 0.98, "speaker": "A"},
    {"text": "morning.", "start": 480, "end": 1130, "confidence": 0.7, "speaker": "B"},
]
DONE = {"id": "t1", "status": "completed", "text": "Good morning.", "words": WORDS, "utterances": None}
READ = [("Good", 0.24, 0.48, 0.98, "A", True), ("morning.", 0.48, 1.13, 0.7, "B", True)]


def turn(order: int, *words: str, ends: bool = False, formatted: bool = False, settled: int = 0) -> dict[str, Any]:
    heard = [
        {"start": 100 * n, "end": 100 * n + 80, "text": word, "confidence": 0.9, "word_is_final": ends or n < settled}
        for n, word in enumerate(words)
    ]
    return {
        "type": "Turn",
        "turn_order": order,
        "turn_is_formatted": formatted,
        "end_of_turn": ends,
        "transcript": " ".join(words),
        "words": heard,
    }


def test_milliseconds_become_seconds() -> None:
    assert rows(ASYNC, answered(DONE)) == READ


def test_the_notice_and_the_queued_answer_have_no_words_and_no_note() -> None:
    parts = [
        answered({"id": "t1", "status": "queued", "words": None, "utterances": None, "text": None}),
        answered({"id": "t1", "status": "processing", "words": None}),
        called_back({"transcript_id": "t1", "status": "completed"}),
    ]
    assert [only(ASYNC, part) for part in parts] == [only(ASYNC, parts[0])] * 3
    assert only(ASYNC, parts[0]).note is None
    assert rows(ASYNC, *parts, answered(DONE)) == READ


def test_the_same_transcript_told_twice_counts_once() -> None:
    parts = [called_back(DONE), answered(DONE)]
    assert texts(ASYNC, *parts) == "Good morning."
    assert len(rows(ASYNC, *parts)) == 4


def test_the_same_transcript_of_two_participants_counts_for_each() -> None:
    parts = [answered(DONE, audio_of(1, 1.0)), answered(DONE, audio_of(2, 2.5))]
    assert rows(ASYNC, *parts) == [
        ("Good", 1.24, 1.48, 0.98, "A", True),
        ("morning.", 1.48, 2.13, 0.7, "B", True),
        ("Good", 2.74, 2.98, 0.98, "A", True),
        ("morning.", 2.98, 3.63, 0.7, "B", True),
    ]


def test_utterances_are_read_where_there_are_no_words() -> None:
    said = [{"speaker": "A", "text": "Good morning.", "start": 240, "end": 1130, "confidence": 0.8, "words": WORDS}]
    assert rows(ASYNC, answered(DONE | {"words": None, "utterances": said})) == READ
    without = [said[0] | {"words": None}]
    phrase = [("Good morning.", 0.24, 1.13, 0.8, "A", True)]
    assert rows(ASYNC, answered(DONE | {"words": None, "utterances": without})) == phrase


def test_channels_are_named_only_without_speakers_and_where_there_are_several() -> None:
    mine = [word | {"speaker": None, "channel": str(n + 1)} for n, word in enumerate(WORDS)]
    assert [said[4] for said in rows(ASYNC, answered(DONE | {"words": mine}))] == ["channel 1", "channel 2"]
    alone = [word | {"speaker": None, "channel": "1"} for word in WORDS]
    assert [said[4] for said in rows(ASYNC, answered(DONE | {"words": alone}))] == [None, None]
    named = [word | {"channel": str(n + 1)} for n, word in enumerate(WORDS)]
    assert [said[4] for said in rows(ASYNC, answered(DONE | {"words": named}))] == ["A", "B"]


def test_a_failed_transcription_says_why_there_are_no_words() -> None:
    heard = only(ASYNC, answered({"id": "t1", "status": "error", "error": "too short", "words": None}))
    assert (heard.words, heard.note) == ((), "the provider reports an error")


def test_live_partials_are_not_final() -> None:
    def message(kind: str, *words: str) -> dict[str, Any]:
        heard = [{"start": 10 * n, "end": 10 * n + 9, "confidence": 0.5, "text": w} for n, w in enumerate(words)]
        return {"message_type": kind, "audio_start": 0, "audio_end": 1500, "text": " ".join(words), "words": heard}

    parts = [
        streamed({"message_type": "SessionBegins", "session_id": "s"}),
        streamed(message("PartialTranscript", "good")),
        streamed(message("FinalTranscript", "good", "day")),
        streamed(message("FinalTranscript", "Good", "day.")),
        streamed({"message_type": "SessionTerminated"}),
    ]
    both = [("good", False), ("day", False)]
    assert spoken(REALTIME, *parts) == [[], [("good", False)], both, [("Good", True), ("day.", True)], []]


def test_the_formatted_turn_replaces_the_unformatted_one() -> None:
    parts = [
        streamed({"type": "Begin", "id": "s", "expires_at": 1}),
        streamed(turn(0, "hi", settled=1)),
        streamed(turn(0, "hi", "there", settled=1)),
        streamed(turn(0, "hi", "there", ends=True)),
        streamed(turn(0, "Hi", "there.", ends=True, formatted=True)),
        streamed(turn(1, "Bye.", ends=True, formatted=True)),
        streamed({"type": "Termination", "audio_duration_seconds": 3}),
    ]
    assert texts(LIVE, *parts) == "Hi there. Bye."
    assert len(rows(LIVE, *parts)) == 8


def test_a_turn_that_never_ends_keeps_its_settled_words() -> None:
    parts = [streamed(turn(0, "so", "we", settled=1)), streamed(turn(0, "so", "we", "wait", settled=2))]
    assert spoken(LIVE, *parts)[1] == [("so", True), ("we", True), ("wait", False)]
    assert texts(LIVE, *parts) == "so we"


def test_a_partial_that_comes_late_replaces_nothing() -> None:
    parts = [streamed(turn(0, "Hi.", ends=True)), streamed(turn(0, "hi"))]
    assert spoken(LIVE, *parts) == [[("Hi.", True)], [("hi", False)]]


def test_a_new_session_counts_its_turns_anew() -> None:
    session = [streamed({"type": "Begin", "id": "s"}), streamed(turn(0, "Hi.", ends=True))]
    assert texts(LIVE, *session, *session) == "Hi. Hi."


def test_a_revision_of_speakers_replaces_its_turn_and_keeps_the_confidence() -> None:
    words = [{"text": "Hi.", "start": 0, "end": 80, "speaker": "B"}]
    revision = {"turn_order": 0, "speaker_label": "B", "words": words}
    nothing = {"turn_order": 1, "speaker_label": "UNKNOWN", "words": []}
    parts = [
        streamed(turn(0, "Hi.", ends=True) | {"speaker_label": "A"}),
        streamed(turn(1, "Bye.", ends=True) | {"speaker_label": "A"}),
        streamed({"type": "SpeakerRevision", "revisions": [revision, nothing]}),
    ]
    assert [said for said in rows(LIVE, *parts) if said[-1]] == [
        ("Bye.", 0.0, 0.08, 0.9, "A", True),
        ("Hi.", 0.0, 0.08, 0.9, "B", True),
    ]


@pytest.mark.parametrize("provider", [ASYNC, "assembly_ai_async_chunked", "recallai_async", "of_tomorrow", None])
def test_the_shape_is_known_under_any_key(provider: str | None) -> None:
    assert rows(provider, answered(DONE)) == READ


@pytest.mark.parametrize("placeholder", ["PENDING", "UNKNOWN"])
def test_a_speaker_who_is_not_told_apart_yet_is_nobody(placeholder: str) -> None:
    word = {"text": "Hi", "start": 0, "end": 500, "confidence": 0.9, "word_is_final": True, "speaker": placeholder}
    turn = {"type": "Turn", "turn_order": 0, "end_of_turn": True, "words": [word], "speaker_label": placeholder}
    assert rows("assembly_ai_v3_streaming", streamed(turn)) == [("Hi", 0.0, 0.5, 0.9, None, True)]


def test_a_deleted_transcript_has_no_words_and_a_note() -> None:
    body = DONE | {"text": "Deleted by user.", "words": None, "audio_url": "http://deleted_by_user"}
    heard = only(ASYNC, answered(body))
    assert (heard.words, heard.note) == ((), "the transcript was deleted at the provider")


def test_a_confidence_of_zero_for_every_word_is_none() -> None:
    unsure = [word | {"confidence": 0.0} for word in WORDS]
    assert [said[3] for said in rows(ASYNC, answered(DONE | {"words": unsure}))] == [None, None]
    assert [said[3] for said in rows(ASYNC, answered(DONE | {"words": [unsure[0], WORDS[1]]}))] == [0.0, 0.7]


def test_a_session_that_is_kept_as_one_message_is_read() -> None:
    told = [
        {"type": "Begin", "id": "s"},
        turn(0, "hi", settled=1),
        turn(0, "Hi.", ends=True),
        {"type": "Termination"},
    ]
    assert texts(LIVE, answered({"session_id": "s", "messages": [*told, "odd", {"n": 1}]})) == "Hi."


@pytest.mark.parametrize(
    "message",
    [
        {"error": "Not authorized"},
        {"error": "Session expired", "error_code": 4008},
        {"type": "Error", "error": "bad audio", "session": "s"},
    ],
)
def test_an_error_of_a_live_session_is_noted(message: dict[str, Any]) -> None:
    assert only(LIVE, streamed(message)).note == "the provider reports an error"
