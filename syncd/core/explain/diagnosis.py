"""Where one transcript stands, what is expected of it, and what stands in ahead of it: plain values, no words.

syncd/db/explanation.py gathers them, syncd/core/explanation.py puts them into words.
"""

import math
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Record:
    """What the analyst sees of it: its row in recall.transcripts, and what its state budget."""

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
    """When the newest of its files was put on the shelf."""
    loaded_at: datetime | None = None
    utterance_count: int | None = None
    word_count: int | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """Its row in the queue."""

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
    """The price of a look that due_at was computed with; None: it has nothing to do with one."""
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

    def is_held(self, now: datetime) -> bool:
        """Whether a process works on it."""
        return self.lease_until is not None and now < self.lease_until


class Rule(StrEnum):
    """What decided how long to wait for the next look."""

    PRICE = "price"
    """From then on a look is worth its price."""
    SHORTEST = "shortest"
    """A look was worth its price at once; the shortest gap."""
    LONGEST = "longest"
    """A look would not be worth its price for long; the longest gap."""
    DEADLINE = "deadline"
    """Likewise, but Recall will delete it; a share of the time until then."""
    UNKNOWN_STATUS = "unknown_status"
    """Recall gave a status that nobody knows."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What its curve says, and how its next look follows from that. Ages are seconds since its creation."""

    finished: float
    """Finishes of its class that the curve was learned from; older ones count less."""
    age_s: float
    looked_age_s: float
    """When Recall last showed it, unfinished."""
    seen_age_s: float
    """Likewise, or when a page of finished ones last did not show it."""
    chance: float
    """That it has finished since, 0..1."""
    expected_lag_s: float
    """The lag that it has probably gathered."""
    median_s: float | None
    """The age by which half of those have finished that were unfinished when this one was; None: never."""
    p90_s: float | None
    price_s: float
    """What a look must be worth now."""
    wait_s: float | None
    """From the last look to the one that is planned; None: the plan does not come from the curve."""
    worth_s: float | None
    """The same as it would be with the curve as it is now, and the price of then."""
    left_s: float
    """From the last look until Recall deletes it, as far as is known."""
    rule: Rule | None
    """What decided the wait; None where `wait_s` is."""


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What can be paid for on one route."""

    limit: int
    assumed_limit: int
    available: int
    reserve: int
    """Calls that regular looks leave over."""
    rate: float
    """Calls a second."""
    occupied: int
    paused_until: datetime | None = None
    """None: there is no pause now."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What stands in ahead of it."""

    is_served: bool
    """Whether a daemon has ever served the workspace."""
    repriced_at: datetime | None
    """When a daemon last computed the price of a look."""
    breaker: CircuitBreaker
    retrieve: BudgetView | None
    """None: no call was ever paid for."""
    list: BudgetView | None
    absent_count: int = 0
    """Rows that are asked about before it because they left a page."""
    ahead_count: int = 0
    """Rows of its own line that come before it."""
    other_count: int = 0
    """Due rows of the other line, which takes turns with its own."""
    list_turns: int = 0
    """Pages that were asked for."""
    list_paused_until: datetime | None = None
    """None: it does not rest now."""
    list_pause_reason: str | None = None
    list_held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Everything there is to say about one transcript."""

    transcript_id: UUID
    asked_at: datetime
    record: Record | None = None
    """None: it is not tracked."""
    queue_row: QueueRow | None = None
    """None: it is not tracked, or has ended."""
    forecast: Forecast | None = None
    """None: Recall has not shown it unfinished, or has finished it."""
    ahead: Ahead | None = None
    """None: it has no queue_row."""


def budget_view(budget: Budget, occupied: int, now: datetime) -> BudgetView:
    """What a budget can pay for."""
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


def stratum_of_row(queue_row: QueueRow) -> Stratum:
    """Which transcripts it is expected to take alike with."""
    return Stratum(queue_row.provider, queue_row.recording_length)


def forecast(
    queue_row: QueueRow, record: Record, curve: SurvivalCurve, finished: float, price_s: float, now: datetime
) -> Forecast | None:
    """What the curve of its class says; None for one that Recall has not shown unfinished."""
    if queue_row.stage != Stage.POLL or queue_row.last_seen_at is None:
        return None
    created_at = queue_row.created_at or queue_row.tracked_at

    def age(moment: datetime) -> float:
        return max(0.0, (moment - created_at).total_seconds())

    seen_s, age_s = (
        age(max(queue_row.last_seen_at, queue_row.absent_from_done_at or queue_row.last_seen_at)),
        age(now),
    )
    left_s = until_deleted(record.expires_at, created_at, queue_row.last_seen_at)
    outlook = curve.outlook(seen_s, age_s)
    wait_s, worth_s, rule = _planned(queue_row, curve, age(queue_row.last_seen_at), left_s, record.status)
    return Forecast(
        finished=finished,
        age_s=age_s,
        looked_age_s=age(queue_row.last_seen_at),
        seen_age_s=seen_s,
        chance=outlook.chance,
        expected_lag_s=outlook.expected_lag_s,
        median_s=_finite(curve.quantile(0.5, seen_s)),
        p90_s=_finite(curve.quantile(0.9, seen_s)),
        price_s=price_s,
        wait_s=wait_s,
        worth_s=worth_s,
        left_s=left_s,
        rule=rule,
    )


def _planned(
    queue_row: QueueRow, curve: SurvivalCurve, looked_s: float, left_s: float, status: str | None
) -> tuple[float | None, float | None, Rule | None]:
    """How long the last look said to wait, how long it would say now, and why."""
    if queue_row.last_seen_at is None or queue_row.last_error is not None:
        return None, None, None
    wait_s = (queue_row.due_at - queue_row.last_seen_at).total_seconds()
    if status != PROCESSING:
        return wait_s, None, Rule.UNKNOWN_STATUS
    if queue_row.threshold_s is None:
        return None, None, None
    longest_s = poll_index.longest_gap(left_s)
    worth_s = curve.age_at_threshold(looked_s, queue_row.threshold_s, looked_s + longest_s) - looked_s
    return wait_s, worth_s, _rule(worth_s, longest_s)


def _rule(worth_s: float, longest_s: float) -> Rule:
    if worth_s >= longest_s * _NEARLY:
        return Rule.DEADLINE if longest_s < poll_index.LONGEST_GAP_S else Rule.LONGEST
    return Rule.SHORTEST if worth_s <= poll_index.SHORTEST_GAP_S else Rule.PRICE


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
