from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, audio_of, called_back, only, rows, spoken, streamed, texts

ASYNC, LIVE = "deepgram_async", "deepgram_streaming"


def word(text: str, start: float, **more: Any) -> dict[str, Any]:
    plain = text.lower().rstrip(".,?")
    return {"word": plain, "punctuated_word": text, "start": start, "end": start + 0.25, "confidence": 0.75} | more


def response(*channels: list[dict[str, Any]], request: str = "r1") -> dict[str, Any]:
    heard = [{"alternatives": [{"transcript": "", "confidence": 0.9, "words": words}]} for words in channels]
    return {"metadata": {"request_id": request, "channels": len(channels)}, "results": {"channels": heard}}


def results(is_final: bool, *words: dict[str, Any], index: tuple[int, int] = (0, 1)) -> dict[str, Any]:
    alternative = {"transcript": "", "confidence": 0.9, "words": list(words)}
    return {
        "type": "Results",
        "channel_index": list(index),
        "is_final": is_final,
        "speech_final": is_final,
        "channel": {"alternatives": [alternative]},
    }


def test_the_punctuated_word_is_read_with_its_speaker() -> None:
    body = response([word("Good", 0.25, speaker=0), word("day.", 0.5, speaker=1)])
    assert rows(ASYNC, answered(body)) == [
        ("Good", 0.25, 0.5, 0.75, "0", True),
        ("day.", 0.5, 0.75, 0.75, "1", True),
    ]


def test_without_punctuation_the_plain_word_is_read() -> None:
    plain = {"word": "good", "start": 0, "end": 1, "confidence": 1}
    assert rows(ASYNC, answered(response([plain]))) == [("good", 0.0, 1.0, 1.0, None, True)]


def test_only_the_best_alternative_counts() -> None:
    body = response([word("Yes.", 1.0)])
    body["results"]["channels"][0]["alternatives"].append({"words": [word("Less.", 1.0)]})
    assert texts(ASYNC, answered(body)) == "Yes."


def test_channels_name_who_speaks_where_there_are_several() -> None:
    body = response([word("Hi.", 0.5)], [word("Hello.", 1.0)])
    assert [(said[0], said[4]) for said in rows(ASYNC, answered(body))] == [
        ("Hi.", "channel 0"),
        ("Hello.", "channel 1"),
    ]
    silent = response([], [word("Hello.", 1.0)])
    assert [said[4] for said in rows(ASYNC, answered(silent))] == ["channel 1"]


def test_utterances_are_read_where_channels_have_no_words() -> None:
    body = response([])
    body["results"]["utterances"] = [{"channel": 0, "speaker": 2, "transcript": "Hi.", "words": [word("Hi.", 0.5)]}]
    assert rows(ASYNC, answered(body)) == [("Hi.", 0.5, 0.75, 0.75, "2", True)]


def test_silence_is_no_reason_for_a_note() -> None:
    assert only(ASYNC, answered(response([]))).note is None
    assert only(LIVE, streamed(results(True))).note is None


def test_the_callback_and_the_answer_of_one_request_count_once() -> None:
    body = response([word("Hi.", 0.5)])
    assert spoken(ASYNC, answered({"request_id": "r1"}), called_back(body), answered(body)) == [
        [],
        [("Hi.", False)],
        [("Hi.", True)],
    ]


def test_interim_results_are_not_final_and_the_offset_is_added() -> None:
    source = audio_of(7, 12.5)
    parts = [
        streamed({"type": "SpeechStarted", "channel": [0], "timestamp": 0.5}, source),
        streamed(results(False, word("Good", 0.5)), source),
        streamed(results(True, word("Good", 0.5), word("day.", 0.75)), source),
        streamed({"type": "UtteranceEnd", "channel": [0], "last_word_end": 1.0}, source),
        streamed({"type": "Metadata", "request_id": "r"}, source),
    ]
    assert rows(LIVE, *parts) == [
        ("Good", 13.0, 13.25, 0.75, None, False),
        ("Good", 13.0, 13.25, 0.75, None, True),
        ("day.", 13.25, 13.5, 0.75, None, True),
    ]
    assert {only(LIVE, part).note for part in parts} == {None}


def test_live_channels_are_told_apart() -> None:
    parts = [streamed(results(True, word("Hi.", 0.5), index=(n, 2))) for n in (0, 1)]
    assert [said[4] for said in rows(LIVE, *parts)] == ["channel 0", "channel 1"]


def test_a_turn_counts_once_it_has_ended() -> None:
    words = [{"word": "Hi.", "confidence": 0.5}]
    turn = {"type": "TurnInfo", "turn_index": 0, "transcript": "Hi.", "words": words}
    parts = [streamed(turn | {"event": event}) for event in ("Update", "EagerEndOfTurn", "EndOfTurn")]
    assert spoken(LIVE, *parts) == [[("Hi.", False)], [("Hi.", False)], [("Hi.", True)]]


def test_a_refusal_is_noted() -> None:
    refused = {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "r"}
    assert only(ASYNC, answered(refused, status=401)).note == "the provider reports an error"


@pytest.mark.parametrize("provider", [ASYNC, "elevenlabs_async", "rev_async", None])
def test_a_refused_request_is_noted_whatever_its_body(provider: str | None) -> None:
    body = {"category": "INVALID_JSON", "message": "Invalid JSON.", "details": "See the docs.", "request_id": "r"}
    assert only(provider, answered(body, status=400)).note == "the provider reports an error"
    assert only(provider, called_back(body)).note == "the provider reports an error"
    unknown = only(provider, answered({"request_id": "r"}, status=404))
    assert (unknown.words, unknown.note) == ((), "the provider answered with HTTP status 404")


def test_turns_count_anew_after_a_new_connection() -> None:
    def turn(request: str, text: str) -> dict[str, Any]:
        about = {"type": "TurnInfo", "event": "EndOfTurn", "request_id": request, "turn_index": 0}
        return about | {"transcript": text, "words": [{"word": text, "confidence": 0.5}]}

    parts = [
        streamed({"type": "Connected", "request_id": "a"}),
        streamed(turn("a", "Hi.")),
        streamed({"type": "Connected", "request_id": "b"}),
        streamed(turn("b", "Bye.")),
        streamed(turn("b", "Bye!")),
    ]
    assert texts(LIVE, *parts) == "Hi. Bye!"
