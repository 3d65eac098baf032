"""Meetings to search in."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from syncd.core.reading.payload import Participant, Payload, Word
from tests.core.reading.transcript_files import utterance

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


Load = Callable[..., UUID]


Search = Callable[..., list[Any]]


TURNS = (
    "The root cause was a full disk.",
    "Was the cause of it at the root of the tree?",
    "We ran out of budget, twice.",
    "Budgets are frozen until April.",
)


def meeting(turns: Sequence[str | tuple[str, str | None]], speakers: Sequence[str]) -> Payload:
    said, clock = [], 0
    for number, turn in enumerate(turns):
        content, language = turn if isinstance(turn, tuple) else (turn, "en")
        words = [Word(word, float(clock + n), clock + n + 0.5) for n, word in enumerate(content.split(" "))]
        clock += len(words)
        said.append(utterance(number % len(speakers), tuple(words), language, None, None))
    return Payload(tuple(Participant(str(n), name) for n, name in enumerate(speakers)), tuple(said))


def positions(rows: Sequence[Any]) -> set[int]:
    return {row.position for row in rows}
