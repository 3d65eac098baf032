"""Leases that are held: changed by an outcome, checked, renewed, released. Every write is fenced by the token."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Update, case, func, null, select

from syncd.core.polling.strata import length_class
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import Stage
from syncd.db.content import transcripts
from syncd.db.tables.control import queue
from syncd.errors import LeaseLost

_NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_holder": None, "lease_until": None}


def change(connection: Connection, lease: Lease, outcome: Outcome) -> None:
    """Do to the row what an outcome says, and hold it until the transaction ends. Raises LeaseLost."""
    seen = {} if outcome.artifact is None else _seen(outcome.artifact)
    match outcome.row.step:
        case Step.LEAVE:
            _fenced(connection, lease, queue.delete())
        case Step.KEEP if not seen:
            hold(connection, lease)
        case Step.KEEP:
            _fenced(connection, lease, queue.update().values(seen))
        case Step.ADVANCE:
            _fenced(connection, lease, queue.update().values(seen | _turn(outcome)))
        case Step.WAIT:
            _fenced(connection, lease, queue.update().values(seen | _turn(outcome) | _NO_LEASE))


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
    known = transcripts.known(connection, [lease.transcript_id]).get(lease.transcript_id, lease.known)
    return replace(
        lease,
        stage=Stage(row.stage),
        pending_until=row.pending_until,
        attempts=row.attempts,
        not_found_count=row.not_found_count,
        known=known,
    )


def renew(connection: Connection, tokens: Collection[int], lease_s: float) -> None:
    """Keep the leases that this process is still working on."""
    until = func.clock_timestamp() + timedelta(seconds=lease_s)
    connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(lease_until=until))


def release(connection: Connection, tokens: Collection[int]) -> int:
    """End leases without an outcome; the rows are due at once. Answers how many there were."""
    return connection.execute(queue.update().where(queue.c.lease_token.in_(tokens)).values(**_NO_LEASE)).rowcount


def unfinished(connection: Connection, workspace: str) -> int:
    """How many transcripts of the workspace have not reached their end."""
    count: int = connection.execute(
        select(func.count()).select_from(queue).where(queue.c.workspace == workspace)
    ).scalar_one()
    return count


def _seen(artifact: Artifact) -> dict[str, Any]:
    """What Recall has just shown, as far as planning needs it."""
    return {
        "last_seen_at": func.clock_timestamp(),
        "is_observed": True,
        "created_at": artifact.created_at,
        "provider": artifact.provider,
        "recording_length": length_class(artifact.recording_s),
        # one that was not absent after all can only be absent again when a page has shown it again
        "listed_at": case((queue.c.absent_at.is_(None), queue.c.listed_at), else_=None),
    }


def _turn(outcome: Outcome) -> dict[str, Any]:
    row: RowChange = outcome.row
    values: dict[str, Any] = {
        "stage": str(row.stage),
        "due_at": func.clock_timestamp() + timedelta(seconds=row.wait_s),
        "absent_at": None,
        "attempts": row.attempts,
        "not_found_count": row.not_found_count,
        "forbidden_count": row.forbidden_count,
        "expired_lease_count": row.expired_lease_count,
        "unconfirmed": list(row.unconfirmed),
        "threshold_s": outcome.threshold_s,
        "last_error": row.reason,
        "last_error_at": func.clock_timestamp() if row.reason else null(),
    }
    return values if row.pending_until is None else values | {"pending_until": row.pending_until}


def _is_ours(lease: Lease) -> ColumnElement[bool]:
    return (queue.c.transcript_id == lease.transcript_id) & (queue.c.lease_token == lease.token)


def _fenced(connection: Connection, lease: Lease, statement: Update | Delete) -> None:
    if connection.execute(statement.where(_is_ours(lease))).rowcount != 1:
        raise LeaseLost
