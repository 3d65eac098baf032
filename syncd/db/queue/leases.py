"""Leases that are held: changed by an outcome, checked, renewed, released. Every write is fenced by the token."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Update, bindparam, case, delete, func, null, select, update

from syncd.core.polling.strata import length_class
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.reading.artifact import Artifact
from syncd.db.content import transcripts
from syncd.db.tables.control import Queue
from syncd.errors import LeaseLost

SHORT_SHARE = 0.25
"""Of the time of a lease: a transaction that is shorter makes renewals miss it once at most, which they may
(RENEWALS in service/schedule.py)."""
_NO_LEASE: dict[str, object] = {"lease_token": None, "lease_holder": None, "lease_until": None}


def change(connection: Connection, lease: Lease, outcome: Outcome) -> None:
    """Do to the row what an outcome says, and hold it until the transaction ends. Raises LeaseLost."""
    seen = {} if outcome.artifact is None else _seen(outcome.artifact, lease.claimed_at)
    match outcome.row.step:
        case Step.LEAVE:
            _leave(connection, lease)
        case Step.KEEP if not seen:
            hold(connection, lease)
        case Step.KEEP:
            _fenced(connection, lease, update(Queue).values(seen))
        case Step.ADVANCE:
            _fenced(connection, lease, update(Queue).values(seen | _turn(outcome)))
        case Step.WAIT:
            _fenced(connection, lease, update(Queue).values(seen | _turn(outcome) | _NO_LEASE))


def hold(connection: Connection, lease: Lease) -> None:
    """Make sure that the lease is still ours, until the transaction ends. Raises LeaseLost."""
    ours = select(Queue.transcript_id).where(_is_ours(lease)).with_for_update()
    if connection.execute(ours).first() is None:
        raise LeaseLost


def current(connection: Connection, lease: Lease) -> Lease:
    """The lease as the row stands now, which may be further on. Raises LeaseLost."""
    columns = (Queue.stage, Queue.pending_until, Queue.attempts, Queue.not_found_count)
    row = connection.execute(select(*columns).where(_is_ours(lease))).mappings().one_or_none()
    if row is None:
        raise LeaseLost
    known = transcripts.known(connection, [lease.transcript_id]).get(lease.transcript_id, lease.known)
    return replace(lease, known=known, **row)


def renew(connection: Connection, tokens: Collection[int], lease_s: float) -> None:
    """Keep the leases that this process is still working on.

    A row that is locked is left out, for its own transaction holds it: loading a large file takes longer than anybody
    should wait here, and nobody claims a locked row.
    """
    until = func.clock_timestamp() + timedelta(seconds=lease_s)
    free = select(Queue.transcript_id).where(Queue.lease_token.in_(tokens)).with_for_update(skip_locked=True)
    connection.execute(update(Queue).where(Queue.transcript_id.in_(free)).values(lease_until=until))


def renewing(write: Callable[[Connection], None], lease: Lease, lease_s: float) -> Callable[[Connection], None]:
    """The same write, whose row stays leased to us after it. Where it takes long, it renews the lease itself.

    `renew` leaves its row out meanwhile, and the row could be claimed from its commit to the next renewal.
    """

    def both(connection: Connection) -> None:
        began_s = time.monotonic()
        write(connection)
        if time.monotonic() - began_s > SHORT_SHARE * lease_s:
            renew(connection, [lease.token], lease_s)

    return both


def release(connection: Connection, tokens: Collection[int]) -> int:
    """End leases without an outcome; the rows are due at once. Answers how many there were."""
    return connection.execute(update(Queue).where(Queue.lease_token.in_(tokens)).values(**_NO_LEASE)).rowcount


def release_for(connection: Connection, reasons: Mapping[int, tuple[str, float]]) -> None:
    """End leases that the database refused to settle, with the reason and no attempt less.

    `reasons`: for each token the reason, and in how many seconds the row is due again.
    """
    now = func.clock_timestamp()
    for token, (reason, wait_s) in reasons.items():
        told = {"last_error": reason, "last_error_at": now, "due_at": now + timedelta(seconds=wait_s)}
        connection.execute(update(Queue).where(Queue.lease_token == token).values(**_NO_LEASE, **told))


def unfinished(connection: Connection, workspace: str) -> int:
    """How many transcripts of the workspace have not reached their end."""
    return connection.execute(_UNFINISHED, {"workspace": workspace}).scalar_one()


_UNFINISHED = select(func.count()).select_from(Queue).where(Queue.workspace == bindparam("workspace"))


def _seen(artifact: Artifact, asked_at: datetime) -> dict[str, object]:
    """What Recall has just shown, as far as planning needs it.

    `asked_at` is before the call, so that the next observation begins where this one ends.
    """
    return {
        "last_seen_at": asked_at,
        "is_observed": True,
        "created_at": artifact.created_at,
        "provider": artifact.provider,
        "recording_length": length_class(artifact.recording_s),
        # one that was not absent after all can only be absent again when a page has shown it again
        "listed_at": case((Queue.absent_at.is_(None), Queue.listed_at), else_=None),
    }


def _turn(outcome: Outcome) -> dict[str, object]:
    row: RowChange = outcome.row
    values: dict[str, object] = {
        "stage": row.stage,
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
    return (Queue.transcript_id == lease.transcript_id) & (Queue.lease_token == lease.token)


_LEAVE = delete(Queue).where(
    Queue.transcript_id == bindparam("transcript_id"), Queue.lease_token == bindparam("token")
)


def _leave(connection: Connection, lease: Lease) -> None:
    if connection.execute(_LEAVE, {"transcript_id": lease.transcript_id, "token": lease.token}).rowcount != 1:
        raise LeaseLost


def _fenced(connection: Connection, lease: Lease, statement: Update) -> None:
    if connection.execute(statement.where(_is_ours(lease))).rowcount != 1:
        raise LeaseLost
