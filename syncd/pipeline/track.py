"""Ids arrive. Good ones are kept even where bad ones stand between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from syncd.core.reading.ids import BadLine, read_ids
from syncd.db.engine import Engine, transact
from syncd.db.queue import tracking


@dataclass(frozen=True, slots=True)
class TrackedLines:
    """What became of the lines that were handed in."""

    new_count: int
    known_count: int
    bad: tuple[BadLine, ...]
    erased: tuple[UUID, ...] = ()
    """Erased here before, and so not tracked."""


IDS_AT_ONCE = 1000


def track_lines(engine: Engine, lines: Iterable[str], workspace: str) -> TrackedLines:
    """Track every id that the lines name; tracking one twice is harmless."""
    ids = read_ids(lines)
    new_count, erased = 0, list[UUID]()
    in_order = sorted(ids.good)  # two that track the same ids at once must not wait for each other
    for start in range(0, len(in_order), IDS_AT_ONCE):
        some = in_order[start : start + IDS_AT_ONCE]
        new_count += transact(engine, partial(tracking.track, ids=some, workspace=workspace))
        erased += transact(engine, partial(tracking.erased, ids=some))
    return TrackedLines(new_count, len(ids.good) - new_count - len(erased), ids.bad, tuple(erased))
