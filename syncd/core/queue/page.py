"""Decisions about a page of the list: many rows from one answer.

What a page shows counts like a retrieve. Rows shown unfinished wait for their next poll; rows shown finished are
claimed and decided one by one, like answers to retrieves. What a whole page of a window does not show is a hint and
never an end: rows missing from a page of unfinished ones are polled first, those missing from a page of finished ones
are probably unfinished still (the noisy change signal of arXiv 2502.02430). ADR 12 has the reasons.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from syncd import errors
from syncd.core import transcript
from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_plan import ListRequest, PageFacts
from syncd.core.polling.observation import Observation, observation_of
from syncd.core.polling.policy import Policy
from syncd.core.polling.poll_index import MIDDLE
from syncd.core.queue.decide import Answer, decide
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Absence, CallEnd, DiscoveryEnd, ListChange, Outcome, ShownWaiting, Step
from syncd.core.queue.refusal import call_end, pause_after, throttle_after, trouble_of
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.reading.list_page import Page

END_STATUSES = (transcript.DONE, transcript.FAILED, transcript.DELETED)


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page, and what the queue says about its transcripts."""

    page: Page
    rows: Sequence[Lease]
    """The rows of its transcripts that wait and that nobody works on, as leases that were not claimed."""
    ours_count: int
    """How many of its transcripts are tracked, or were."""
    unseen_count: int
    """How many rows of the workspace Recall had never shown before this page."""

    def finished(self, *, takes_backlog: bool) -> dict[UUID, Answer]:
        """What the page says about those of the rows that it shows at their end and that are to be claimed.

        Without `takes_backlog` those that Recall had never shown before are not: they stay as they are.
        """
        waiting = {row.transcript_id for row in self.rows if takes_backlog or row.is_observed}
        return {
            artifact.transcript_id: Answer(artifact, links, is_listed=True)
            for artifact, links in self.page.entries
            if artifact.transcript_id in waiting and artifact.status in END_STATUSES
        }


def decide_page(shown: PageShown, request: ListRequest, policy: Policy) -> Outcome:
    """What a page changes at once, all together; `finished` says what is left to be claimed."""
    entries = [(artifact, row) for artifact, row in _rows_shown(shown) if artifact.status not in END_STATUSES]
    waits = [_wait(artifact, row, request.asked_at, policy) for artifact, row in entries]
    state, cursor = policy.after_list_page(request, _facts(shown))
    change = ListChange(
        state,
        cursor,
        request.asked_at,
        # one whose time is up is polled before it is given up
        waiting=tuple(each for each in waits if each.row.step == Step.WAIT),
        absence=_absence(request, shown.page),
        discovery_end=_end_of_pass(request.cursor, cursor),
    )
    return Outcome(
        call=CallEnd.CLOSED,
        resumes=True,
        list=change,
        observations=tuple(_observations(entries, request.asked_at)),
    )


def decide_list_failure(error: errors.RecallError, request: ListRequest, now: datetime) -> Outcome:
    """What a list call that failed means. A 403 of the list concerns the list alone."""
    trouble = trouble_of(error, is_probe=request.is_probe)
    state = request.state.after_failing(error, request.asked_at, is_counted=trouble is None or not request.is_probe)
    is_lost = isinstance(error, errors.BadAnswer)
    cursor = request.cursor.lost(request.purpose) if is_lost else request.cursor
    change = ListChange(state, cursor, request.asked_at, discovery_end=_end_of_pass(request.cursor, cursor))
    pause = None if isinstance(error, errors.Forbidden) else pause_after(error, now)
    return Outcome(call=call_end(error), pause=pause, trouble=trouble, throttle=throttle_after(error), list=change)


def _end_of_pass(before: ListCursor, after: ListCursor) -> DiscoveryEnd | None:
    is_over = before.discover_began_at is not None and after.discover_began_at is None
    return DiscoveryEnd(after.discovery_flaw) if is_over else None


def _rows_shown(shown: PageShown) -> Iterable[tuple[Artifact, Lease]]:
    by_id = {artifact.transcript_id: artifact for artifact, _ in shown.page.entries}
    return ((by_id[row.transcript_id], row) for row in shown.rows)


def _wait(artifact: Artifact, row: Lease, asked_at: datetime, policy: Policy) -> ShownWaiting:
    outcome = decide(Answer(artifact, Links(), is_listed=True), row, asked_at, policy, MIDDLE)
    return ShownWaiting(artifact, outcome.row, outcome.threshold_s, is_first_shown=not row.is_observed)


def _observations(entries: Iterable[tuple[Artifact, Lease]], asked_at: datetime) -> Iterable[Observation]:
    found = (
        observation_of(artifact, row.since, asked_at, was_seen=row.last_seen_at is not None)
        for artifact, row in entries
    )
    return (each for each in found if each is not None)


def _absence(request: ListRequest, page: Page) -> Absence | None:
    """A whole last page of a window shows by absence which rows are not in it any more, or not yet."""
    window = Policy.absence_window(request, is_last=page.is_last)
    if window is None or request.selection.status is None:
        return None
    shown = tuple(artifact.transcript_id for artifact, _ in page.entries)
    return Absence(request.selection.status, *window, shown)


def _facts(shown: PageShown) -> PageFacts:
    hits = sum(not row.is_observed for row in shown.rows)
    return PageFacts(
        entry_count=len(shown.page.entries),
        ours_count=shown.ours_count,
        hits=hits,
        next_url=shown.page.next_url,
        flaw=shown.page.flaw,
        has_unseen=shown.unseen_count > hits,
    )
