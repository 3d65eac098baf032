"""The fingerprint: the same for the same reading, another one for every difference that an analyst would see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.core.reading.fingerprint import fingerprint, former_fingerprint
from syncd.core.reading.payload import Participant, Payload, Word
from tests.core.reading.transcript_files import utterance

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
ANN = Participant("1", "Ann", is_host=True, platform="desktop", email="ann@example.com", extra_data={"seat": [1]})
HELLO = utterance(0, (Word("hello", 0.5, 1.0), Word("there", 1.0, None)), "en", NOON, NOON + timedelta(seconds=1))
PAYLOAD = Payload((ANN,), (HELLO,))


def test_the_same_reading_has_the_same_fingerprint() -> None:
    assert fingerprint(PAYLOAD) == fingerprint(Payload((replace(ANN),), (replace(HELLO),)))
    assert len(fingerprint(Payload())) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"participant_id": "2"},
        {"name": None},
        {"is_host": False},
        {"platform": "mobile"},
        {"email": None},
        {"extra_data": {"seat": [1, None]}},
    ],
    ids=repr,
)
def test_every_difference_in_a_participant_shows(change: dict[str, Any]) -> None:
    assert fingerprint(Payload((replace(ANN, **change),), (HELLO,))) != fingerprint(PAYLOAD)


@pytest.mark.parametrize(
    "change",
    [
        {"participant": 1},
        {"language_code": None},
        {"started_at": None},
        {"ended_at": NOON},
        {"texts": (), "starts_s": (), "ends_s": ()},
        {"texts": ("hello", "There")},
        {"starts_s": (0.5, None), "ends_s": (1.0, 1.0)},
        {"texts": ("hello there",), "starts_s": (0.5,), "ends_s": (1.0,)},
    ],
    ids=repr,
)
def test_every_difference_in_an_utterance_shows(change: dict[str, Any]) -> None:
    assert fingerprint(Payload((ANN,), (replace(HELLO, **change),))) != fingerprint(PAYLOAD)


def test_one_turn_cut_in_two_shows() -> None:
    halves = tuple(utterance(0, (word,), "en", HELLO.started_at, HELLO.ended_at) for word in HELLO.words)
    assert fingerprint(Payload((ANN,), halves)) != fingerprint(PAYLOAD)


def test_an_unknown_time_is_not_the_same_as_none_at_all() -> None:
    unknown = replace(HELLO, starts_s=(None, None), ends_s=(None, None))
    zero = replace(HELLO, starts_s=(0.0, 0.0), ends_s=(0.0, 0.0))
    assert fingerprint(Payload((ANN,), (unknown,))) != fingerprint(Payload((ANN,), (zero,)))


def test_the_digest_of_earlier_versions_can_still_be_taken() -> None:
    known = "4f854a94c5d6be43014387a361d5043c1362082fbc967fe1a3334458eea43988"
    assert former_fingerprint(PAYLOAD) == known
