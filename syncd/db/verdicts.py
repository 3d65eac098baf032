"""Carry out a verdict: settle the lease, name the end, and let a refusal pause whom it concerns."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from syncd.core.lease import Lease
from syncd.core.verdict import Verdict, pause_of
from syncd.db import budgets, calls, queue, transcripts, workspaces
from syncd.errors import RecallTrouble, SyncdError, Throttled, WorkspaceFault


def apply(connection: Connection, lease: Lease, verdict: Verdict) -> None:
    """Settle the row, and name its end where it has one. Raises LeaseLost; the transaction must then be rolled back.

    The transcript is locked before its place in the queue, as recall.track does: the other way round, the two would
    wait for each other.
    """
    if verdict.payload_state is not None:
        transcripts.end(connection, lease.transcript_id, verdict.payload_state, verdict.reason)
    queue.settle(connection, lease, verdict)


def close_call(connection: Connection, lease: Lease, error: SyncdError | None = None) -> None:
    """Note in the ledger that the call made under the lease is over, or take it out if it was never sent."""
    if isinstance(error, RecallTrouble) and not error.was_sent:
        calls.refund(connection, lease.token)
    else:
        calls.close(connection, lease.token, is_throttled=isinstance(error, Throttled))


def pause(connection: Connection, lease: Lease, error: SyncdError, limit: int, now: datetime) -> None:
    """After a refusal that concerns more than the row: the workspace or its budget pauses, for every process."""
    if isinstance(error, WorkspaceFault):
        until = now + timedelta(seconds=pause_of(error))
        workspaces.pause(connection, lease.workspace, until, str(error))
    elif isinstance(error, Throttled):
        budget = budgets.lock(connection, lease.workspace, budgets.RETRIEVE, limit, now)
        occupied = calls.occupied(connection, lease.workspace, budgets.RETRIEVE, now)
        throttled = budget.throttled(now, error.retry_after_s, occupied)
        budgets.save(connection, lease.workspace, budgets.RETRIEVE, throttled)
