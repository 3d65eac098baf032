"""The outbox: recall.events, written by the transaction that makes them true, with ids in the order of commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from syncd.core.queue.events import EventKind

_WRITE = text(
    "select recall.write_events(known.transcript_id, known.workspace, cast(:kinds as text[]))"
    " from recall.transcripts as known where known.transcript_id = :transcript_id"
)


def write(connection: Connection, transcript_id: UUID, kinds: Sequence[EventKind]) -> None:
    """Write events of a transcript that is there. Must be the last statement before the commit, for it takes a lock
    that every other writer of events waits for."""
    if kinds:
        connection.execute(_WRITE, {"transcript_id": transcript_id, "kinds": [str(kind) for kind in kinds]})
