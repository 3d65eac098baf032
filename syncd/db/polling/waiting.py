"""Rows that wait, many at a time: what a list call is planned with, and what its page shows of them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Integer,
    Text,
    Uuid,
    case,
    func,
    literal,
    select,
    update,
)

from syncd.core.polling.claim_order import FRESH_S
from syncd.core.polling.list_plan import MOST_DONE, Seen, Unseen
from syncd.core.polling.strata import Stratum, length_class
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import ShownWaiting
from syncd.core.transcript import DONE, Stage
from syncd.db.engine import unnested
from syncd.db.queue.claims import LEASE_COLUMNS, is_free, read_lease
from syncd.db.tables.control import Queue
from syncd.db.tables.recall import Transcripts


def seen(connection: Connection, workspace: str, share: float) -> list[Seen]:
    """A share of them, chosen by their ids, which are random; in order of their creation."""
    last = UUID(int=min((1 << 128) - 1, int(share * (1 << 128))))
    columns = (
        Queue.provider,
        Queue.recording_length,
        func.extract("epoch", Queue.created_at).label("created_s"),
        func.extract("epoch", func.greatest(Queue.last_seen_at, Queue.absent_from_done_at)).label("seen_s"),
    )
    statement = (
        select(*columns)
        .where(_is_waiting(workspace), Queue.transcript_id <= last, Queue.last_seen_at.is_not(None))
        .where(Queue.lease_token.is_(None), Queue.absent_at.is_(None), Queue.created_at.is_not(None))
        .where(_is_planned())
        .order_by(Queue.created_at)
    )
    rows = connection.execute(statement)
    return [
        Seen(Stratum(row.provider, row.recording_length), float(row.created_s), float(row.seen_s)) for row in rows
    ]


def unseen(connection: Connection, workspace: str) -> Unseen:
    """Those that were handed in and never shown."""
    waited_s = func.extract("epoch", func.clock_timestamp() - Queue.tracked_at)
    statement = select(func.count(), func.coalesce(func.avg(waited_s), 0)).where(
        _is_waiting(workspace), Queue.is_observed.is_(False)
    )
    count, wait_s = connection.execute(statement).one()
    return Unseen(count, float(wait_s))


def has_backlog(connection: Connection, workspace: str, now: datetime) -> bool:
    """Whether a row that was never shown has been due for longer than one is fresh."""
    rows = select(literal(1)).where(Queue.workspace == workspace, Queue.is_observed.is_(False), is_free(now))
    old = rows.where(Queue.due_at <= now - timedelta(seconds=FRESH_S))
    return bool(connection.execute(select(old.exists())).scalar_one())


def done_lately(connection: Connection, workspace: str) -> list[float]:
    """When the newest MOST_DONE of those known to be done were created, seconds since the epoch, in order."""
    created_s = func.extract("epoch", Transcripts.created_at)
    statement = (
        select(created_s)
        .where(Transcripts.workspace == workspace, Transcripts.status == DONE)
        .where(Transcripts.created_at.is_not(None))
        .order_by(Transcripts.created_at.desc())
        .limit(MOST_DONE)
    )
    return sorted(float(each) for each in connection.execute(statement).scalars())


def ours(connection: Connection, workspace: str, ids: Collection[UUID]) -> set[UUID]:
    """Which of these are tracked, or were."""
    known = select(Transcripts.transcript_id).where(Transcripts.transcript_id.in_(ids))
    return set(connection.execute(known.where(Transcripts.workspace == workspace)).scalars())


def peek(connection: Connection, workspace: str, ids: Collection[UUID], now: datetime) -> list[Lease]:
    """The rows of these that wait and that nobody works on, as leases that were not claimed."""
    statement = select(*LEASE_COLUMNS).where(_is_waiting(workspace), Queue.transcript_id.in_(ids), is_free(now))
    rows = connection.execute(statement).mappings()
    return [read_lease(row, now) for row in rows]


def wait(connection: Connection, rows: Sequence[ShownWaiting], now: datetime) -> None:
    """These were just shown, unfinished: they wait for their next turn. Leased rows are left alone."""
    columns: dict[str, tuple[Sequence[object], object]] = {
        "id": ([each.artifact.transcript_id for each in rows], Uuid),
        "provider": ([each.artifact.provider for each in rows], Text),
        "recording_length": ([length_class(each.artifact.recording_s) for each in rows], Text),
        "created_at": ([each.artifact.created_at for each in rows], DateTime(timezone=True)),
        "due_at": ([now + timedelta(seconds=each.row.wait_s) for each in rows], DateTime(timezone=True)),
        "pending_until": ([each.row.pending_until for each in rows], DateTime(timezone=True)),
        "threshold_s": ([each.threshold_s for each in rows], Double),
        "attempts": ([each.row.attempts for each in rows], Integer),
        "not_found_count": ([each.row.not_found_count for each in rows], Integer),
        "forbidden_count": ([each.row.forbidden_count for each in rows], Integer),
        "last_error": ([each.row.reason for each in rows], Text),
    }
    shown = unnested("shown", columns)
    statement = update(Queue).where(Queue.transcript_id == shown.c.id, Queue.stage == Stage.POLL, is_free(now))
    connection.execute(
        statement.values(
            last_seen_at=now,
            listed_at=now,
            is_observed=True,
            provider=shown.c.provider,
            recording_length=shown.c.recording_length,
            created_at=shown.c.created_at,
            due_at=shown.c.due_at,
            pending_until=shown.c.pending_until,
            threshold_s=shown.c.threshold_s,
            attempts=shown.c.attempts,
            not_found_count=shown.c.not_found_count,
            forbidden_count=shown.c.forbidden_count,
            absent_at=None,
            last_error=shown.c.last_error,
            last_error_at=case((shown.c.last_error.is_not(None), now)),
        )
    )


def mark_absent(
    connection: Connection,
    workspace: str,
    window: tuple[datetime, datetime],
    shown: Collection[UUID],
    asked_at: datetime,
) -> int:
    """A page of unfinished ones did not show these: they are polled first. How many there are.

    Only those that such a page has shown before can be absent: a list that lags does not show new ones yet.
    """
    absent = _absent(workspace, window, shown, asked_at) & _is_planned() & Queue.listed_at.is_not(None)
    statement = update(Queue).where(_unlocked(absent & Queue.absent_at.is_(None)))
    return connection.execute(statement.values(absent_at=asked_at)).rowcount


def mark_absent_from_done(
    connection: Connection,
    workspace: str,
    window: tuple[datetime, datetime],
    shown: Collection[UUID],
    asked_at: datetime,
) -> None:
    """A page of finished ones did not show these: they are probably unfinished still."""
    absent = _unlocked(_absent(workspace, window, shown, asked_at))
    connection.execute(update(Queue).where(absent).values(absent_from_done_at=asked_at))


def _absent(
    workspace: str, window: tuple[datetime, datetime], shown: Collection[UUID], asked_at: datetime
) -> ColumnElement[bool]:
    """Those that wait, created within the window, known before the page was asked for, and not on it."""
    return (
        _is_waiting(workspace)
        & Queue.created_at.between(*window)
        & (Queue.last_seen_at < asked_at)
        & is_free(asked_at)
        & Queue.transcript_id.not_in(shown)
    )


def _unlocked(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of these rows those that nobody is writing: whoever is knows more, and two of us could wait for each other."""
    rows = select(Queue.transcript_id).where(condition).with_for_update(skip_locked=True)
    return Queue.transcript_id.in_(rows)


def _is_planned() -> ColumnElement[bool]:
    """Whether its last poll was an ordinary one: no error, no strange status, whose waits must be kept."""
    return Queue.threshold_s.is_not(None)


def _is_waiting(workspace: str) -> ColumnElement[bool]:
    return (Queue.workspace == workspace) & (Queue.stage == Stage.POLL)
