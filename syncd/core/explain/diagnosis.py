"""Where one transcript stands, what is expected of it, and what is ahead of it in the queue: values, no words.

syncd/db/reports/diagnosis.py reads them, sentences.py puts them into words, and `syncd explain --json` prints them.
A name that ends in `_s` is in seconds; an age counts from the creation of the transcript.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from syncd.core.polling import poll_index
from syncd.core.polling.strata import Stratum
from syncd.core.polling.survival import SurvivalCurve
from syncd.core.queue.decide import until_deleted
from syncd.core.rate_limit.budget import Budget
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import PROCESSING, Stage

_NEARLY = 1.0 - 1e-9
"""The share of the longest gap from which on a gap counts as the longest; it hides errors of rounding."""


@dataclass(frozen=True, slots=True)
class Record:
    """Its row in recall.transcripts, and what recall.payload_states says about its state. Times are aware."""

    workspace: str
    first_seen_at: datetime
    payload_state: str
    meaning: str
    is_worth_another_try: bool
    payload_reason: str | None = None
    provider_data_state: str | None = None
    provider_data_reason: str | None = None
    status: str | None = None
    sub_code: str | None = None
    status_updated_at: datetime | None = None
    provider: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    observed_at: datetime | None = None
    downloaded_at: datetime | None = None
    """When the newest of its stored files was downloaded."""
    loaded_at: datetime | None = None
    utterance_count: int | None = None
    word_count: int | None = None


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """Its row in syncd.queue; a field is called like its column. Times are aware."""

    stage: Stage
    due_at: datetime
    tracked_at: datetime
    pending_until: datetime
    is_observed: bool = False
    last_seen_at: datetime | None = None
    created_at: datetime | None = None
    provider: str | None = None
    recording_length: str | None = None
    threshold_s: float | None = None
    """The threshold that due_at was computed with, a poll index in seconds; None: it was computed without one."""
    absent_from_done_at: datetime | None = None
    absent_at: datetime | None = None
    lease_holder: str | None = None
    lease_until: datetime | None = None
    expired_lease_count: int = 0
    attempts: int = 0
    not_found_count: int = 0
    forbidden_count: int = 0
    last_error: str | None = None
    last_error_at: datetime | None = None

    def is_claimed(self, now: datetime) -> bool:
        """Whether a process holds a lease on it at `now`."""
        return self.lease_until is not None and now < self.lease_until


class Rule(StrEnum):
    """What decided the gap between the last poll and the next one; see core/polling/poll_index.py."""

    THRESHOLD = "threshold"
    """The time after which the poll index reaches the threshold."""
    SHORTEST_GAP = "shortest_gap"
    """The threshold is reached sooner than the shortest gap allows."""
    LONGEST_GAP = "longest_gap"
    """The threshold is not reached within the longest gap."""
    DELETION = "deletion"
    """Nor is it within a share of the time until Recall deletes the transcript."""
    UNKNOWN_STATUS = "unknown_status"
    """Recall answered with a status that syncd does not know."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What its survival curve says, and how its next poll follows from that."""

    finished_count: float
    """Finished transcripts of its stratum that the curve rests on; older ones count less."""
    age_s: float
    last_seen_age_s: float
    """The age at which Recall last answered that it is unfinished."""
    unfinished_age_s: float
    """The same, or the later age at which it was missing from a page of finished transcripts."""
    finished_probability: float
    """That it has finished since, 0..1."""
    expected_lag_s: float
    """How long it has been finished unnoticed, weighted with that probability."""
    median_age_s: float | None
    """The age by which half of those have finished that were unfinished at `unfinished_age_s`; None: never."""
    p90_age_s: float | None
    threshold_s: float
    """The poll index from which on a poll is worth its call, as it is now."""
    planned_gap_s: float | None
    """From the last poll to the planned one; None: the plan does not come from the curve."""
    threshold_gap_s: float | None
    """The gap by the curve of now and the threshold of then, before any bound; None where no threshold was used."""
    until_deleted_s: float
    """From the last poll until Recall deletes it, as far as is known; below 0 where that should have happened."""
    rule: Rule | None
    """What decided the gap; None where `planned_gap_s` is None."""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What the budget of one route can pay for."""

    limit: int
    """Calls a minute."""
    assumed_limit: int
    """Calls a minute, lower than `limit` after repeated 429s."""
    available: int
    """Calls that can be paid for now, the reserve included."""
    reserve: int
    """Calls of the available ones that regular polls leave over."""
    rate: float
    """Calls a second."""
    occupied: int
    """Calls of the last minute in the call log."""
    paused_until: datetime | None = None
    """None: it is not paused now."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What has to happen before its next call: a daemon, a closed circuit breaker, a budget, others in the queue."""

    live_daemon_count: int
    """Daemons of its workspace that are alive."""
    daemon_seen_at: datetime | None
    """When the last one was; None: none was ever seen."""
    breaker: CircuitBreaker
    """Of the Recall API."""
    retrieve: BudgetView | None
    """None: no call of the route was ever paid for."""
    list: BudgetView | None
    store: CircuitBreaker = field(default_factory=CircuitBreaker)
    """Of the file store."""
    absent_count: int = 0
    """Transcripts that are polled before it because they are missing from a page."""
    same_kind_count: int = 0
    """Transcripts before it among those of its own kind: seen at Recall before, or not yet."""
    other_kind_count: int = 0
    """Due transcripts of the other kind; the two kinds are claimed in alternation."""
    list_page_count: int = 0
    """List pages that were asked for so far."""
    list_paused_until: datetime | None = None
    """None: it is not paused now."""
    list_pause_reason: str | None = None
    list_lease_until: datetime | None = None
    """Until when a process holds the list of its workspace."""
    is_daemon_connected: bool = False
    """Whether one that does not count as alive still has its connection to the database."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything that is known about one transcript."""

    transcript_id: UUID
    asked_at: datetime
    record: Record | None = None
    """None: it is not tracked."""
    queue_entry: QueueEntry | None = None
    """None: it is not tracked, or has ended."""
    forecast: Forecast | None = None
    """None: Recall has not answered yet, or it is finished at Recall."""
    ahead: Ahead | None = None
    """None: it has no queue entry."""
    erased_at: datetime | None = None
    """When it was erased here; None: it was not."""


