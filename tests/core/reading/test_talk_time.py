"""Talk times, against an oracle that looks at every stretch of time on its own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.document import Document
from syncd.core.reading.payload import Participant, Payload, Word
from syncd.core.reading.talk_time import MOST_S, Share, Talk, reckon
from syncd.core.reading.transcript_file import read_payload
from tests.core.reading.transcript_files import utterance

Said = tuple[int, float | None, float | None]
"""Who, from when, until when."""


def meeting(*said: Said, people: int = 3) -> Payload:
    utterances = [utterance(who, (Word("so it is", start, end),)) for who, start, end in said]
    return Payload(tuple(Participant(str(who)) for who in range(people)), tuple(utterances))


def times(talk: Talk) -> tuple[Any, ...]:
    return talk.span_s, talk.speech_s, talk.overlap_s, [(share.talk_s, share.overlap_s) for share in talk.shares]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([], (None, None, None, [(None, None)] * 2), id="nobody"),
        pytest.param([(0, 1, 3)], (2, 2, 0, [(2, 0), (None, None)]), id="one"),
        pytest.param([(0, 1, 3), (1, 5, 6)], (5, 3, 0, [(2, 0), (1, 0)]), id="a silence between two"),
        pytest.param([(0, 0, 4), (1, 3, 6)], (6, 6, 1, [(4, 1), (3, 1)]), id="one falls in"),
        pytest.param([(0, 0, 4), (1, 1, 2)], (4, 4, 1, [(4, 1), (1, 1)]), id="one inside the other"),
        pytest.param([(0, 0, 4), (1, 4, 5)], (5, 5, 0, [(4, 0), (1, 0)]), id="one begins as the other ends"),
        pytest.param([(0, 0, 4), (0, 2, 6)], (6, 6, 0, [(6, 0), (None, None)]), id="over oneself"),
        pytest.param([(0, 0, 2), (0, 2, 3)], (3, 3, 0, [(3, 0), (None, None)]), id="without a breath"),
        pytest.param([(0, 0, 4), (0, 2, 6), (1, 3, 5)], (6, 6, 2, [(6, 2), (2, 2)]), id="over oneself and another"),
        pytest.param([(0, 0, 4), (1, 0, 4)], (4, 4, 4, [(4, 4), (4, 4)]), id="all at once"),
        pytest.param([(1, 5, 6), (0, 1, 3)], (5, 3, 0, [(2, 0), (1, 0)]), id="not in order of time"),
        pytest.param([(0, 3, 1)], (2, 2, 0, [(2, 0), (None, None)]), id="start and end swapped"),
        pytest.param([(0, -2.5, 1)], (3.5, 3.5, 0, [(3.5, 0), (None, None)]), id="before the recording began"),
        pytest.param([(0, 1, None), (1, None, 5)], (4, None, None, [(None, None)] * 2), id="starts alone"),
        pytest.param([(0, 1, 2), (1, None, None)], (1, 1, 0, [(1, 0), (None, None)]), id="one without times"),
        pytest.param([(0, 1, 2), (0, None, None)], (1, 1, 0, [(1, 0), (None, None)]), id="some without times"),
        pytest.param([(0, 1, 2), (1, 0, 1e300)], (1, 1, 0, [(1, 0), (None, None)]), id="no time of a meeting"),
        pytest.param([(0, -1e308, 1e308)], (None, None, None, [(None, None)] * 2), id="more than a float holds"),
        pytest.param(
            [(0, 1.001, 1.5), (1, 1.5, 2.002)], (1.001, 1.001, 0, [(0.499, 0), (0.502, 0)]), id="exact fractions"
        ),
    ],
)
def test_times_are_reckoned(said: list[Said], expected: tuple[Any, ...]) -> None:
    assert times(reckon(meeting(*said, people=2))) == expected


def test_three_at_once_overlap_once_in_the_meeting() -> None:
    talk = reckon(meeting((0, 0, 10), (1, 2, 6), (2, 4, 8)))
    assert times(talk) == (10, 10, 6, [(10, 6), (4, 4), (4, 4)])


def test_turns_and_words_are_counted_with_or_without_times() -> None:
    elements: list[dict[str, Any]] = [
        {"speaker": "Ada", "words": [{"text": "Good"}, {"text": "morning, everyone."}, {"text": None}, {"text": ""}]},
        {"speaker": "Bo", "words": []},
        {"speaker": "Ada", "words": [{"text": "\u00a0 a whole\tcaption\nphrase  "}]},
    ]
    talk = reckon(read_payload(Document(elements, is_altered=False)))
    assert talk == Talk((Share(2, 7, None, None), Share(1, 0, None, None)), None, None, None)


def test_an_utterance_counts_from_its_earliest_time_to_its_latest() -> None:
    words = (Word("b", 5, 6), Word("a", 1, None), Word("c", None, 9))
    talk = reckon(Payload((Participant(),), (utterance(0, words),)))
    assert times(talk) == (8, 8, 0, [(8, 0)])


TICKS = st.none() | st.integers(-8, 24).map(lambda tick: tick / 4)
MEETINGS = st.lists(st.tuples(st.integers(0, 3), TICKS, TICKS), max_size=12)


@given(said=MEETINGS)
def test_the_sweep_agrees_with_looking_at_every_quarter_of_a_second(said: list[Said]) -> None:
    talk = reckon(meeting(*said, people=4))
    known = [time for _, *edges in said for time in edges if time is not None]
    assert talk.span_s == (max(known) - min(known) if known else None)
    spoken = [
        (who, min(start, end), max(start, end))
        for who, start, end in said
        if start is not None and end is not None and start != end
    ]
    at_once = [
        {who for who, start, end in spoken if start <= tick / 4 < end} for tick in range(-8, 24)
    ]  # who speaks in each
    assert talk.speech_s == (sum(map(bool, at_once)) / 4 if spoken else None)
    assert talk.overlap_s == (sum(len(voices) > 1 for voices in at_once) / 4 if spoken else None)
    for who, share in enumerate(talk.shares):
        is_timed = any(speaker == who for speaker, _, _ in spoken)
        assert share.talk_s == (sum(who in voices for voices in at_once) / 4 if is_timed else None)
        assert share.overlap_s == (sum(who in v and len(v) > 1 for v in at_once) / 4 if is_timed else None)


SECONDS = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.floats(-MOST_S, MOST_S) | st.floats(0, 60)


@given(said=st.lists(st.tuples(st.integers(0, 3), SECONDS, SECONDS), max_size=20))
def test_the_parts_fit_into_the_whole_whatever_the_times(said: list[Said]) -> None:
    talk = reckon(meeting(*said, people=4))
    assert sum(share.turn_count for share in talk.shares) == len(said)
    assert sum(share.word_count for share in talk.shares) == 3 * len(said)
    shares = [(share.talk_s, share.overlap_s) for share in talk.shares if share.talk_s is not None]
    if talk.span_s is None or talk.speech_s is None or talk.overlap_s is None:
        assert (shares, talk.speech_s, talk.overlap_s) == ([], None, None)
        return
    assert 0 <= talk.overlap_s <= talk.speech_s <= talk.span_s <= 2 * MOST_S
    total = 0
    for talk_s, overlap_s in shares:
        assert overlap_s is not None
        assert 0 <= overlap_s <= min(talk_s, talk.overlap_s)
        assert talk_s <= talk.speech_s
        total += round(talk_s * 1e6) - round(overlap_s * 1e6)
    # what each says alone, and what is said at once, is all that is said
    assert total + round(talk.overlap_s * 1e6) == pytest.approx(round(talk.speech_s * 1e6), abs=64)
    assert talk.speech_s <= sum(talk_s for talk_s, _ in shares) + 1e-4


@given(said=MEETINGS, order=st.randoms(use_true_random=False))
def test_the_order_of_the_utterances_is_of_no_matter(said: list[Said], order: Any) -> None:
    shuffled = list(said)
    order.shuffle(shuffled)
    assert reckon(meeting(*shuffled, people=4)) == reckon(meeting(*said, people=4))
