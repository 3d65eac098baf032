import math
from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, called_back, only, rows, spoken, streamed

ASYNC, LIVE = "elevenlabs_async", "elevenlabs_streaming"


def token(text: str, start: float | None, kind: str = "word", **more: Any) -> dict[str, Any]:
    end = None if start is None else start + 0.5
    return {"text": text, "type": kind, "start": start, "end": end, "speaker_id": "speaker_0", "logprob": 0.0} | more


TOKENS = [token("Hi,", 0.5), token(" ", 1.0, "spacing"), token("you.", 1.5), token("(laughter)", 2.0, "audio_event")]


def response(words: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"language_code": "eng", "language_probability": 0.9, "text": "whatever", "words": words, **more}


READ = [("Hi,", 0.5, 1.0, 1.0, "speaker_0", True), ("you.", 1.5, 2.0, 1.0, "speaker_0", True)]


def test_spaces_and_sounds_are_no_words() -> None:
    assert rows(ASYNC, answered(response(TOKENS))) == READ
    laugh = only(ASYNC, answered(response(TOKENS[3:])))
    assert (laugh.words, laugh.note) == ((), None)


@pytest.mark.parametrize(
    ("logprob", "expected"),
    [(0.0, 1.0), (-0.5, math.exp(-0.5)), (-1e9, 0.0), ("-Infinity", 0.0), (None, None), (1e-9, 1.0), (3.0, None)],
)
def test_the_confidence_is_the_exponential_of_the_logarithm(logprob: Any, expected: float | None) -> None:
    [said] = rows(ASYNC, answered(response([token("Hi", 0.5, logprob=logprob)])))
    assert said[3] == expected


def test_channels_are_named_without_speakers() -> None:
    lines = [response([token("a", 0.5, speaker_id=None)], channel_index=index) for index in (0, 1)]
    body = {"transcripts": lines, "transcription_id": "x"}
    assert [said[4] for said in rows(ASYNC, answered(body))] == ["channel 0", "channel 1"]


def test_the_webhook_is_unpacked_and_the_receipt_has_no_words() -> None:
    data = {"request_id": "r", "transcription": response(TOKENS)}
    webhook = called_back({"type": "speech_to_text_transcription", "event_timestamp": 1, "data": data})
    assert rows(ASYNC, webhook) == READ
    assert only(ASYNC, answered({"message": "accepted", "request_id": "r"})).note is None


def test_a_committed_phrase_is_replaced_by_its_words() -> None:
    def said(kind: str, text: str, *words: dict[str, Any]) -> Any:
        return streamed({"message_type": kind, "text": text} | ({"words": list(words)} if words else {}))

    timed = "committed_transcript_with_timestamps"
    parts = [
        streamed({"message_type": "session_started", "session_id": "s", "config": {}}),
        said("partial_transcript", "ok"),
        said("committed_transcript", "Okay."),
        said(timed, "Okay.", token("Okay.", 0.5)),
        said("committed_transcript", "Okay."),
        said(timed, "Okay.", token("Okay.", 2.5)),
        said("committed_transcript", "Bye."),
    ]
    finals = [[word[1] for word in said] for said in spoken(LIVE, *parts)]
    assert finals == [[], [False], [False], [True], [False], [True], [True]]
    assert only(LIVE, streamed({"message_type": "auth_error", "error": "no"})).note == "the provider reports an error"


def test_the_entities_of_a_commit_are_no_commit() -> None:
    timed = [token("blue", 0.0), token("river", 0.5)]
    parts = [
        streamed({"message_type": "committed_transcript", "text": "blue river"}),
        streamed({"message_type": "committed_transcript_with_timestamps", "text": "blue river", "words": timed}),
        streamed({"message_type": "committed_transcript_entities", "text": "blue river", "entities": []}),
    ]
    assert [said[0] for said in rows(LIVE, *parts) if said[-1]] == ["blue", "river"]
    assert only(LIVE, parts[-1]).note is None


def test_a_client_library_may_write_the_speaker_in_camel_case() -> None:
    said = {name: value for name, value in token("Hi", 0.5).items() if name != "speaker_id"} | {"speakerId": "s1"}
    assert rows(ASYNC, answered(response([said])))[0][4] == "s1"
