"""Write an Outcome: all its effects in one transaction, fenced by the lease, its events last. Decides nothing.

The order of locks is the same for everybody: the transcript, its row in the queue, its content, the call, the
workspace or the budget, the order of events.
"""

from collections.abc import Callable
from datetime import datetime

from syncd.core.admin.erasure import SelectedBy
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.outcome import CallEnd, ListChange, Outcome, ShownWaiting
from syncd.core.rate_limit.circuit_breaker import OPENS_AT, CircuitBreaker
from syncd.core.transcript import PROCESSING
from syncd.db.content import erasing, events, transcripts
from syncd.db.engine import Connection, Engine, after_commit, database_now, transact
from syncd.db.polling import list_states, waiting
from syncd.db.queue import leases, paused
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.db.rate_limit.workspaces import Server
from syncd.errors import LeaseLost, Unstorable
from syncd.log import get_logger

log = get_logger(__name__)

Write = Callable[[Connection], None]
"""Writes what an outcome speaks of and does not hold itself: bytes, rows, leases. May be called again, after a
rollback."""


def write(
    engine: Engine, lease: Lease, outcome: Outcome, limits: WorkerLimits, content: Write | None = None
) -> Lease:
    """Write what follows for a claimed row; answers the lease as it stands then.

    Raises LeaseLost and Unstorable; then nothing is written, except that what the call cost and said holds even where
    the lease is lost.
    """

    def write_all(connection: Connection) -> None:
        _write_row(connection, lease, outcome, content)
        write_shared(connection)
        events.write(connection, lease.transcript_id, outcome.events)
        if outcome.deleted_at is not None and limits.erases_deleted:
            erasing.erase(connection, [lease.transcript_id], SelectedBy.DELETION, None)

    def write_shared(connection: Connection) -> None:
        _write_shared(connection, lease.workspace, lease.token, budgets.RETRIEVE, outcome, limits.retrieve_limit)

    try:
        transact(engine, write_all)
    except LeaseLost:
        transact(engine, write_shared)
        raise
    return outcome.applied_to(lease)


def _write_row(connection: Connection, lease: Lease, outcome: Outcome, content: Write | None) -> None:
    if outcome.artifact is not None:
        is_new = transcripts.observe_artifact(connection, lease.workspace, outcome.artifact, lease.claimed_at)
        if is_new:
            status = outcome.artifact.status
            after_commit(connection, log.debug, "observed", transcript_id=lease.transcript_id, status=status)
    if outcome.deleted_at is not None:
        transcripts.mark_deleted(connection, lease.transcript_id, outcome.deleted_at)
    transcripts.set_files(connection, lease.transcript_id, outcome.files)
    leases.change(connection, lease, outcome)
    if content is not None:
        content(connection)


def write_page(
    engine: Engine, call_id: int, outcome: Outcome, limits: WorkerLimits, claim: Write | None = None
) -> None:
    """Write what a page of the list changes at once, and let other processes read the next one.

    `claim` leases the rows that the page shows at their end: nobody may read on before these are ours.
    """

    def write_all(connection: Connection) -> None:
        if outcome.list is not None:
            _write_rows(connection, limits.workspace, outcome.list)
        if claim is not None:
            claim(connection)
        _write_shared(connection, limits.workspace, call_id, budgets.LIST, outcome, limits.list_limit)
        if outcome.list is not None:
            list_states.save_list_state(
                connection, limits.workspace, limits.holder, outcome.list.state, outcome.list.cursor
            )
            if outcome.list.discovery_end is not None:
                list_states.end_discovery(connection, limits.workspace, outcome.list.discovery_end)

    transact(engine, write_all)


def _write_rows(connection: Connection, workspace: str, change: ListChange) -> None:
    asked_at = change.asked_at
    there = transcripts.lock(connection, [each.artifact.transcript_id for each in change.waiting])
    shown = [each for each in change.waiting if each.artifact.transcript_id in there]
    kept = [each for each in shown if _is_kept(connection, workspace, each, asked_at)]
    waiting.wait(connection, kept, asked_at)
    if (absence := change.absence) is None:
        return
    window = absence.created_after, absence.created_before
    mark = waiting.mark_absent if absence.status == PROCESSING else waiting.mark_absent_from_done
    mark(connection, workspace, window, absence.shown, asked_at)


def _is_kept(connection: Connection, workspace: str, shown: ShownWaiting, asked_at: datetime) -> bool:
    """Whether a row may change: not where its artifact is to be kept and cannot be stored."""
    if not shown.is_first_shown:
        return True
    try:
        with connection.begin_nested():  # one that cannot be stored must not cost the page
            transcripts.observe_artifact(connection, workspace, shown.artifact, asked_at)
    except Unstorable:
        id_ = shown.artifact.transcript_id
        after_commit(connection, log.warning, "left to a retrieve: it cannot be stored", transcript_id=id_)
        return False
    return True


def _write_health(connection: Connection, workspace: str, outcome: Outcome) -> None:
    """What the circuit breakers count."""
    if outcome.trouble is not None:
        _log_pause(connection, workspace, "calls", workspaces.count_failure(connection, workspace, outcome.trouble))
    if outcome.store_trouble is not None:
        opened = workspaces.count_failure(connection, workspace, outcome.store_trouble, Server.STORE)
        _log_pause(connection, workspace, "downloads", opened)
    elif outcome.store_resumes and workspaces.resume(connection, workspace, Server.STORE):
        after_commit(connection, log.info, "the file store answers again", workspace=workspace)
    elif outcome.store_untried:
        workspaces.probe(connection, workspace, database_now(connection), 0.0, Server.STORE)


def _log_pause(connection: Connection, workspace: str, what: str, opened: CircuitBreaker | None) -> None:
    """One line when a pause begins, and none for each probe that fails."""
    if opened is not None and opened.failure_count == OPENS_AT:
        after_commit(connection, log.warning, f"{what} are paused", workspace=workspace, reason=opened.reason)


def _write_shared(
    connection: Connection, workspace: str, call_id: int, route: str, outcome: Outcome, limit: int
) -> None:
    """What concerns more than one row: the call, the circuit breaker, the budget."""
    if outcome.call == CallEnd.REFUNDED:
        calls.refund(connection, call_id)
    elif outcome.call is not None:
        calls.close(connection, call_id, is_throttled=outcome.call == CallEnd.THROTTLED)
    if (pause := outcome.pause) is not None:
        if workspaces.pause(connection, workspace, pause.until, pause.reason):
            after_commit(connection, log.error, "the workspace is paused", workspace=workspace, reason=pause.reason)
    elif outcome.resumes and (reason := paused.end_pause(connection, workspace, is_proven=True)):
        no_longer = "the workspace is no longer paused"
        after_commit(connection, log.warning, no_longer, workspace=workspace, reason=reason)
    _write_health(connection, workspace, outcome)
    if outcome.throttle is not None:
        now = database_now(connection)
        budget = budgets.lock(connection, workspace, route, limit, now)
        occupied = calls.occupied(connection, workspace, route, now)
        throttled = budget.throttled(now, outcome.throttle.retry_after_s, occupied)
        budgets.save_budget(connection, workspace, route, throttled)