def budget_view(budget: Budget, occupied: int, now: datetime) -> BudgetView:
    """What a budget can pay for at `now`, while the call log holds `occupied` calls."""
    is_paused = budget.paused_until is not None and now < budget.paused_until
    return BudgetView(
        limit=budget.limit,
        assumed_limit=int(budget.assumed_limit(now) + 1e-9),
        available=budget.available(now, occupied),
        reserve=budget.reserve,
        rate=budget.rate,
        occupied=occupied,
        paused_until=budget.paused_until if is_paused else None,
    )


def stratum_of_entry(entry: QueueEntry) -> Stratum:
    """The transcripts that share its survival curve."""
    return Stratum(entry.provider, entry.recording_length)


def forecast(
    entry: QueueEntry,
    record: Record,
    curve: SurvivalCurve,
    finished_count: float,
    threshold_s: float,
    now: datetime,
) -> Forecast | None:
    """What the curve of its stratum says; None unless Recall has answered that it is unfinished."""
    last_seen_at = entry.last_seen_at
    if entry.stage != Stage.POLL or last_seen_at is None:
        return None
    created_at = entry.created_at or entry.tracked_at

    def age(at: datetime) -> float:
        return max(0.0, (at - created_at).total_seconds())

    age_s, last_seen_age_s = age(now), age(last_seen_at)
    unfinished_age_s = age(max(last_seen_at, entry.absent_from_done_at or last_seen_at))
    until_deleted_s = until_deleted(record.expires_at, created_at, last_seen_at)
    outlook = curve.outlook(unfinished_age_s, age_s)
    planned_gap_s, threshold_gap_s, rule = _plan(entry, curve, last_seen_age_s, until_deleted_s, record.status)
    return Forecast(
        finished_count=finished_count,
        age_s=age_s,
        last_seen_age_s=last_seen_age_s,
        unfinished_age_s=unfinished_age_s,
        finished_probability=outlook.chance,
        expected_lag_s=outlook.expected_lag_s,
        median_age_s=_finite(curve.quantile(0.5, unfinished_age_s)),
        p90_age_s=_finite(curve.quantile(0.9, unfinished_age_s)),
        threshold_s=threshold_s,
        planned_gap_s=planned_gap_s,
        threshold_gap_s=threshold_gap_s,
        until_deleted_s=until_deleted_s,
        rule=rule,
    )


def _plan(
    entry: QueueEntry, curve: SurvivalCurve, last_seen_age_s: float, until_deleted_s: float, status: str | None
) -> tuple[float | None, float | None, Rule | None]:
    """The planned gap, the one at which the threshold is reached by the curve of now, and the rule that decided."""
    if entry.last_seen_at is None or entry.last_error is not None:
        return None, None, None
    planned_gap_s = (entry.due_at - entry.last_seen_at).total_seconds()
    if status != PROCESSING:
        return planned_gap_s, None, Rule.UNKNOWN_STATUS
    if entry.threshold_s is None:
        return None, None, None
    longest_s = poll_index.longest_gap(until_deleted_s)
    reached_age_s = curve.age_at_threshold(last_seen_age_s, entry.threshold_s, last_seen_age_s + longest_s)
    threshold_gap_s = reached_age_s - last_seen_age_s
    return planned_gap_s, threshold_gap_s, _rule(threshold_gap_s, longest_s)


def _rule(threshold_gap_s: float, longest_s: float) -> Rule:
    if threshold_gap_s >= longest_s * _NEARLY:
        return Rule.DELETION if longest_s < poll_index.LONGEST_GAP_S else Rule.LONGEST_GAP
    return Rule.SHORTEST_GAP if threshold_gap_s <= poll_index.SHORTEST_GAP_S else Rule.THRESHOLD


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
