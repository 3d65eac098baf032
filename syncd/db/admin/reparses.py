"""Rows of syncd.reparses: what there is to read again, how far each has come, and one at a time."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    cast,
    delete,
    exc,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert

from syncd.core.admin.reparse import Selection, may_be_read
from syncd.core.queue.lease import Known
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import transcripts as transcript_rows
from syncd.db.tables.content import Payloads
from syncd.db.tables.control import Queue, ReparseLease, Reparses
from syncd.db.tables.recall import Transcripts
from syncd.errors import StillWaiting

LEASE_S = 6.0
RENEW_S = 1.5
"""Four renewals in the time of a lease, so that some may fail. Judgements: nobody waits long after a kill."""

Columns = TypeVarTuple("Columns")


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
def only_one(engine: Engine, stop: threading.Event) -> Iterator[None]:
    """Keep other reparses of this database out while the block lasts. Raises StillWaiting where one is running.

    The lease is a row, not a lock of a session, which a pooler may hand to others. It is renewed in a thread; where
    another reparse has taken it all the same, `stop` is set. After a kill it takes LEASE_S to run out.
    """
    token, is_over = uuid.uuid4(), threading.Event()
    _claim(engine, token, stop)
    renewing = threading.Thread(target=_renew_until, args=(engine, token, is_over, stop), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        is_over.set()
        renewing.join()
        with contextlib.suppress(exc.DBAPIError), engine.begin() as connection:  # else it runs out by itself
            connection.execute(delete(ReparseLease).where(ReparseLease.token == token))


def _claim(engine: Engine, token: UUID, stop: threading.Event) -> None:
    """Claim the lease; of one that is not renewed any more, wait for the end."""
    seen: datetime | None = None
    while True:
        with engine.begin() as connection:
            until = _claimed_by_another_until(connection, token)
        if until is None:
            return
        if stop.wait(RENEW_S if seen in (None, until) else 0.0) or seen not in (None, until):
            raise StillWaiting("Another reparse of this database is at work. Start this one when that is through.")
        seen = until


def _claimed_by_another_until(connection: Connection, token: UUID) -> datetime | None:
    ends_at = func.clock_timestamp() + timedelta(seconds=LEASE_S)
    mine = insert(ReparseLease).values(id=1, token=token, leased_until=ends_at)
    is_over = ReparseLease.leased_until < func.clock_timestamp()
    changed = {"token": token, "leased_until": ends_at}
    connection.execute(mine.on_conflict_do_update(index_elements=[ReparseLease.id], set_=changed, where=is_over))
    others = select(ReparseLease.leased_until).where(ReparseLease.token != token)
    return connection.execute(others).scalar_one_or_none()


def _renew_until(engine: Engine, token: UUID, is_over: threading.Event, stop: threading.Event) -> None:
    ends_at = func.clock_timestamp() + timedelta(seconds=LEASE_S)
    renew = update(ReparseLease).where(ReparseLease.token == token).values(leased_until=ends_at)
    while not is_over.wait(RENEW_S):
        with contextlib.suppress(exc.SQLAlchemyError), engine.begin() as connection:  # the next one may succeed
            if connection.execute(renew).rowcount == 0:
                stop.set()


def begin(connection: Connection, selection: Selection, parser_version: int, *, is_afresh: bool) -> Progress:
    """Where to go on with a selection: at its beginning, unless this parser was interrupted in it."""
    is_other = Reparses.parser_version != parser_version
    ours = Reparses.selection == str(selection)
    connection.execute(delete(Reparses).where(ours, true() if is_afresh else is_other))
    row = {"selection": str(selection), "parser_version": parser_version, "started_at": func.clock_timestamp()}
    connection.execute(insert(Reparses).values(row).on_conflict_do_nothing())
    known = progress(connection, selection, parser_version)
    if known is None:  # pragma: no cover: it was written a line above
        raise LookupError(str(selection))
    return known


def progress(connection: Connection, selection: Selection, parser_version: int) -> Progress | None:
    """How far this parser has come with a selection; None where it has not begun."""
    columns = (Reparses.started_at, Reparses.last_transcript_id, Reparses.done_count)
    ours = (Reparses.selection == str(selection)) & (Reparses.parser_version == parser_version)
    row = connection.execute(select(*columns).where(ours)).one_or_none()
    return None if row is None else Progress(*row)


def advance(connection: Connection, selection: Selection, transcript_id: UUID) -> None:
    """Note that one transcript more has been read again."""
    statement = update(Reparses).where(Reparses.selection == str(selection))
    connection.execute(statement.values(last_transcript_id=transcript_id, done_count=Reparses.done_count + 1))


def end(connection: Connection, selection: Selection) -> None:
    """Forget a selection that is through."""
    connection.execute(delete(Reparses).where(Reparses.selection == str(selection)))


def page(
    connection: Connection, selection: Selection, after: UUID | None, count: int
) -> list[tuple[UUID, list[FileKind]]]:
    """The next transcripts of a selection, in the order of their ids, each with its files."""
    kinds = func.array_agg(aggregate_order_by(Payloads.kind, Payloads.kind.desc()))
    statement = _selected(select(Payloads.transcript_id, kinds), selection, after)
    statement = statement.group_by(Payloads.transcript_id).order_by(Payloads.transcript_id).limit(count)
    return [(id_, list(found)) for id_, found in connection.execute(statement)]


def count_left(connection: Connection, selection: Selection, after: UUID | None) -> int:
    """How many transcripts of a selection are still to be read again."""
    statement = select(func.count(Payloads.transcript_id.distinct()))
    return connection.execute(_selected(statement, selection, after)).scalar_one()


def portions(connection: Connection, selection: Selection) -> list[Portion]:
    """What a selection holds, by provider and by the parser that last read it."""
    groups = (Transcripts.provider, Payloads.parser_version)
    byte_count = cast(func.sum(Payloads.byte_count), BigInteger)
    chosen = select(*groups, func.count(), byte_count).select_from(Payloads).join(Transcripts)
    chosen = chosen.where(*_conditions(selection)).group_by(*groups).order_by(*groups)
    return [Portion(*row) for row in connection.execute(chosen)]


def _selected(statement: Select[*Columns], selection: Selection, after: UUID | None) -> Select[*Columns]:
    statement = statement.select_from(Payloads)
    if selection.provider is not None:
        statement = statement.join(Transcripts)
    is_after = true() if after is None else Payloads.transcript_id > after
    return statement.where(is_after, *_conditions(selection))


def _conditions(selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Payloads.kind.in_(FileKind)]
    if selection.since is not None:
        conditions.append(Payloads.downloaded_at >= selection.since)
    if selection.provider is not None:
        conditions.append(Transcripts.provider == selection.provider)
    if selection.older_than is not None:
        version = Payloads.parser_version
        conditions.append(version.is_(None) | (version < selection.older_than))
    return conditions


def lock(connection: Connection, transcript_id: UUID, kind: FileKind, sha256: str) -> Known | None:
    """Lock a transcript and answer what is known of it; None where the file may not be read again now.

    That is so where it is gone or ended otherwise, where newer bytes are stored, and where a daemon works on it.
    Only the transcript is locked, and it first, so nobody can wait for us in a circle; while it is locked, nobody
    tracks it again, and nobody else writes rows of a file that has reached its end.
    """
    this = select(Transcripts.transcript_id).where(Transcripts.transcript_id == transcript_id)
    connection.execute(this.with_for_update(key_share=True))  # as an update of it locks it
    # in statements of their own: one that waited for the lock would still see what was there before
    known = transcript_rows.known(connection, [transcript_id]).get(transcript_id)
    stored = select(Payloads.sha256).where(Payloads.transcript_id == transcript_id, Payloads.kind == kind)
    if known is None or connection.execute(stored).scalar_one_or_none() != sha256:
        return None
    waiting = select(literal(1)).where(Queue.transcript_id == transcript_id)
    is_waiting = connection.execute(waiting).first() is not None
    return known if may_be_read(known.files[kind] or ContentState.PENDING, is_waiting) else None
