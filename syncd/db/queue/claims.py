"""Claim rows of the queue under a lease: who is claimed, in which order, and past whoever is locking them."""

import functools
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Connection,
    Double,
    Integer,
    RowMapping,
    Select,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from syncd.core.polling.claim_order import FRESH_S, ClaimOrder
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.pace import FAR_S, Ahead
from syncd.core.transcript import Stage
from syncd.db.content import transcripts
from syncd.db.queue.due_from import due_from
from syncd.db.tables.control import Queue, lease_tokens


def has_due(connection: Connection, workspace: str) -> bool:
    """Whether there is anything to claim; spares the budget's lock where there is not."""
    return bool(connection.execute(_has_due(workspace)).scalar_one())


@functools.cache
def _has_due(workspace: str) -> Select[bool]:
    """Made once for each workspace, as the two below: asked whenever a slot is free."""
    now = func.statement_timestamp()  # which an index can be searched for
    waiting = select(literal(1)).where(Queue.workspace == workspace, is_free(now))
    found = [
        waiting.where(_ORDERS[order][0], _is_ripe(order, workspace, now)).exists()
        for order in (ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.NEW)
    ]
    return select(or_(*found))


def ahead(connection: Connection, workspace: str) -> Ahead:
    """What is to come, where nothing was due a moment ago: when a row is, and whether somebody works on one."""
    next_due_s = connection.execute(_next_due_s(workspace)).scalar_one()
    is_far = next_due_s is None or next_due_s > FAR_S
    is_in_flight = connection.execute(_is_any_leased(workspace, is_far=is_far)).scalar_one()
    return Ahead(is_in_flight=bool(is_in_flight), next_due_s=next_due_s)


@functools.cache
def _next_due_s(workspace: str) -> Select[float | None]:
    now = func.statement_timestamp()
    next_of = [select(func.min(Queue.due_at)).where(half, is_free(now)) for half in _halves(workspace)]
    next_due_at = func.least(*(each.scalar_subquery() for each in next_of))
    left_s: ColumnElement[float | None] = cast(func.extract("epoch", next_due_at - now), Double)
    return select(left_s)


@functools.cache
def _is_any_leased(workspace: str, *, is_far: bool) -> Select[bool]:
    """Whether somebody works on a row; where another is due soon, only due rows are looked at."""
    now = func.statement_timestamp()
    rows = [half if is_far else half & (Queue.due_at <= now) for half in _halves(workspace)]
    return select(or_(*(select(literal(1)).where(each, Queue.lease_until > now).exists() for each in rows)))


def _halves(workspace: str) -> list[ColumnElement[bool]]:
    """The rows that Recall has shown, and the others: each has an index of its own."""
    return [(Queue.workspace == workspace) & Queue.is_observed.is_(is_seen) for is_seen in (True, False)]


def count_absent(connection: Connection, workspace: str, most: int, now: datetime) -> int:
    """How many free rows are missing from a page of unfinished ones; counted no further than one above `most`."""
    condition, _ = _ORDERS[ClaimOrder.ABSENT]
    absent = select(literal(1)).where(Queue.workspace == workspace, condition, is_free(now)).limit(most + 1)
    return connection.execute(select(func.count()).select_from(absent.subquery())).scalar_one()


def claim(
    connection: Connection,
    limits: WorkerLimits,
    stages: Collection[Stage],
    order: ClaimOrder,
    count: int,
    now: datetime,
) -> list[Lease]:
    """Lease up to `count` rows in these stages, in this order, passing over those that another worker is locking."""
    if count <= 0:
        return []
    condition, rank = _ORDERS[order]
    wanted = (
        select(Queue.transcript_id, Queue.lease_until.is_not(None).label("had_expired"))
        .where(Queue.workspace == limits.workspace, Queue.stage.in_(stages), condition, is_free(now))
        .where(_is_ripe(order, limits.workspace, now))
        .order_by(rank)
        .limit(count)
    )
    return _lease(connection, limits, wanted.with_for_update(skip_locked=True), now)


