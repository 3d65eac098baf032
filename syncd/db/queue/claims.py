"""Claim rows of the queue under a lease: who is claimed, in which order, and past whoever is locking them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    UnaryExpression,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)

from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.transcript import Stage
from syncd.db.content import transcripts
from syncd.db.tables.control import lease_tokens, queue


class ClaimOrder(Enum):
    """Who is taken, and in which order."""

    ANY = "any"
    """Due ones, those due the longest first."""
    ABSENT = "absent"
    """Those that have left a page of unfinished ones, whether due or not."""
    SEEN = "seen"
    """Due ones that Recall has shown, those due the longest first."""
    NEW = "new"
    """Due ones that it has never shown, the newest first: a flood must not stand in front of new ones."""


def has_due(connection: Connection, workspace: str) -> bool:
    """Whether there is anything to take; spares the budget's lock where there is not."""
    now = func.clock_timestamp()
    waiting = select(literal(1)).where(queue.c.workspace == workspace, is_free(now))
    lines = [
        waiting.where(_LINES[line][0], _is_ripe(line, now)).exists()
        for line in (ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.NEW)
    ]
    return bool(connection.execute(select(or_(*lines))).scalar_one())


def has_absent(connection: Connection, workspace: str) -> bool:
    """Whether some are still to be asked about that have left a page."""
    is_left = queue.c.absent_at.is_not(None) & queue.c.lease_until.is_(None)
    left = select(literal(1)).where(queue.c.workspace == workspace, is_left)
    return connection.execute(left.limit(1)).first() is not None


def claim(
    connection: Connection,
    limits: WorkerLimits,
    stages: Collection[Stage],
    line: ClaimOrder,
    count: int,
    now: datetime,
) -> list[Lease]:
    """Lease up to `count` rows of a line in the given stages, passing over those that another worker is locking."""
    if count <= 0:
        return []
    condition, order = _LINES[line]
    wanted = (
        select(queue.c.transcript_id, queue.c.lease_until.is_not(None).label("had_expired"))
        .where(queue.c.workspace == limits.workspace, queue.c.stage.in_(stages), condition, is_free(now))
        .where(_is_ripe(line, now))
        .order_by(order)
        .limit(count)
    )
    return _lease(connection, limits, wanted.with_for_update(skip_locked=True), now)


def claim_ids(connection: Connection, limits: WorkerLimits, ids: Collection[UUID], now: datetime) -> list[Lease]:
    """Lease these transcripts, as far as nobody works on them, due or not; those not finished with Recall only."""
    wanted = (
        select(queue.c.transcript_id, queue.c.lease_until.is_not(None).label("had_expired"))
        .where(queue.c.workspace == limits.workspace, queue.c.transcript_id.in_(ids), is_free(now))
        .where(queue.c.stage == Stage.POLL)
        .order_by(queue.c.transcript_id)
    )
    return _lease(connection, limits, wanted.with_for_update(skip_locked=True), now)


def claim_id(
    connection: Connection, limits: WorkerLimits, stages: Collection[Stage], transcript_id: UUID, now: datetime
) -> Lease | None:
    """Lease one transcript, due or not; None where it is at another stage, or somebody works on it or locks it."""
    wanted = (
        select(queue.c.transcript_id, queue.c.lease_until.is_not(None).label("had_expired"))
        .where(queue.c.workspace == limits.workspace, queue.c.transcript_id == transcript_id, is_free(now))
        .where(queue.c.stage.in_(stages))
        .with_for_update(skip_locked=True)
    )
    return next(iter(_lease(connection, limits, wanted, now)), None)


_LINES: dict[ClaimOrder, tuple[ColumnElement[bool], UnaryExpression[Any] | Column[Any]]] = {
    ClaimOrder.ANY: (true(), queue.c.due_at),
    ClaimOrder.ABSENT: (queue.c.absent_at.is_not(None), queue.c.absent_at),
    ClaimOrder.SEEN: (queue.c.is_observed.is_(True), queue.c.due_at),
    ClaimOrder.NEW: (queue.c.is_observed.is_(False), queue.c.due_at.desc()),
}


def _is_ripe(line: ClaimOrder, now: Any) -> ColumnElement[bool]:
    return true() if line == ClaimOrder.ABSENT else queue.c.due_at <= now


def is_free(now: Any) -> ColumnElement[bool]:
    """Whether nobody works on a row."""
    is_free: ColumnElement[bool] = queue.c.lease_until.is_(None) | (queue.c.lease_until <= now)
    return is_free


def _lease(connection: Connection, limits: WorkerLimits, wanted: Select[Any], now: datetime) -> list[Lease]:
    due = wanted.cte("due")
    statement = (
        queue.update()
        .where(queue.c.transcript_id == due.c.transcript_id)
        .values(
            lease_token=lease_tokens.next_value(),
            lease_holder=limits.holder,
            lease_until=now + timedelta(seconds=limits.lease_s),
            expired_lease_count=queue.c.expired_lease_count + cast(due.c.had_expired, Integer),
        )
        .returning(*queue.c, due.c.had_expired)
    )
    claimed = [read_lease(row, now) for row in connection.execute(statement)]
    known = transcripts.known(connection, [lease.transcript_id for lease in claimed])
    return [replace(lease, known=known.get(lease.transcript_id, lease.known)) for lease in claimed]


def read_lease(row: Any, now: datetime) -> Lease:
    """A row as a lease; one that was not taken has token 0."""
    return Lease(
        transcript_id=row.transcript_id,
        workspace=row.workspace,
        token=row.lease_token or 0,
        stage=Stage(row.stage),
        taken_at=now,
        tracked_at=row.tracked_at,
        pending_until=row.pending_until,
        attempts=row.attempts,
        not_found_count=row.not_found_count,
        forbidden_count=row.forbidden_count,
        due_at=row.due_at,
        last_seen_at=row.last_seen_at,
        created_at=row.created_at,
        is_observed=row.is_observed,
        unconfirmed=tuple(row.unconfirmed),
        expired_lease_count=row.expired_lease_count if getattr(row, "had_expired", False) else 0,
    )
