"""When something was said, in every shape that transcript files have had."""

from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.core.reading.payload import Word
from tests.core.reading.transcript_files import at, read, stamp, utterance, word


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        pytest.param(at(92.330956), 92.330956, id="an object"),
        pytest.param({"relative": 3}, 3.0, id="no absolute"),
        pytest.param(7, 7.0, id="a plain number"),
        pytest.param(at(-2.5), -2.5, id="before the recording began"),
        pytest.param(at(None), None, id="null inside"),
        pytest.param({}, None, id="an empty object"),
        pytest.param(None, None, id="null"),
        pytest.param("1.5", None, id="a text"),
        pytest.param(at(True), None, id="true is no number"),
        pytest.param(10**400, None, id="more digits than a float holds"),
    ],
)
def test_times_come_in_every_shape(timestamp: Any, seconds: float | None) -> None:
    read_word = read([{"words": [word("x", start=timestamp, end=timestamp)]}]).utterances[0].words[0]
    assert (read_word.start_s, read_word.end_s) == (seconds, seconds)


@pytest.mark.parametrize(
    ("absolute", "moment"),
    [
        pytest.param(stamp(1), datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="a time"),
        pytest.param(1757763541.5, datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="seconds since 1970"),
        pytest.param(1757763541500, datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="milliseconds since 1970"),
        pytest.param(1.5, None, id="a number that is no such time"),
        pytest.param(10**400, None, id="more digits than a float holds"),
        pytest.param(True, None, id="true is no number"),
        pytest.param("2025-09-13T11:39:01.500000Z", datetime(2025, 9, 13, 11, 39, 1, 500000, UTC), id="six digits"),
        pytest.param(None, None, id="null"),
        pytest.param("yesterday", None, id="a text"),
    ],
)
def test_absolute_times_are_moments_or_nothing(absolute: Any, moment: datetime | None) -> None:
    utterance = read([{"words": [word("x", at(1, absolute), at(1, absolute))]}]).utterances[0]
    assert (utterance.started_at, utterance.ended_at) == (moment, moment)


def test_moments_come_from_the_first_and_the_last_word_that_bear_one() -> None:
    words = [word("a"), word("b", None, at(1, stamp(1))), word("c", at(2, stamp(2))), word("d")]
    utterance = read([{"words": words}]).utterances[0]
    assert utterance.started_at == datetime(2025, 9, 13, 11, 39, 1, 500000, UTC)
    assert utterance.ended_at == datetime(2025, 9, 13, 11, 39, 2, 500000, UTC)


def test_an_utterance_spans_all_its_words_whatever_their_order() -> None:
    utterance = read([{"words": [word("b", 5, 6), word("a", 1), word("c", None, 9), word("d")]}]).utterances[0]
    assert (utterance.start_s, utterance.end_s) == (1.0, 9.0)


def test_without_any_times_an_utterance_has_no_span() -> None:
    utterance = read([{"words": [word("a")]}]).utterances[0]
    assert (utterance.start_s, utterance.end_s) == (None, None)


def test_an_old_file_may_lack_the_ends_and_say_nothing_of_its_languages() -> None:
    words = [{"text": "Good", "start_timestamp": 1.5, "language": None, "confidence": None}]
    payload = read([{"speaker": "Ada", "speaker_id": 100, "language": None, "words": words}])
    assert payload.utterances == (utterance(0, (Word("Good", 1.5, None),)),)


def test_times_that_lie_over_each_other_or_run_backward_are_kept_in_the_order_of_the_file() -> None:
    spans = [(5.0, 9.0), (6.0, 7.0), (3.0, 2.0), (92.330956, 92.330956)]
    payload = read([{"speaker": "Ada", "words": [word("x", at(start), at(end))]} for start, end in spans])
    assert [(u.words[0].start_s, u.words[0].end_s) for u in payload.utterances] == spans
