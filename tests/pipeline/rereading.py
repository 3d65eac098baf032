"""Shared by the tests of reparse."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from syncd.core.admin.reparse import Reread, RereadTotals, Selection
from syncd.core.reading.document import Unreadable
from syncd.core.transcript import FileKind
from syncd.db.tables import DATA_TABLES
from syncd.pipeline import load
from syncd.pipeline import reparse as stage
from tests.pipeline.harness import Harness

EVERYTHING = Selection()


def tables(harness: Harness) -> dict[str, list[tuple[Any, ...]]]:
    """Everything an analyst can see."""
    with harness.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in DATA_TABLES
        }


def reparse(
    harness: Harness,
    selection: Selection = EVERYTHING,
    *,
    is_afresh: bool = False,
    stop_after: int | None = None,
) -> tuple[RereadTotals, list[UUID]]:
    """Read again; the tally and the transcripts in their order."""
    tally, ids, stop = RereadTotals(), list[UUID](), threading.Event()

    def tell(transcript_id: UUID, rereads: list[Reread]) -> None:
        tally.add(rereads)
        ids.append(transcript_id)
        if len(ids) == stop_after:
            stop.set()

    progress, absent_count = stage.begin(harness.engine, selection, is_afresh=is_afresh)
    is_through = stage.reparse(harness.engine, selection, progress, stop, tell)
    assert is_through is not stop.is_set()
    assert stop.is_set() or absent_count <= len(ids)  # a worker may bring more meanwhile
    return tally, ids


def reading(kind: FileKind, reader: Callable[..., load.ReadFile]) -> dict[FileKind, Callable[..., load.ReadFile]]:
    """The readers, one of them another one."""
    return dict(load._READERS) | {kind: reader}


def refuse(*_: object) -> load.ReadFile:
    raise Unreadable("the parser does not like it")
