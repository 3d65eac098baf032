"""Learn the state of many transcripts from one page of the list.

What a page shows counts like a retrieve: finished ones go on to their download with the page's fresh links. What it
does not show is a hint, never an end: those that left a page of unfinished ones are asked about first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from syncd.core import transcript
from syncd.core.polling.list_cursor import ListCursor, ListPurpose
from syncd.core.polling.list_plan import ListRequest, PageFacts
from syncd.core.polling.list_state import ListState
from syncd.core.polling.observation import Observation, observation_of
from syncd.core.polling.poll_index import MIDDLE
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.outcome import after_observing
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.reading.list_page import Page
from syncd.db import outcomes
from syncd.db.content import transcripts
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.polling import list_states, waiting
from syncd.db.queue import leases, tracking
from syncd.db.rate_limit import budgets
from syncd.errors import BadAnswer, ConfigError, DatabaseAway, LeaseLost, RecallError, RecallTrouble, Unstorable
from syncd.log import get_logger
from syncd.pipeline.observations import Observations
from syncd.recall.api import RecallApi

INSIDE = timedelta(milliseconds=1)
_ENDS = (transcript.DONE, transcript.FAILED, transcript.DELETED)

log = get_logger(__name__)


class Found(NamedTuple):
    """A finished transcript, leased, and the links to its files."""

    lease: Lease
    links: Links


def read_list_page(
    engine: Engine, api: RecallApi, limits: WorkerLimits, observations: Observations, request: ListRequest
) -> list[Found]:
    """One list call, paid for by whoever planned it; answers the finished ones whose files are to be fetched."""
    error: RecallError | None = None
    found: list[Found] = []
    after, cursor = request.state, request.cursor
    try:
        page = api.list(request.selection, request.next_url, request.send_by)
        found, after, cursor = _take_page(engine, limits, observations, request, page)
    except RecallError as refusal:
        error = refusal
        after = after.after_failing(refusal, request.asked_at)
        cursor = cursor.lost(request.purpose) if isinstance(refusal, BadAnswer) else cursor
        log.warning("listing failed", purpose=request.purpose, reason=str(refusal), paused_until=after.paused_until)
    except (DatabaseAway, ConfigError):
        raise
    except Exception as fault:  # a fault of ours must cost a page, not the list
        log.exception("unexpected error in a page", purpose=request.purpose)
        trouble = RecallTrouble(f"Unexpected {type(fault).__name__}; the log has the details.")
        after = request.state.after_failing(trouble, request.asked_at)
    with engine.begin() as connection:
        outcomes.close_call(connection, request.call_id, error)
        now = database_now(connection)
        outcomes.pause(connection, limits.workspace, budgets.LIST, limits.list_limit, error, now)
        list_states.save(connection, limits.workspace, limits.holder, after, cursor)
    return found


def _take_page(
    engine: Engine, limits: WorkerLimits, observations: Observations, request: ListRequest, page: Page
) -> tuple[list[Found], ListState, ListCursor]:
    """Write down what a page shows. Answers the finished ones, and what the page teaches about the list."""
    ids = [artifact.transcript_id for artifact, _ in page.entries]
    with engine.begin() as connection:
        if request.purpose == ListPurpose.DISCOVER:
            _adopt(connection, limits.workspace, ids)
        ours = waiting.ours(connection, limits.workspace, ids)
        rows = waiting.peek(connection, limits.workspace, ids, request.asked_at)
        _take_absent(connection, limits.workspace, request, page)
    _take_unfinished(engine, observations, rows, page, request.asked_at)
    found = _take_finished(engine, limits, observations, rows, page, request.asked_at)
    facts = PageFacts(
        entry_count=len(page.entries),
        ours_count=len(ours),
        hits=sum(not row.is_observed for row in rows),
        next_url=page.next_url,
        is_whole=page.is_whole,
        has_unseen=_has_unseen(engine, limits.workspace),
    )
    return found, *observations.policy.after_list_page(request, facts)


def _has_unseen(engine: Engine, workspace: str) -> bool:
    with engine.begin() as connection:
        return waiting.unseen(connection, workspace).count > 0


def _adopt(connection: Connection, workspace: str, ids: Sequence[UUID]) -> None:
    known = waiting.ours(connection, workspace, ids)
    new = sorted(set(ids) - known)
    if new:
        log.info("discovered", count=tracking.track(connection, new, workspace))


def _take_absent(connection: Connection, workspace: str, request: ListRequest, page: Page) -> None:
    """A whole last page of a window shows by absence who has left it, or who has not come into it."""
    selection = request.selection
    if (
        request.purpose != ListPurpose.WINDOW
        or not page.is_last
        or not selection.created_after
        or not selection.created_before
    ):
        return
    window = selection.created_after + INSIDE, selection.created_before - INSIDE
    shown = [artifact.transcript_id for artifact, _ in page.entries]
    if selection.status == transcript.PROCESSING:
        count = waiting.mark_absent(connection, workspace, window, shown, request.asked_at)
        log.debug("left the list", count=count)
    else:
        waiting.mark_absent_from_done(connection, workspace, window, shown, request.asked_at)


def _take_unfinished(
    engine: Engine, observations: Observations, rows: Sequence[Lease], page: Page, asked_at: datetime
) -> None:
    """Those still unfinished wait for their next turn; one whose time is up is asked about before it is given up."""
    shown = {artifact.transcript_id: artifact for artifact, _ in page.entries if artifact.status not in _ENDS}
    seen = [(shown[row.transcript_id], row) for row in rows if row.transcript_id in shown]
    policy = observations.policy
    judged = [(artifact, after_observing(artifact, Links(), row, policy, MIDDLE)) for artifact, row in seen]
    with engine.begin() as connection:
        waiting.still(connection, [each for each in judged if not each[1].is_end], policy.threshold_s, asked_at)
    for artifact, row in seen:
        if not row.is_observed:
            _observe(engine, row, artifact, asked_at)
    observations.record(_observation(artifact, row, asked_at) for artifact, row in seen)


def _observe(engine: Engine, row: Lease, artifact: Artifact, asked_at: datetime) -> None:
    try:
        with engine.begin() as connection:
            transcripts.observe(connection, row.workspace, artifact, asked_at)
    except Unstorable:
        log.warning("the list shows something that cannot be stored", transcript_id=row.transcript_id)


def _take_finished(
    engine: Engine,
    limits: WorkerLimits,
    observations: Observations,
    rows: Sequence[Lease],
    page: Page,
    asked_at: datetime,
) -> list[Found]:
    """Lease the finished ones, and carry out what that means; answers those whose files are to be fetched."""
    shown = {
        artifact.transcript_id: (artifact, links) for artifact, links in page.entries if artifact.status in _ENDS
    }
    wanted = [row.transcript_id for row in rows if row.transcript_id in shown]
    if not wanted:
        return []
    with engine.begin() as connection:
        claimed = leases.claim_ids(connection, limits, wanted, asked_at)
    found = []
    for lease in claimed:
        artifact, links = shown[lease.transcript_id]
        advanced = _finish(engine, observations, lease, artifact, links)
        observations.record([_observation(artifact, lease, asked_at)])
        if advanced is not None:
            found.append(Found(advanced, links))
    return found


def _observation(artifact: Artifact, row: Lease, asked_at: datetime) -> Observation | None:
    return observation_of(artifact, row.since, asked_at, was_seen=row.last_seen_at is not None)


def _finish(
    engine: Engine, observations: Observations, lease: Lease, artifact: Artifact, links: Links
) -> Lease | None:
    """The lease, where the transcript goes on to its download; None where it was settled, or left to a retrieve."""
    policy = observations.policy
    verdict = after_observing(artifact, links, lease, policy, MIDDLE)
    try:
        with engine.begin() as connection:
            lease = outcomes.observe(connection, lease, artifact, links, verdict, policy.threshold_s)
    except Exception as error:  # one entry must not cost the others their page
        if not isinstance(error, LeaseLost | Unstorable):
            log.exception("unexpected error", transcript_id=lease.transcript_id)
        log.warning("left to a retrieve", transcript_id=lease.transcript_id, reason=type(error).__name__)
        with engine.begin() as connection:
            leases.release(connection, [lease.token])
        return None
    return lease if verdict.goes_on else None
