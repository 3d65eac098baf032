import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, only, rows, spoken, streamed, texts

ASYNC, LIVE = "aws_transcribe_async", "aws_transcribe_streaming"


def item(text: str, start: float, **more: Any) -> dict[str, Any]:
    times = {"start_time": str(start), "end_time": str(start + 0.5)}
    said = [{"confidence": "0.987", "content": text}]
    return {"type": "pronunciation", "alternatives": said} | times | more


def mark(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": text}]} | more


def batch(items: list[dict[str, Any]], job: str = "j", **more: Any) -> dict[str, Any]:
    results = {"transcripts": [{"transcript": "whatever"}], "items": items} | more
    return {"jobName": job, "accountId": "1", "status": "COMPLETED", "results": results}


def test_numbers_are_read_from_text_and_punctuation_joins_its_word() -> None:
    items = [item("Well", 0.5), mark(","), item("yes", 1.0), mark("."), mark("…")]
    assert rows(ASYNC, answered(batch(items))) == [
        ("Well,", 0.5, 1.0, 0.987, None, True),
        ("yes.…", 1.0, 1.5, 0.987, None, True),
    ]


def test_a_mark_that_opens_a_question_joins_the_word_after() -> None:
    items = [item("Hola", 0.5), mark("."), mark("¿"), item("Qué", 1.0), mark("?")]
    assert texts(ASYNC, answered(batch(items))) == "Hola. ¿Qué?"


def test_newer_files_label_the_items_and_older_ones_only_the_segments() -> None:
    newer = batch([item("Hi", 0.5, speaker_label="spk_0"), mark("."), item("Yo", 1.5, speaker_label="spk_1")])
    segments = [
        {"speaker_label": "spk_0", "items": [{"start_time": "0.5", "end_time": "1.0", "speaker_label": "spk_0"}]},
        {"speaker_label": "spk_1", "items": [{"start_time": "1.5", "end_time": "2.0"}]},
    ]
    older = batch([item("Hi", 0.5), mark("."), item("Yo", 1.5)], speaker_labels={"speakers": 2, "segments": segments})
    expected = [("Hi.", 0.5, 1.0, 0.987, "spk_0", True), ("Yo", 1.5, 2.0, 0.987, "spk_1", True)]
    assert rows(ASYNC, answered(newer)) == rows(ASYNC, answered(older)) == expected


def test_channels_are_named_from_the_items_or_from_the_channels() -> None:
    first, second = item("Hi", 0.5), item("Yo", 0.6)
    channels = [
        {"channel_label": "ch_0", "items": [first, mark(".")]},
        {"channel_label": "ch_1", "items": [second, mark("!")]},
    ]
    labels = {"channels": channels, "number_of_channels": 2}
    labelled = [
        item("Hi", 0.5, channel_label="ch_0"),
        item("Yo", 0.6, channel_label="ch_1"),
        mark(".", channel_label="ch_0"),
        mark("!", channel_label="ch_1"),
    ]
    expected = [("Hi.", "channel 0"), ("Yo!", "channel 1")]
    for body in (
        batch([], channel_labels=labels),
        batch(labelled, channel_labels=labels),
        batch([first, mark("."), second, mark("!")], channel_labels=labels),
    ):
        assert [(said[0], said[4]) for said in rows(ASYNC, answered(body))] == expected


def test_a_file_wrapped_or_written_as_text_is_found() -> None:
    text = (
        '{"results": {"transcripts": [], "items": [{"type": "pronunciation", "alternatives": [{"content": "Hi"}]}]}}'
    )
    assert texts(ASYNC, answered(text)) == "Hi"
    assert texts(ASYNC, answered({"result": batch([item("Hi", 0.5)])})) == "Hi"
    assert texts(ASYNC, answered(batch([item("Hi", 0.5)])["results"])) == "Hi"


def test_a_job_on_its_way_has_no_words_and_a_failed_one_a_note() -> None:
    running = {"TranscriptionJob": {"TranscriptionJobName": "j", "TranscriptionJobStatus": "IN_PROGRESS"}}
    failed = {"TranscriptionJob": {"TranscriptionJobName": "j", "TranscriptionJobStatus": "FAILED"}}
    assert only(ASYNC, answered(running)).note is None
    assert only(ASYNC, answered(failed)).note == "the provider reports an error"


def live(result_id: str, is_partial: bool, *items: dict[str, Any], channel: str = "ch_0") -> dict[str, Any]:
    heard = [{"Transcript": "whatever", "Items": list(items)}]
    return {"ResultId": result_id, "IsPartial": is_partial, "Alternatives": heard, "ChannelId": channel}


def heard(text: str, start: float, kind: str = "pronunciation") -> dict[str, Any]:
    said = {"Content": text, "Type": kind, "StartTime": start, "EndTime": start + 0.5, "Confidence": 0.5}
    return said | {"Speaker": "0", "Stable": True}


def event(*results: dict[str, Any]) -> dict[str, Any]:
    return {"Transcript": {"Results": list(results)}}


def test_live_results_grow_until_they_are_final() -> None:
    parts = [
        streamed(event()),
        streamed(event(live("a", True, heard("Hi", 0.5)))),
        streamed(event(live("a", False, heard("Hi", 0.5), heard(".", 1.0, "punctuation")))),
        streamed({"TranscriptEvent": event(live("b", False, heard("Yo", 2.0)))}),
    ]
    assert rows(LIVE, *parts) == [
        ("Hi", 0.5, 1.0, 0.5, "0", False),
        ("Hi.", 0.5, 1.0, 0.5, "0", True),
        ("Yo", 2.0, 2.5, 0.5, "0", True),
    ]
    assert only(LIVE, parts[0]).note is None


def test_a_result_made_final_twice_counts_once_and_others_stay() -> None:
    again = event(live("a", False, heard("Hey", 0.5)), live("b", True, heard("Yo", 2.0)))
    assert spoken(LIVE, streamed(event(live("a", False, heard("Hi", 0.5)))), streamed(again)) == [
        [("Hi", False)],
        [("Hey", True), ("Yo", False)],
    ]


def test_live_channels_are_named_without_speakers() -> None:
    parts = [
        streamed(event(live(line, False, heard("Hi", 0.5) | {"Speaker": None}, channel=line)))
        for line in ("ch_0", "ch_1")
    ]
    assert [said[4] for said in rows(LIVE, *parts)] == ["channel 0", "channel 1"]
    assert rows(LIVE, parts[0])[0][4] is None


def test_a_mark_without_a_channel_stays_with_the_word_before_it() -> None:
    left, right = [item("red", 0.1), item("fox", 0.3), mark(".")], [item("green", 1.1), item("hen", 1.3), mark(".")]
    channels = [{"channel_label": "ch_0", "items": left}, {"channel_label": "ch_1", "items": right}]
    body = batch(left + right, channel_labels={"channels": channels, "number_of_channels": 2})
    assert [(said[0], said[4]) for said in rows(ASYNC, answered(body))] == [
        ("red", "channel 0"),
        ("fox.", "channel 0"),
        ("green", "channel 1"),
        ("hen.", "channel 1"),
    ]


def spelled(node: Any, respell: Callable[[str], str]) -> Any:
    if isinstance(node, dict):
        return {respell(name): spelled(value, respell) for name, value in node.items()}
    return [spelled(value, respell) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize(
    "respell",
    [
        pytest.param(lambda name: name[0].lower() + name[1:], id="startTime"),
        pytest.param(lambda name: re.sub(r"(?<=.)([A-Z])", r"_\1", name).lower(), id="start_time"),
    ],
)
@pytest.mark.parametrize("provider", [LIVE, "google_speech_v2_async", None])
def test_live_messages_are_read_in_the_spelling_of_any_client(
    provider: str | None, respell: Callable[[str], str]
) -> None:
    told = [
        event(live("a", True, heard("red", 0.5))),
        event(live("a", False, heard("red", 0.5), heard("fox", 1.0), heard(".", 1.5, "punctuation"))),
    ]
    assert rows(provider, *(streamed(spelled(message, respell)) for message in told)) == [
        ("red", 0.5, 1.0, 0.5, "0", False),
        ("red", 0.5, 1.0, 0.5, "0", True),
        ("fox.", 1.0, 1.5, 0.5, "0", True),
    ]


def test_an_item_without_content_is_no_word() -> None:
    empty = item("", 1.0) | {"alternatives": []}
    assert texts(ASYNC, answered(batch([item("red", 0.5), empty, item("fox", 1.5)]))) == "red fox"


def test_an_item_of_a_channel_without_content_is_no_word() -> None:
    empty = item("", 1.0) | {"alternatives": []}
    line = {"channel_label": "ch_0", "items": [item("red", 0.5), empty, item("fox", 1.5)]}
    body = batch([], channel_labels={"channels": [line]})
    assert texts(ASYNC, answered(body)) == "red fox"
