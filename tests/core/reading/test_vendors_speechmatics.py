from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, audio_of, only, rows, spoken, streamed, texts

ASYNC, LIVE = "speechmatics_async", "speechmatics_streaming"


def word(text: str, start: float, **more: Any) -> dict[str, Any]:
    said = [{"content": text, "confidence": 0.75, "language": "en", "speaker": "S1"}]
    return {"type": "word", "start_time": start, "end_time": start + 0.5, "alternatives": said} | more


def mark(text: str, attaches_to: str | None = "previous") -> dict[str, Any]:
    where = {} if attaches_to is None else {"attaches_to": attaches_to}
    said = [{"content": text, "confidence": 1.0, "speaker": "S1"}]
    return {"type": "punctuation", "start_time": 0.0, "end_time": 0.0, "alternatives": said, "is_eos": True} | where


def job(*results: dict[str, Any]) -> dict[str, Any]:
    return {"format": "2.9", "job": {"id": "j"}, "metadata": {"type": "transcription"}, "results": list(results)}


def added(*results: dict[str, Any], partial: bool = False) -> dict[str, Any]:
    kind = "AddPartialTranscript" if partial else "AddTranscript"
    return {"message": kind, "format": "2.9", "metadata": {"transcript": "whatever"}, "results": list(results)}


def test_results_are_read() -> None:
    assert rows(ASYNC, answered(job(word("Good", 0.5), word("day", 1.0), mark(".")))) == [
        ("Good", 0.5, 1.0, 0.75, "S1", True),
        ("day.", 1.0, 1.5, 0.75, "S1", True),
    ]


@pytest.mark.parametrize(
    ("attaches_to", "expected"),
    [(None, "a* b"), ("previous", "a* b"), ("next", "a *b"), ("both", "a* b"), ("none", "a * b")],
)
def test_punctuation_attaches_where_it_says(attaches_to: str | None, expected: str) -> None:
    assert texts(ASYNC, answered(job(word("a", 0.0), mark("*", attaches_to), word("b", 1.0)))) == expected


def test_an_entity_is_one_word_as_it_is_written() -> None:
    spoken_form = [word("two", 1.0), word("dollars", 1.5)]
    money = word(
        "$2", 1.0, type="entity", entity_class="money", spoken_form=spoken_form, written_form=[word("$2", 1.0)]
    )
    assert rows(ASYNC, answered(job(money, mark(".")))) == [("$2.", 1.0, 1.5, 0.75, "S1", True)]
    date = word("", 1.0, type="entity", written_form=[word("3rd", 1.0), word("May", 1.5)])
    assert texts(ASYNC, answered(job(date))) == "3rd May"


def test_a_change_of_speaker_is_no_word() -> None:
    change = {"type": "speaker_change", "start_time": 1.0, "end_time": 1.0}
    assert texts(ASYNC, answered(job(word("a", 0.0), change, word("b", 1.0)))) == "a b"


def test_channels_are_named_without_speakers() -> None:
    def heard(text: str, channel: str) -> dict[str, Any]:
        return word(text, 0.5, channel=channel, alternatives=[{"content": text, "confidence": 0.5}])

    body = job(heard("a", "channel_1"), heard("b", "channel_2"))
    assert [said[4] for said in rows(ASYNC, answered(body))] == ["channel 1", "channel 2"]
    named = job(heard("a", "Agent"), heard("b", "Caller"))
    assert [said[4] for said in rows(ASYNC, answered(named))] == ["Agent", "Caller"]


def test_silence_and_jobs_on_their_way_have_no_words_and_no_note() -> None:
    running = {"job": {"id": "j", "status": "running", "created_at": "2025-09-13T12:00:00Z"}}
    for body in (job(), {"id": "j"}, running):
        assert only(ASYNC, answered(body)) == only(ASYNC, answered(job()))
    assert only(ASYNC, answered(job())).note is None
    rejected = {"job": {"id": "j", "status": "rejected"}}
    assert only(ASYNC, answered(rejected)).note == "the provider reports an error"


def test_partial_transcripts_are_not_final() -> None:
    parts = [
        streamed({"message": "RecognitionStarted", "id": "s"}),
        streamed(added(word("good", 0.5), partial=True)),
        streamed(added(word("Good", 0.5), word("day", 1.0))),
        streamed({"message": "EndOfTranscript"}),
    ]
    assert spoken(LIVE, *parts) == [[], [("good", False)], [("Good", True), ("day", True)], []]


def test_punctuation_of_the_next_message_joins_the_last_final_word_of_its_own_audio() -> None:
    mine, other = audio_of(1, 0.0), audio_of(2, 0.0)
    parts = [
        streamed(added(word("day", 1.0)), mine),
        streamed(added(word("Yes", 1.0)), other),
        streamed(added(mark("?"), word("day", 1.0), partial=True), mine),
        streamed(added(mark("."), word("So", 2.0)), mine),
    ]
    assert spoken(LIVE, *parts) == [[("day.", True)], [("Yes", True)], [("day", False)], [("So", True)]]
    assert only(LIVE, streamed(added(mark(".")))).note is None


@pytest.mark.parametrize("name", ["left", "agent_1", "customer_1"])
def test_a_live_channel_with_a_name_is_who_spoke(name: str) -> None:
    said = {
        "type": "word",
        "start_time": 0.0,
        "end_time": 0.5,
        "alternatives": [{"content": "Hi", "confidence": 1.0}],
    }
    message = {"message": "AddTranscript", "channel": name, "results": [said]}
    assert rows("speechmatics_streaming", streamed(message)) == [("Hi", 0.0, 0.5, 1.0, name, True)]


@pytest.mark.parametrize(("left", "right"), [("left", "right"), ("channel_1", "channel_2")])
def test_punctuation_of_the_next_message_stays_in_its_channel(left: str, right: str) -> None:
    def said(channel: str, result: dict[str, Any]) -> dict[str, Any]:
        return added(result) | {"channel": channel}

    parts = [
        streamed(said(left, word("red", 0.5))),
        streamed(said(right, word("hen", 1.0))),
        streamed(said(left, mark("."))),
    ]
    assert spoken(LIVE, *parts) == [[("red.", True)], [("hen", True)], []]


def test_an_error_of_a_live_session_is_noted() -> None:
    error = {"message": "Error", "type": "not_authorised", "reason": "no key"}
    assert only(LIVE, streamed(error)).note == "the provider reports an error"
