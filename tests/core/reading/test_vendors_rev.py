from typing import Any

import pytest

from tests.core.reading.vendor_parts import answered, called_back, only, rows, spoken, streamed, texts

ASYNC, LIVE = "rev_async", "rev_streaming"


def said(text: str, start: float) -> dict[str, Any]:
    return {"type": "text", "value": text, "ts": start, "end_ts": start + 0.5, "confidence": 0.75}


def mark(text: str) -> dict[str, Any]:
    return {"type": "punct", "value": text}


def transcript(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"monologues": [{"speaker": 1, "elements": list(elements)} | more]}


def test_monologues_are_read_with_their_punctuation() -> None:
    body = transcript(said("Hi", 0.5), mark(","), mark(" "), said("you", 1.0), mark(". "))
    assert rows(ASYNC, answered(body)) == [
        ("Hi,", 0.5, 1.0, 0.75, "1", True),
        ("you.", 1.0, 1.5, 0.75, "1", True),
    ]


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        pytest.param([said("a", 0), mark(","), said("b", 1)], "a, b", id="no spaces at all"),
        pytest.param([said("a", 0), mark(" "), mark('"'), said("b", 1), mark('"')], 'a "b"', id="a quote opens"),
        pytest.param([said("a", 0), mark(" ("), said("b", 1), mark(") ")], "a (b)", id="a space before it"),
        pytest.param([said("a", 0), mark(" -"), mark(" "), said("b", 1)], "a - b", id="a dash"),
        pytest.param([said("a", 0), mark(" "), mark("-"), mark(" "), said("b", 1)], "a - b", id="a dash alone"),
        pytest.param([mark("-"), said("a", 0)], "-a", id="at the beginning"),
        pytest.param([mark(". "), said("a", 0)], "a", id="of no word"),
        pytest.param([{"type": "unknown", "value": "<unk>"}, said("a", 0)], "a", id="not understood"),
    ],
)
def test_punctuation_belongs_to_the_word_that_it_touches(elements: list[dict[str, Any]], expected: str) -> None:
    assert texts(ASYNC, answered(transcript(*elements))) == expected


def test_a_speaker_may_have_a_name_only() -> None:
    body = transcript(said("Hi", 0.5), speaker=None, speaker_info={"id": "x", "display_name": "Ada"})
    assert rows(ASYNC, answered(body))[0][4] == "Ada"


def test_the_job_has_no_words_and_a_repeated_transcript_counts_once() -> None:
    body = transcript(said("Hi", 0.5))
    notice = called_back({"job": {"id": "j", "status": "transcribed"}})
    assert only(ASYNC, notice).note is None
    assert spoken(ASYNC, notice, answered(body), answered(body)) == [[], [("Hi", False)], [("Hi", True)]]
    assert only(ASYNC, answered({"id": "j", "status": "in_progress"})).note is None
    failed = {"job": {"id": "j", "status": "failed", "failure": "download_failure"}}
    assert only(ASYNC, called_back(failed)).note == "the provider reports an error"


def test_live_hypotheses_are_final_or_not() -> None:
    parts = [
        streamed({"type": "connected", "id": "s"}),
        streamed({"type": "partial", "ts": 0.5, "end_ts": 1, "elements": [{"type": "text", "value": "hi"}]}),
        streamed(
            {"type": "final", "ts": 0.5, "end_ts": 1, "elements": [said("Hi", 0.5), mark(".")], "speaker_id": 2}
        ),
    ]
    assert rows(LIVE, *parts) == [("hi", None, None, None, None, False), ("Hi.", 0.5, 1.0, 0.75, "2", True)]
    assert only(LIVE, parts[0]).note is None
