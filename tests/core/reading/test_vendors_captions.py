from typing import Any

import pytest

from tests.core.reading.vendor_parts import only, rows, spoken, streamed


def caption(text: str, is_final: bool, **more: Any) -> Any:
    return streamed({"caption_id": 1, "text": text, "is_final": is_final, "participant_id": 100} | more)


def test_a_caption_is_one_word_that_grows() -> None:
    parts = [caption("Good", False), caption("Good day.", True), caption("Good day!", True)]
    assert spoken("meeting_captions", *parts) == [[("Good", False)], [("Good day.", False)], [("Good day!", True)]]
    assert rows("meeting_captions", parts[1]) == [("Good day.", None, None, None, "100", True)]


@pytest.mark.parametrize("provider", ["meeting_captions", "recallai_streaming"])
def test_words_in_the_shape_of_recalls_events_are_read(provider: str) -> None:
    words = [{"text": "Hi.", "start_timestamp": {"relative": 1.5}, "end_timestamp": {"relative": 2}}]
    payload = {"words": words, "participant": {"id": 100, "name": "Ada"}, "language_code": "en"}
    assert rows(provider, streamed(payload)) == [("Hi.", 1.5, 2.0, None, "Ada", True)]


def test_zoom_tells_the_time_by_the_clock_only() -> None:
    content = {"user_id": 1, "user_name": "Ada", "data": "Hello!", "start_time": 1727384100000, "timestamp": 1}
    assert rows("zoom_rtms", streamed({"msg_type": 17, "content": content})) == [
        ("Hello!", None, None, None, "Ada", True)
    ]
    assert only("zoom_rtms", streamed({"msg_type": 12, "timestamp": 5})).note is None


def test_elsewhere_a_text_alone_is_no_known_shape() -> None:
    heard = only("deepgram_streaming", caption("Good day.", True))
    assert (heard.words, heard.note) == ((), "its shape is not one that syncd knows")
