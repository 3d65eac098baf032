"""Everything that follows from one answer or error, as values. decide.py makes an Outcome, db/outcomes.py writes it.

An Outcome names every effect: on the row of the queue, the states of the files, the call that was paid for, the
circuit breaker of the workspace, the budget, what Recall showed, what polling can learn from it, and the events that
consumers are told. Nothing else follows from an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from uuid import UUID

from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_state import ListState
from syncd.core.polling.observation import Observation
from syncd.core.queue.events import EventKind, events_between
from syncd.core.queue.lease import Known, Lease, is_news
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import ContentState, FileKind, Stage


class Step(Enum):
    """What happens to the row of the queue."""

    KEEP = "keep"
    """It stays as it is, and its lease too."""
    ADVANCE = "advance"
    """It is at another stage now; the worker keeps the lease and goes on."""
    WAIT = "wait"
    """It waits for its next turn; the lease ends."""
    LEAVE = "leave"
    """It leaves the queue: the transcript has reached its end."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """The row of the queue after this. The counters are written for ADVANCE and WAIT only."""

    step: Step = Step.KEEP
    stage: Stage = Stage.POLL
    wait_s: float = 0.0
    """Seconds until it is due again; 0 for ADVANCE."""
    reason: str | None = None
    """What went wrong, in words for the operator and the analyst; None: nothing. Holds no secret."""
    attempts: int = 0
    not_found_count: int = 0
    forbidden_count: int = 0
    expired_lease_count: int = 0
    pending_until: datetime | None = None
    """The new deadline; None leaves it as it is."""
    unconfirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileState:
    """How far a file is now, and why where there is more to say."""

    state: ContentState
    reason: str | None = None


class CallEnd(Enum):
    """What becomes of the call that the lease was claimed with, in the log of calls."""

    CLOSED = "closed"
    THROTTLED = "throttled"
    REFUNDED = "refunded"
    """It was never sent."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The circuit breaker of the workspace opens: no call before `until`, then one may try."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure of the moment, of Recall or of the file store: its circuit breaker counts it, and may open."""

    reason: str
    is_probe: bool
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Throttle:
    """The budget of the route pauses after a 429, for as long as the server asked or the budget's own rule says."""

    retry_after_s: float | None


@dataclass(frozen=True, slots=True)
class Absence:
    """Rows that a whole page of the list should have shown, and did not: created within the window, not shown."""

    status: str
    """The status that the page was asked for."""
    created_after: datetime
    created_before: datetime
    shown: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ShownWaiting:
    """A row that nobody works on, as a page of the list shows it, unfinished."""

    artifact: Artifact
    row: RowChange
    threshold_s: float | None
    """As in Outcome."""
    is_first_shown: bool
    """Recall had never shown it before, so the artifact is kept. One that cannot be stored changes nothing: its row
    is left to a retrieve, whose outcome says why."""


@dataclass(frozen=True, slots=True)
class ListChange:
    """What a page changes besides the rows that it shows as finished, which are claimed and decided one by one."""

    state: ListState
    cursor: ListCursor
    asked_at: datetime
    """When the page was asked for; what it shows was true then or later."""
    waiting: tuple["ShownWaiting", ...] = ()
    """Rows that nobody works on, shown unfinished."""
    absence: Absence | None = None
    discovery_end: "DiscoveryEnd | None" = None
    """A pass of discovery came to its end with this page."""


@dataclass(frozen=True, slots=True)
class DiscoveryEnd:
    """How a pass of discovery ended."""

    flaw: str | None
    """Why it was cut short; None: it was whole."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one answer or error: about one transcript, or a page of them."""

    row: RowChange = RowChange()
    files: Mapping[FileKind, FileState] = field(default_factory=dict)
    call: CallEnd | None = None
    pause: Pause | None = None
    resumes: bool = False
    """Recall answered, so the circuit breaker of the workspace closes."""
    trouble: Trouble | None = None
    """Recall failed, for the moment."""
    store_trouble: Trouble | None = None
    """The file store did."""
    store_resumes: bool = False
    store_untried: bool = False
    """The half-open probe of the file store came to no answer of it, so another may try."""
    """The file store answered after it had failed, so its circuit breaker closes."""
    throttle: Throttle | None = None
    artifact: Artifact | None = None
    """What Recall showed; upserted, and never over something newer."""
    threshold_s: float | None = None
    """The threshold that the next poll was planned with; None: the wait has nothing to do with it."""
    observations: tuple[Observation, ...] = ()
    """What it says about how long transcripts take; recorded once the outcome is written."""
    list: "ListChange | None" = None
    """What a page of the list changes; None: the answer was not a page."""
    word_count: int | None = None
    """Words that were loaded with this; None: none were, or they are not of the transcript file."""
    deleted_at: datetime | None = None
    """When Recall was seen to have deleted it; None: that was not seen."""
    events: tuple[EventKind, ...] = ()

    def with_events(self, lease: Lease, known: Known | None = None) -> "Outcome":
        """The outcome with the events that follow from it; `known`: what is known after it, but for the files."""
        states = {kind: file.state for kind, file in self.files.items()}
        after = known or lease.known
        is_deleted = after.is_deleted or self.deleted_at is not None
        now = replace(after, files={**after.files, **states}, is_deleted=is_deleted)
        events = events_between(lease.known, now)
        return replace(self, events=events)

    def applied_to(self, lease: Lease) -> Lease:
        """The lease as it stands once the outcome is written."""
        word_count = lease.word_count if self.word_count is None else self.word_count
        after = replace(
            lease.with_files({kind: file.state for kind, file in self.files.items()}), word_count=word_count
        )
        if self.artifact is not None:
            known = after.known
            if is_news(self.artifact, lease.claimed_at, known):
                shown = self.artifact
                updated_at = shown.status_updated_at or known.status_updated_at
                known = replace(known, status=shown.status, provider=shown.provider, status_updated_at=updated_at)
            after = replace(after, known=known, is_observed=True, created_at=self.artifact.created_at)
        if self.row.step in (Step.WAIT, Step.LEAVE):
            return replace(after, is_settled=True)
        if self.row.step == Step.KEEP:
            return after
        return replace(
            after,
            stage=self.row.stage,
            pending_until=self.row.pending_until or lease.pending_until,
            attempts=self.row.attempts,
            not_found_count=self.row.not_found_count,
            forbidden_count=self.row.forbidden_count,
            unconfirmed=self.row.unconfirmed,
        )


def again(
    lease: Lease, wait_s: float, reason: str, *, attempts: int | None = None, not_found_count: int | None = None
) -> RowChange:
    """The same stage again. An error that says nothing about the id leaves its unconfirmed 404s as they were."""
    return RowChange(
        Step.WAIT,
        lease.stage,
        wait_s,
        reason=reason,
        attempts=lease.attempts if attempts is None else attempts,
        not_found_count=lease.not_found_count if not_found_count is None else not_found_count,
        unconfirmed=lease.unconfirmed,
    )


def ended(lease: Lease, state: ContentState, reason: str | None) -> tuple[RowChange, dict[FileKind, FileState]]:
    """The end of a transcript. Files that have been decided already keep their own state."""
    content = lease.known.files[FileKind.TRANSCRIPT]
    files = {}
    if content is None or not content.is_end:
        files[FileKind.TRANSCRIPT] = FileState(state, reason)
    if lease.known.files[FileKind.PROVIDER_DATA] is None:
        files[FileKind.PROVIDER_DATA] = FileState(state, reason)
    return RowChange(Step.LEAVE), files