def claim_ids(connection: Connection, limits: WorkerLimits, ids: Collection[UUID], now: datetime) -> list[Lease]:
    """Lease these transcripts, as far as nobody works on them, due or not; those not finished with Recall only."""
    wanted = (
        select(Queue.transcript_id, Queue.lease_until.is_not(None).label("had_expired"))
        .where(Queue.workspace == limits.workspace, Queue.transcript_id.in_(ids), is_free(now))
        .where(Queue.stage == Stage.POLL)
        .order_by(Queue.transcript_id)
    )
    return _lease(connection, limits, wanted.with_for_update(skip_locked=True), now)


def claim_id(
    connection: Connection, limits: WorkerLimits, stages: Collection[Stage], transcript_id: UUID, now: datetime
) -> Lease | None:
    """Lease one transcript, due or not; None where it is at another stage, or somebody works on it or locks it."""
    wanted = (
        select(Queue.transcript_id, Queue.lease_until.is_not(None).label("had_expired"))
        .where(Queue.workspace == limits.workspace, Queue.transcript_id == transcript_id, is_free(now))
        .where(Queue.stage.in_(stages))
        .with_for_update(skip_locked=True)
    )
    return next(iter(_lease(connection, limits, wanted, now)), None)


_ORDERS: dict[ClaimOrder, tuple[ColumnElement[bool], ColumnExpressionArgument[datetime | None]]] = {
    ClaimOrder.ANY: (true(), Queue.due_at),
    ClaimOrder.ABSENT: (Queue.absent_at.is_not(None), Queue.absent_at),
    ClaimOrder.SEEN: (Queue.is_observed.is_(True), Queue.due_at),
    ClaimOrder.FRESH: (Queue.is_observed.is_(False), Queue.due_at.desc()),
    ClaimOrder.NEW: (Queue.is_observed.is_(False), Queue.due_at.desc()),
}


def _is_ripe(order: ClaimOrder, workspace: str, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    match order:
        case ClaimOrder.ABSENT:
            return true()
        case ClaimOrder.SEEN:
            return Queue.due_at.between(due_from(workspace), now)
        case ClaimOrder.FRESH:
            return (Queue.due_at > now - timedelta(seconds=FRESH_S)) & (Queue.due_at <= now)
        case _:
            return Queue.due_at <= now


def is_free(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Whether nobody works on a row."""
    return Queue.lease_until.is_(None) | (Queue.lease_until <= now)


def _lease(connection: Connection, limits: WorkerLimits, wanted: Select[UUID, bool], now: datetime) -> list[Lease]:
    due = wanted.cte("due")
    statement = (
        update(Queue)
        .where(Queue.transcript_id == due.c.transcript_id)
        .values(
            lease_token=lease_tokens.next_value(),
            lease_holder=limits.holder,
            lease_until=now + timedelta(seconds=limits.lease_s),
            expired_lease_count=Queue.expired_lease_count + cast(due.c.had_expired, Integer),
        )
        .returning(*LEASE_COLUMNS, due.c.had_expired)
    )
    rows = connection.execute(statement).mappings()
    claimed = [read_lease(row, now, had_expired=row["had_expired"]) for row in rows]
    known = transcripts.known(connection, [lease.transcript_id for lease in claimed])
    return [replace(lease, known=known.get(lease.transcript_id, lease.known)) for lease in claimed]


LEASE_COLUMNS = (
    Queue.transcript_id,
    Queue.workspace,
    func.coalesce(Queue.lease_token, 0).label("token"),
    Queue.stage,
    Queue.tracked_at,
    Queue.pending_until,
    Queue.attempts,
    Queue.not_found_count,
    Queue.forbidden_count,
    Queue.due_at,
    Queue.last_seen_at,
    Queue.created_at,
    Queue.is_observed,
    Queue.unconfirmed,
    Queue.expired_lease_count,
)
"""The columns of a row that a lease is read from."""


def read_lease(row: RowMapping, now: datetime, *, had_expired: bool = False) -> Lease:
    """A row as a lease; one that was not claimed has token 0. `had_expired`: an earlier lease of it ran out."""
    values = {column.name: row[column.name] for column in LEASE_COLUMNS}
    values["unconfirmed"] = tuple(row["unconfirmed"])
    values["expired_lease_count"] = row["expired_lease_count"] if had_expired else 0
    return Lease(claimed_at=now, **values)
