"""The queue: rows are taken by lease, and settled only by whoever still holds it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    UnaryExpression,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.polling.strata import length_class
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.outcome import Verdict
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import PROCESSING, Stage
from syncd.db.tables.control import lease_tokens, queue
from syncd.errors import LeaseLost

_NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_holder": None, "lease_until": None}


def has_due(connection: Connection, workspace: str) -> bool:
    """Whether there is anything to take; spares the budget's lock where there is not."""
    now = func.clock_timestamp()
    waiting = select(literal(1)).where(queue.c.workspace == workspace, is_free(now))
    lines = [
        waiting.where(_LINES[line][0], _is_ripe(line, now)).exists()
        for line in (ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.NEW)
    ]
    return bool(connection.execute(select(or_(*lines))).scalar_one())


def count_absent(connection: Connection, workspace: str, most: int, now: datetime) -> int:
    """How many free rows are absent from a list page of unfinished ones; counted no further than one above `most`."""
    condition, _ = _LINES[ClaimOrder.ABSENT]
    absent = select(literal(1)).where(queue.c.workspace == workspace, condition, is_free(now)).limit(most + 1)
    count: int = connection.execute(select(func.count()).select_from(absent.subquery())).scalar_one()
    return count


def take(
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
    return [read_lease(row, now) for row in connection.execute(statement)]


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


def settle(connection: Connection, lease: Lease, verdict: Verdict) -> None:
    """End a lease with a verdict: the row leaves the queue, or waits for its next turn. Raises LeaseLost."""
    if verdict.stage is None:
        _fenced(connection, lease, queue.delete())
    else:
        settled = _after(verdict, verdict.stage) | _NO_LEASE | {"expired_lease_count": verdict.expired_lease_count}
        _fenced(connection, lease, queue.update().values(settled))


def advance(connection: Connection, lease: Lease, verdict: Verdict) -> Lease:
    """Move a held row one stage further and keep the lease. Raises LeaseLost."""
    stage = verdict.stage or lease.stage
    _fenced(connection, lease, queue.update().values(_after(verdict, stage)))
    return lease.at(stage, verdict.pending_until)


def hold(connection: Connection, lease: Lease) -> None:
    """Make sure that the lease is still ours, until the transaction ends. Raises LeaseLost."""
    ours = select(queue.c.transcript_id).where(_is_ours(lease)).with_for_update()
    if connection.execute(ours).first() is None:
        raise LeaseLost


def current(connection: Connection, lease: Lease) -> Lease:
    """The lease as the row stands now, which may be further on. Raises LeaseLost."""
    columns = (queue.c.stage, queue.c.pending_until, queue.c.attempts, queue.c.not_found_count)
    row = connection.execute(select(*columns).where(_is_ours(lease))).one_or_none()
    if row is None:
        raise LeaseLost
    return replace(
        lease,
        stage=Stage(row.stage),
        pending_until=row.pending_until,
        attempts=row.attempts,
        not_found_count=row.not_found_count,
    )


def saw(connection: Connection, artifact: Artifact, threshold_s: float, asked_at: datetime) -> None:
    """Note what an answer has shown, as far as planning needs it, and the threshold of the next poll.

    `asked_at` is before the call, so that the next observation begins where this one ends.
    """
    statement = queue.update().where(queue.c.transcript_id == artifact.transcript_id)
    values = {
        "last_seen_at": asked_at,
        "is_observed": True,
        "created_at": artifact.created_at,
        "provider": artifact.provider,
        "recording_length": length_class(artifact.recording_s),
        "threshold_s": threshold_s if artifact.status == PROCESSING else None,
        # one that had not left after all can only leave again when a page has shown it again
        "listed_at": case((queue.c.absent_at.is_(None), queue.c.listed_at), else_=None),
    }
    connection.execute(statement.values(values))


def renew(connection: Connection, tokens: Collection[int], lease_s: float) -> None:
    """Keep the leases that this process is still working on."""
    until = func.clock_timestamp() + timedelta(seconds=lease_s)
    connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(lease_until=until))


def release(connection: Connection, tokens: Collection[int]) -> int:
    """Give leases back unsettled; the rows are due at once. Answers how many there were."""
    return connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(**_NO_LEASE)).rowcount


def unfinished(connection: Connection, workspace: str) -> int:
    """How many transcripts of the workspace have not reached their end."""
    count: int = connection.execute(
        select(func.count()).select_from(queue).where(queue.c.workspace == workspace)
    ).scalar_one()
    return count


def _after(verdict: Verdict, stage: Stage) -> dict[str, Any]:
    values: dict[str, Any] = {
        "stage": str(stage),
        "due_at": func.clock_timestamp() + timedelta(seconds=verdict.wait_s),
        "absent_at": None,
        "attempts": verdict.attempts,
        "not_found_count": verdict.not_found_count,
        "forbidden_count": verdict.forbidden_count,
        "unconfirmed": list(verdict.unconfirmed),
        "last_error": verdict.reason,
        "last_error_at": func.clock_timestamp() if verdict.reason else null(),
    }
    if verdict.reason or verdict.stage != Stage.POLL:
        values["threshold_s"] = None  # the wait has nothing to do with the price of a look
    if verdict.pending_until is not None:
        values["pending_until"] = verdict.pending_until
    return values


def _is_ours(lease: Lease) -> Any:
    return (queue.c.transcript_id == lease.transcript_id) & (queue.c.lease_token == lease.token)


def _fenced(connection: Connection, lease: Lease, statement: Any) -> None:
    if connection.execute(statement.where(_is_ours(lease))).rowcount != 1:
        raise LeaseLost
