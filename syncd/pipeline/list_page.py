"""Read one page of the list: the state of many transcripts for one call.

Whoever planned the page has paid for it (list_plan.py). What it changes at once is decided in core/queue/page.py and
written in one transaction, which also claims the transcripts that it shows at their end. Each of these is then
settled like the answer to a retrieve, in the thread that fetches its files: the next page waits for none of them.
"""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from syncd.core.polling.list_cursor import ListPurpose
from syncd.core.polling.list_plan import ListRequest
from syncd.core.queue.decide import Answer
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.queue.outcome import Outcome
from syncd.core.queue.page import PageShown, decide_list_failure, decide_page
from syncd.core.reading.list_page import Page, Selection
from syncd.db import outcomes
from syncd.db.engine import Connection, after_commit, reaching_database, transact
from syncd.db.polling import waiting
from syncd.db.queue import claims, tracking, wake
from syncd.db.rate_limit import workspaces
from syncd.db.rate_limit.workspaces import Server
from syncd.errors import DatabaseAway, OperatorError, RecallError, RecallTrouble
from syncd.log import get_logger
from syncd.pipeline.context import Context

log = get_logger(__name__)


class Found(NamedTuple):
    """A transcript that a page showed at its end, claimed and not settled yet."""

    lease: Lease
    answer: Answer


def read_list_page(context: Context, request: ListRequest) -> list[Found]:
    """One list call; answers the transcripts that it shows at their end, claimed."""
    try:
        with reaching_database():
            return _settle_page(context, request, context.api.list(*_asked(request)))
    except RecallError as error:
        _fail(context, request, error)
        return []
    except (DatabaseAway, OperatorError):
        raise
    except Exception as fault:  # a fault of ours must cost a page, not the list
        log.exception("unexpected error in a page", purpose=request.purpose)
        _fail(context, request, RecallTrouble(f"Unexpected {type(fault).__name__}; the log has the details."))
        return []


def _asked(request: ListRequest) -> tuple[Selection, str | None, float]:
    return request.selection, request.next_url, request.send_by


def _settle_page(context: Context, request: ListRequest, page: Page) -> list[Found]:
    shown = _look_up(context, request, page)
    answers, claimed = shown.finished(takes_backlog=request.takes_backlog), list[Lease]()

    def claim(connection: Connection) -> None:
        found = claims.claim_ids(connection, context.limits, list(answers), request.asked_at)
        store = StoreHealth.of(workspaces.breaker(connection, context.limits.workspace, Server.STORE))
        claimed[:] = [replace(lease, store=store) for lease in found]
        wake.hint(connection, context.limits.workspace)  # so that others watch leases of rows that were not due

    outcome = decide_page(shown, request, context.observations.policy)
    _write(context, request, outcome, claim if answers else None)
    return [Found(lease, answers[lease.transcript_id]) for lease in claimed]


def _fail(context: Context, request: ListRequest, error: RecallError) -> None:
    outcome = decide_list_failure(error, request, context.clock.now(request.asked_at))
    until = outcome.list and outcome.list.state.paused_until
    log.warning("listing failed", purpose=request.purpose, reason=str(error), paused_until=until)
    _write(context, request, outcome)


def _write(context: Context, request: ListRequest, outcome: Outcome, claim: outcomes.Write | None = None) -> None:
    outcomes.write_page(context.engine, request.call_id, outcome, context.limits, claim)
    end = None if outcome.list is None else outcome.list.discovery_end
    if end is not None and end.flaw is not None:
        log.warning("a pass of discovery was cut short, so some transcripts may be unknown", reason=end.flaw)
    context.observations.record(outcome.observations)


def _look_up(context: Context, request: ListRequest, page: Page) -> PageShown:
    """What the queue says about the transcripts of a page; new ones are tracked first, where that is wanted."""
    workspace = context.limits.workspace
    ids = [artifact.transcript_id for artifact, _ in page.entries]

    def look_up(connection: Connection) -> PageShown:
        if request.purpose == ListPurpose.DISCOVER:
            _track_new(connection, workspace, ids)
        return PageShown(
            page,
            waiting.peek(connection, workspace, ids, request.asked_at),
            ours_count=len(waiting.ours(connection, workspace, ids)),
            unseen_count=waiting.unseen(connection, workspace).count,
        )

    return transact(context.engine, look_up)


def _track_new(connection: Connection, workspace: str, ids: list[UUID]) -> None:
    new = sorted(set(ids) - waiting.ours(connection, workspace, ids))
    if new:
        count = tracking.track(connection, new, workspace)
        after_commit(connection, log.info, "discovered", count=count)
