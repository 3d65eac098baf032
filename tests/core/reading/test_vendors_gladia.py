from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, called_back, only, rows, spoken, streamed, texts

ASYNC, LIVE = "gladia_v2_async", "gladia_v2_streaming"


def utterance(*words: str, channel: int = 0, start: float = 0.5, **more: Any) -> dict[str, Any]:
    heard = [{"word": f" {w}", "start": start, "end": start + 0.5, "confidence": 0.75} for w in words]
    said = {"text": " ".join(words), "start": start, "end": start + 1, "confidence": 0.5, "channel": channel}
    return said | {"language": "en", "words": heard} | more


def transcription(*utterances: dict[str, Any], channels: int = 1) -> dict[str, Any]:
    said = {"full_transcript": "whatever", "languages": ["en"], "utterances": list(utterances)}
    return {"metadata": {"number_of_distinct_channels": channels}, "transcription": said}


def job(status: str, result: Any) -> dict[str, Any]:
    return {"id": "g1", "request_id": "G-1", "version": 2, "status": status, "result": result}


def test_words_lose_their_leading_spaces() -> None:
    done = job("done", transcription(utterance("Hi", speaker=1)))
    assert rows(ASYNC, answered(job("queued", None)), answered(done)) == [("Hi", 0.5, 1.0, 0.75, "1", True)]


def test_the_receipt_has_no_words_and_the_callback_repeats_the_answer() -> None:
    result = transcription(utterance("Hi"))
    callback = {"id": "g1", "event": "transcription.success", "payload": result}
    assert only(ASYNC, answered({"id": "g1", "result_url": None})).note is None
    assert only(ASYNC, answered(job("queued", None))).note is None
    assert spoken(ASYNC, called_back(callback), answered(job("done", result))) == [[("Hi", False)], [("Hi", True)]]
    failed = only(ASYNC, answered(job("error", None) | {"error_code": 500}))
    assert failed.note == "the provider reports an error"


def test_channels_are_named_where_there_are_several() -> None:
    several = transcription(utterance("a"), utterance("b", channel=1), channels=2)
    assert [said[4] for said in rows(ASYNC, answered(job("done", several)))] == ["channel 0", "channel 1"]


def live(kind: str, data: Any, session: str = "s") -> Any:
    return streamed({"session_id": session, "created_at": "2025-09-13T12:00:00Z", "type": kind, "data": data})


def heard(name: str, is_final: bool, *words: str, **more: Any) -> Any:
    return live("transcript", {"id": name, "is_final": is_final, "utterance": utterance(*words)}, **more)


def test_what_is_said_again_at_the_end_replaces_all_of_its_session() -> None:
    whole = transcription(utterance("Hi", "there."))
    parts = [
        live("speech_start", {"time": 0.5, "channel": 0}),
        heard("00_1", False, "hi"),
        heard("00_1", True, "hi", "there"),
        heard("00_1", True, "elsewhere", session="t"),
        live("named_entity_recognition", {"utterance_id": "00_1", "utterance": utterance("hi"), "results": []}),
        live("post_transcript", whole["transcription"]),
        live("post_final_transcript", whole),
    ]
    assert spoken(LIVE, *parts)[1:] == [
        [("hi", False)],
        [("hi", False), ("there", False)],
        [("elsewhere", True)],
        [],
        [("Hi", False), ("there.", False)],
        [("Hi", True), ("there.", True)],
    ]
    assert {only(LIVE, part).note for part in parts} == {None}


def test_an_empty_repetition_replaces_nothing() -> None:
    assert texts(LIVE, heard("00_1", True, "hi"), live("post_final_transcript", transcription())) == "hi"


def test_a_live_callback_is_unpacked() -> None:
    told = {
        "session_id": "s",
        "type": "transcript",
        "data": {"id": "1", "is_final": True, "utterance": utterance("Hi")},
    }
    assert texts(LIVE, called_back({"id": "s", "event": "live.transcript", "payload": told})) == "Hi"


def test_the_first_generation_is_read() -> None:
    words = [{"word": " Hi", "time_begin": 0.5, "time_end": 1.0, "confidence": 0.75}]
    said = {"transcription": "Hi", "time_begin": 0.5, "time_end": 1.0, "channel": "channel_0", "words": words}
    for speaker, label in ((1, "1"), ("not_activated", None)):
        body = {"prediction": [said | {"speaker": speaker}], "prediction_raw": {"transcription": []}}
        assert rows("gladia_v1_async", answered(body)) == [("Hi", 0.5, 1.0, 0.75, label, True)]
    assert texts("gladia_v1_async", answered({"prediction": "Hi there", "prediction_raw": {}})) == "Hi there"


@pytest.mark.parametrize(("kind", "is_final"), [("partial", False), ("final", True)])
def test_the_first_live_generation_tells_phrases(kind: str, is_final: bool) -> None:
    told = {"event": "transcript", "request_id": "G", "type": kind, "transcription": "Hi there", "confidence": 0.5}
    part = streamed(told | {"time_begin": 0.5, "time_end": 1.0})
    assert rows("gladia_v1_streaming", part) == [("Hi there", 0.5, 1.0, 0.5, None, is_final)]
    assert only("gladia_v1_streaming", streamed({"event": "connected", "request_id": "G"})).note is None


def test_a_job_that_was_created_has_no_words_and_no_note() -> None:
    created = {"event": "transcription.created", "payload": {"id": "g1"}}
    assert only(ASYNC, called_back(created)).note is None


@pytest.mark.parametrize("prediction", [None, 7, {"words": []}])
def test_a_prediction_of_an_unknown_shape_is_noted(prediction: Any) -> None:
    heard = only("gladia_v1_async", answered({"prediction": prediction}))
    assert (heard.words, heard.note) == ((), "its shape is not one that syncd knows")


@pytest.mark.parametrize("said", [None, "red fox"])
def test_a_live_utterance_that_is_no_object_has_no_words(said: Any) -> None:
    data = {"id": "1", "is_final": True, "utterance": said}
    assert only(LIVE, streamed({"session_id": "s", "type": "transcript", "data": data})).words == ()
