"""Ids arrive. Good ones are kept even where bad ones stand between them."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncd.core.reading.ids import BadLine, read_ids
from syncd.db.engine import Engine
from syncd.db.queue import tracking


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of the lines that were handed in."""

    new_count: int
    known_count: int
    bad: tuple[BadLine, ...]


BATCH = 1000


def take_in(engine: Engine, lines: Iterable[str], workspace: str) -> Intake:
    """Track every id that the lines name; tracking one twice is harmless."""
    ids = read_ids(lines)
    new_count = 0
    in_order = sorted(ids.good)  # two that track the same ids at once must not wait for each other
    for start in range(0, len(in_order), BATCH):
        with engine.begin() as connection:
            new_count += tracking.track(connection, in_order[start : start + BATCH], workspace)
    return Intake(new_count, len(ids.good) - new_count, ids.bad)
