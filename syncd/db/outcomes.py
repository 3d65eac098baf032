"""Carry out a verdict: settle the lease, name the end, and let a refusal pause whom it concerns."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Verdict, pause_of
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import DONE
from syncd.db.content import transcripts
from syncd.db.queue import leases
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.errors import Forbidden, RecallTrouble, SyncdError, Throttled, WorkspaceFault
from syncd.log import get_logger

log = get_logger(__name__)


def apply(connection: Connection, lease: Lease, verdict: Verdict) -> None:
    """Settle the row, and name its end where it has one. Raises LeaseLost; the transaction must then be rolled back.

    The transcript is locked before its place in the queue, as recall.track does: the other way round, the two would
    wait for each other.
    """
    if verdict.payload_state is not None:
        transcripts.end(connection, lease.transcript_id, verdict.payload_state, verdict.reason)
    leases.settle(connection, lease, verdict)


def observe(
    connection: Connection, lease: Lease, artifact: Artifact, links: Links, verdict: Verdict, threshold_s: float
) -> Lease:
    """Write an observation and carry out what it means; answers the lease, one stage further on where it goes on.

    Raises LeaseLost and Unstorable; the transaction must then be rolled back.
    """
    is_new = transcripts.observe(connection, lease.workspace, artifact, lease.taken_at)
    leases.saw(connection, artifact, threshold_s, lease.taken_at)
    if artifact.status == DONE and links.transcript and not links.provider_data:
        transcripts.mark_no_provider_data(connection, lease.transcript_id)
    if verdict.goes_on:
        lease = leases.advance(connection, lease, verdict)
    else:
        apply(connection, lease, verdict)
    if is_new:
        log.info("observed", transcript_id=lease.transcript_id, status=artifact.status, provider=artifact.provider)
    return lease


def close_call(connection: Connection, call_id: int, error: SyncdError | None = None) -> None:
    """Note in the ledger that a call is over, or take it out if it was never sent."""
    if isinstance(error, RecallTrouble) and not error.was_sent:
        calls.refund(connection, call_id)
    else:
        calls.close(connection, call_id, is_throttled=isinstance(error, Throttled))


def pause(
    connection: Connection, workspace: str, route: str, limit: int, error: SyncdError | None, now: datetime
) -> None:
    """After a refusal that concerns more than one call: the workspace or its budget pauses, for every process.

    A 403 of the list concerns the list alone.
    """
    is_of_the_list = route == budgets.LIST and isinstance(error, Forbidden)
    if isinstance(error, WorkspaceFault) and not is_of_the_list:
        workspaces.pause(connection, workspace, now + timedelta(seconds=pause_of(error)), str(error))
    elif isinstance(error, Throttled):
        budget = budgets.lock(connection, workspace, route, limit, now)
        throttled = budget.throttled(now, error.retry_after_s, calls.occupied(connection, workspace, route, now))
        budgets.save(connection, workspace, route, throttled)
