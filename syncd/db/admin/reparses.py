"""Reparses: which stored files there are to read again, the progress of a selection, and one run at a time."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg import errors
from sqlalchemy import ColumnElement, Connection, Engine, Select, exc, func, literal, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from syncd.core.admin.reparse import Selection, may_be_read
from syncd.core.queue.lease import Known
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import transcripts as transcript_rows
from syncd.db.tables.control import queue, reparses
from syncd.db.tables.recall import payloads, transcripts
from syncd.errors import StillWaiting

_LOCK = 0x72657061727365
"""Key of the advisory lock; any number that nothing else on the database uses."""
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)
_TRIES = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reparse of a selection has come; a row of syncd.reparses."""

    started_at: datetime
    last_transcript_id: UUID | None = None
    """All up to this one have been read again."""
    done_count: int = 0


@dataclass(frozen=True, slots=True)
class Portion:
    """The files of a selection with the same provider and parser version."""

    provider: str | None
    parser_version: int | None
    file_count: int
    byte_count: int


@contextlib.contextmanager
def only_one(engine: Engine) -> Iterator[None]:
    """Keep other reparses of this database out while the block lasts. Raises StillWaiting where one is running.

    The lock belongs to a session of its own, so no transaction is open while the reparse runs.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
        if not session.execute(select(func.pg_try_advisory_lock(_LOCK))).scalar_one():
            raise StillWaiting("Another reparse of this database is at work. Start this one when that is through.")
        try:
            yield
        finally:
            session.invalidate()  # the session ends, and the lock with it, whatever state it is in


def begin(connection: Connection, selection: Selection, parser_version: int, *, is_afresh: bool) -> Progress:
    """Where to continue with a selection: at its beginning, unless a run of this parser version was interrupted."""
    is_other = reparses.c.parser_version != parser_version
    ours = reparses.c.selection == str(selection)
    connection.execute(reparses.delete().where(ours, true() if is_afresh else is_other))
    row = {"selection": str(selection), "parser_version": parser_version, "started_at": func.clock_timestamp()}
    connection.execute(insert(reparses).values(row).on_conflict_do_nothing())
    known = progress(connection, selection, parser_version)
    if known is None:  # pragma: no cover: it was written a line above
        raise LookupError(str(selection))
    return known


def progress(connection: Connection, selection: Selection, parser_version: int) -> Progress | None:
    """The progress of this parser version with a selection; None where it has not begun."""
    columns = (reparses.c.started_at, reparses.c.last_transcript_id, reparses.c.done_count)
    ours = (reparses.c.selection == str(selection)) & (reparses.c.parser_version == parser_version)
    row = connection.execute(select(*columns).where(ours)).one_or_none()
    return None if row is None else Progress(*row)


def advance(connection: Connection, selection: Selection, transcript_id: UUID) -> None:
    """Note that one transcript more has been read again."""
    statement = reparses.update().where(reparses.c.selection == str(selection))
    connection.execute(statement.values(last_transcript_id=transcript_id, done_count=reparses.c.done_count + 1))


def end(connection: Connection, selection: Selection) -> None:
    """Delete the progress of a selection that is done."""
    connection.execute(reparses.delete().where(reparses.c.selection == str(selection)))


def page(
    connection: Connection, selection: Selection, after: UUID | None, count: int
) -> list[tuple[UUID, list[FileKind]]]:
    """The next transcripts of a selection, in the order of their ids, each with its files."""
    kinds = func.array_agg(aggregate_order_by(payloads.c.kind, payloads.c.kind.desc()))
    statement = _selected(select(payloads.c.transcript_id, kinds), selection, after)
    statement = statement.group_by(payloads.c.transcript_id).order_by(payloads.c.transcript_id).limit(count)
    return [(id_, [FileKind(kind) for kind in found]) for id_, found in connection.execute(statement)]


def count_left(connection: Connection, selection: Selection, after: UUID | None) -> int:
    """How many transcripts of a selection are still to be read again."""
    statement = select(func.count(payloads.c.transcript_id.distinct()))
    count: int = connection.execute(_selected(statement, selection, after)).scalar_one()
    return count


def portions(connection: Connection, selection: Selection) -> list[Portion]:
    """What a selection holds, by provider and by the parser that last read it."""
    groups = (transcripts.c.provider, payloads.c.parser_version)
    sums = (func.count(), func.sum(payloads.c.byte_count))
    chosen = select(*groups, *sums).select_from(payloads.join(transcripts)).where(*_conditions(selection))
    rows = connection.execute(chosen.group_by(*groups).order_by(*groups))
    return [Portion(provider, version, count, int(size)) for provider, version, count, size in rows]


def _selected(statement: Select[Any], selection: Selection, after: UUID | None) -> Select[Any]:
    source = payloads if selection.provider is None else payloads.join(transcripts)
    is_after = true() if after is None else payloads.c.transcript_id > after
    return statement.select_from(source).where(is_after, *_conditions(selection))


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [payloads.c.kind.in_([str(kind) for kind in FileKind])]
    if selection.since is not None:
        conditions.append(payloads.c.downloaded_at >= selection.since)
    if selection.provider is not None:
        conditions.append(transcripts.c.provider == selection.provider)
    if selection.older_than is not None:
        version = payloads.c.parser_version
        conditions.append(version.is_(None) | (version < selection.older_than))
    return conditions


def lock(connection: Connection, transcript_id: UUID, kind: FileKind, sha256: str) -> Known | None:
    """Lock a transcript and answer what is known of it; None where the file may not be read again now.

    That is so where it is gone or ended otherwise, where newer bytes are stored, and where a daemon works on it.
    Only the transcript is locked, and it first, so nobody can wait for us in a circle; while it is locked, nobody
    tracks it again, and nobody else writes rows of a file that has reached its end.
    """
    this = select(transcripts.c.transcript_id).where(transcripts.c.transcript_id == transcript_id)
    connection.execute(this.with_for_update(key_share=True))  # as an update of it locks it
    # in statements of their own: one that waited for the lock would still see what was there before
    known = transcript_rows.known(connection, [transcript_id]).get(transcript_id)
    stored = select(payloads.c.sha256).where(payloads.c.transcript_id == transcript_id, payloads.c.kind == str(kind))
    if known is None or connection.execute(stored).scalar_one_or_none() != sha256:
        return None
    waiting = select(literal(1)).where(queue.c.transcript_id == transcript_id)
    is_waiting = connection.execute(waiting).first() is not None
    return known if may_be_read(known.files[kind] or ContentState.PENDING, is_waiting) else None


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do `work` in a transaction; after a deadlock, a serialization failure or a lock time-out, up to 5 times."""
    for _ in range(_TRIES - 1):
        try:
            with engine.begin() as connection:
                return work(connection)
        except exc.OperationalError as error:
            if not isinstance(error.orig, _PASSING):
                raise
    with engine.begin() as connection:
        return work(connection)
