from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, only, rows, texts

KEY = "google_speech_v2_async"
WORDS: list[dict[str, Any]] = [
    {"endOffset": "0.400s", "word": "Good", "speakerLabel": "1"},
    {"startOffset": "0.400s", "endOffset": "1.250s", "word": "day.", "speakerLabel": "2", "confidence": 0.75},
]
READ = [("Good", 0.0, 0.4, None, "1", True), ("day.", 0.4, 1.25, 0.75, "2", True)]
NAME = "projects/1/locations/global/operations/42"


def result(words: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"alternatives": [{"transcript": "whatever", "confidence": 0.9, "words": words}], **more}


def test_an_offset_of_zero_is_left_out_by_google() -> None:
    assert rows(KEY, answered({"results": [result(WORDS)], "metadata": {}})) == READ


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({"transcript": {"results": [result(WORDS)]}, "metadata": {}}, id="transcript"),
        pytest.param({"inlineResult": {"transcript": {"results": [result(WORDS)]}}}, id="inline"),
        pytest.param({"inline_result": {"transcript": {"results": [result(WORDS)]}}}, id="snake case"),
    ],
)
def test_an_operation_is_unpacked_file_by_file(found: dict[str, Any]) -> None:
    response = {"@type": "type.googleapis.com/x", "results": {"gs://bucket/a.flac": found}}
    assert rows(KEY, answered({"name": NAME, "done": True, "response": response})) == READ
    assert rows(KEY, answered(response)) == READ


def test_a_bare_list_of_results_is_read() -> None:
    assert rows(KEY, answered([result(WORDS), {"resultEndOffset": "2s", "languageCode": "en-us"}])) == READ


def test_an_operation_on_its_way_or_elsewhere_has_no_words() -> None:
    stored = {"results": {"gs://a": {"cloudStorageResult": {"uri": "gs://b"}, "metadata": {}}}}
    assert only(KEY, answered({"name": NAME, "metadata": {"progressPercent": 0}})).note is None
    assert only(KEY, answered({"name": NAME, "done": True, "response": stored})).note is None
    failed = only(KEY, answered({"name": NAME, "done": True, "error": {"code": 3, "message": "bad audio"}}))
    assert failed.note == "the provider reports an error"


def test_the_namings_of_v1_and_its_durations_are_read() -> None:
    words = [
        {"startTime": "1.100s", "endTime": "1.5s", "word": "Hi", "speakerTag": 1, "confidence": 0.5},
        {
            "start_time": {"seconds": "2", "nanos": 500000000},
            "end_time": {"seconds": 3},
            "word": "you",
            "speaker_tag": 2,
        },
        {"startTime": {}, "endTime": 4, "word": "there", "speakerTag": 0, "confidence": 0},
    ]
    assert rows(KEY, answered({"results": [result(words)]})) == [
        ("Hi", 1.1, 1.5, 0.5, "1", True),
        ("you", 2.5, 3.0, None, "2", True),
        ("there", 0.0, 4.0, None, None, True),
    ]


def test_without_time_offsets_there_are_no_times() -> None:
    assert rows(KEY, answered({"results": [result([{"word": "Hi"}])]})) == [("Hi", None, None, None, None, True)]


def timed(text: str, second: int, speaker: int = 0) -> dict[str, Any]:
    return {"word": text, "startTime": f"{second}s", "endTime": f"{second + 1}s", "speakerTag": speaker}


def test_the_last_result_of_a_diarised_answer_says_it_all_again() -> None:
    everything = [timed("a", 0, 1), timed("b", 1, 1), timed("c", 2, 2)]
    repeated = [result([timed("a", 0), timed("b", 1)]), result([timed("c", 2)]), result(everything)]
    growing = [result(everything[:2]), result(everything)]
    for results in (repeated, growing):
        said = rows(KEY, answered({"results": results}))
        assert [(text, speaker) for text, _, _, _, speaker, _ in said] == [("a", "1"), ("b", "1"), ("c", "2")]
    misplaced = [result([timed("a", 1, 1)]), result([timed("b", 0, 1), timed("c", 2, 2)])]
    assert texts(KEY, answered({"results": misplaced})) == "a b c"
    apart = [result([timed("a", 0, 1)]), result([timed("a", 1, 1), timed("c", 2, 2)])]
    assert texts(KEY, answered({"results": apart})) == "a a c"


def test_a_repetition_is_known_by_its_words_where_there_are_no_times() -> None:
    first, tagged = {"word": "a"}, {"word": "a", "speakerTag": 1}
    later = {"word": "b", "speakerTag": 1}
    assert texts(KEY, answered({"results": [result([first]), result([tagged, later])]})) == "a b"


def test_channels_are_named_and_do_not_repeat_each_other() -> None:
    results = [result([timed("a", 0)], channelTag=1), result([timed("a", 0)], channelTag=2)]
    assert [said[4] for said in rows(KEY, answered({"results": results}))] == ["channel 1", "channel 2"]


def test_a_phrase_without_words_is_one_word() -> None:
    phrase = {"alternatives": [{"transcript": " good day ", "confidence": 0.5}], "resultEndOffset": "3.5s"}
    assert rows(KEY, answered({"results": [phrase]})) == [("good day", None, 3.5, 0.5, None, True)]


def test_an_answer_told_twice_counts_once() -> None:
    body = {"results": [result(WORDS)]}
    assert texts(KEY, answered(body), answered(body)) == "Good day."


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"transcript": "Good day."}, id="a phrase without words"),
        pytest.param({"words": [{"startOffset": "0.1s", "endOffset": "0.4s", "word": "good"}]}, id="other times"),
    ],
)
def test_a_result_with_speakers_takes_the_place_of_those_without(first: dict[str, Any]) -> None:
    words = [{"startOffset": "0.2s", **WORDS[0]}, WORDS[1]]
    results = [{"alternatives": [first]}, {"alternatives": [{"words": words}]}]
    assert texts(KEY, answered({"results": results})) == "Good day."


@pytest.mark.parametrize("response", [{}, {"@type": "type.googleapis.com/x", "totalBilledDuration": "15s"}])
def test_an_answer_without_results_is_silence(response: dict[str, Any]) -> None:
    heard = only(KEY, answered({"name": NAME, "done": True, "response": response}))
    assert (heard.words, heard.note) == ((), None)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(0, "x b", id="it begins where the first one began"),
        pytest.param(1, "a x b", id="it begins later"),
    ],
)
def test_a_result_with_speakers_and_other_words_is_known_by_its_times(second: int, expected: str) -> None:
    results = [result([timed("a", 0)]), result([timed("x", second, 1), timed("b", second + 1, 2)])]
    assert texts(KEY, answered({"results": results})) == expected


@pytest.mark.parametrize(("word", "expected"), [("a", "a b"), ("x", "a x b")])
def test_later_speakers_without_times_are_known_by_their_words(word: str, expected: str) -> None:
    first = {"word": "a", "speakerTag": 1}
    again = [{"word": word, "speakerTag": 1}, {"word": "b", "speakerTag": 2}]
    assert texts(KEY, answered({"results": [result([first]), result(again)]})) == expected


def test_a_time_of_an_unknown_shape_is_no_time() -> None:
    word = {"word": "Hi", "startOffset": {"seconds": 1, "frames": 2}, "endOffset": "2s"}
    assert rows(KEY, answered({"results": [result([word])]})) == [("Hi", None, 2.0, None, None, True)]
