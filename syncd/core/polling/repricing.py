"""The threshold of a workspace: computed from what the queue has planned, so that the polls just fit into the budget.

Theory of operation: a row is due when its poll index reaches the threshold, and the threshold is the one at
which the polls just fit into the budget (in the theory the price of a call: the Lagrange multiplier of the budget in
Whittle's relaxation). Three steps every REPRICE_S seconds:

1. Demand: the polls a second that the queue has planned, as they would be at a threshold of 1 s.
2. Root law: the expected lag after a poll grows with the square of the gap, so gaps grow with the root of the
   threshold; the threshold at which the polls just fit is the square of demand over budget.
3. Gain: a slow correction for where the root law does not hold (gaps at their limits). Polls that come late raise
   it, calls that are left over lower it.

While never shown rows wait, the backlog of claim_order.py, polls are planned into what it leaves them. The gain then
stays as it is: the backlog takes whatever they leave over, so that calls are never idle, and would drive the gain up
and them out.

Where the threshold has fallen far, rows planned with the old one are brought forward by the same root law.

Sources: Whittle (1988), "Restless bandits: activity allocation in a changing world", for a price per action; the
root law is that of Barlow, Hunter and Proschan (1963) for optimum checking times at a small hazard. Control by
feedback alone was tried first: it took minutes to answer a burst, and overshot (docs/adr/0011).
Numbers: judgements, for the reasons beside them, unless a benchmark is named.
syncd/db/polling/thresholds.py computes demand and brings rows forward in SQL; property tests compare both.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.core.polling.claim_order import BACKLOG_TURN
from syncd.core.polling.poll_index import SHORTEST_GAP_S
from syncd.core.rate_limit.budget import Budget

FIRST_THRESHOLD_S = 0.1
"""Before anything was computed. A judgement: keen, and replaced by the first repricing, seconds later."""
LEAST_THRESHOLD_S = 0.0005
"""However few rows there are: with less, one row alone would be polled twice a second for hours."""
MOST_THRESHOLD_S = 1800.0
"""Half of LONGEST_GAP_S: beyond, gaps are at their longest whatever the threshold."""
REGULAR_SHARE = 0.9
"""Of the budget that repeated polls are planned into. A judgement: a tenth is enough for absent and new rows."""
BESIDE_BACKLOG = 1.0 - 1.0 / BACKLOG_TURN
"""Of the budget, what a backlog leaves for all others."""
REPRICE_S = 1.0
"""How often the threshold is computed anew, by one of all processes, for a sum over the queue. With 2.0 the worst lag
in W2-fifth of bench/polling is four times as long."""
EARLY_S = 0.1
"""So much too early it is computed all the same: a process's triggers come some milliseconds early or late."""
BRING_FORWARD_RATIO = 2.0
"""A row planned with a threshold this many times higher is brought forward: its gap is 1.4 times too long by then."""
MOST_BROUGHT_FORWARD = 1_000
"""Rows in one statement, some milliseconds; the others follow at the next repricing."""
SHORTEST_COUNTED_GAP_S = 0.1
"""Shorter gaps count as this long in the demand and in lateness, so that none divides by zero."""
GAIN_DOUBLES_S = 10.0
"""The gain doubles, or halves, in this time at most: ten repricings, so that each sees what the last ones did."""
LEAST_GAIN, MOST_GAIN = 1e-4, 4.0
"""Limits of the gain; the lower one lets a nearly idle workspace reach LEAST_THRESHOLD_S."""
LATE_SHARE = 0.25
"""Polls later than their gap by this share say that the budget does not suffice. A judgement: half of the time
between two claims (0.25 s) at the shortest gap."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of one workspace, seconds of lag, as it was last computed."""

    threshold_s: float = FIRST_THRESHOLD_S
    gain: float = 1.0
    repriced_at: datetime | None = None

    def elapsed_s(self, now: datetime) -> float:
        """Seconds since it was computed; REPRICE_S where it never was."""
        return REPRICE_S if self.repriced_at is None else (now - self.repriced_at).total_seconds()

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was just computed. Not where it was computed in the future, before a clock was set back."""
        return 0 <= self.elapsed_s(now) < REPRICE_S - EARLY_S


def repriced(
    before: Threshold,
    demand: float,
    rate: float,
    lateness: Sequence[float],
    now: datetime,
    *,
    is_idle: bool,
    has_backlog: bool,
) -> Threshold:
    """The threshold at `now`.

    `demand` as below; `rate`: calls a second the budget pays for; `lateness`: the shares of their gaps by which
    polls came late since the last time; `is_idle`: calls were left over; `has_backlog`: rows that Recall has never
    shown have been due for longer than FRESH_S.
    """
    if has_backlog:
        return Threshold(threshold_for(demand, BESIDE_BACKLOG * rate, before.gain), before.gain, now)
    late = sum(lateness) / len(lateness) if lateness else None
    gain = adjusted_gain(before.gain, before.elapsed_s(now), late, is_idle=is_idle)
    return Threshold(threshold_for(demand, rate, gain), gain, now)


def demand_of(planned: Iterable[tuple[float, float]]) -> float:
    """Polls a second, were the threshold 1 s, of rows planned with these gaps and thresholds, both in seconds."""
    return sum(math.sqrt(threshold_s) / max(SHORTEST_COUNTED_GAP_S, gap_s) for gap_s, threshold_s in planned)


def threshold_for(demand: float, rate: float, gain: float) -> float:
    """The threshold, seconds, at which polls fit into the budget: the root law."""
    return min(MOST_THRESHOLD_S, max(LEAST_THRESHOLD_S, gain * (demand / (REGULAR_SHARE * rate)) ** 2))


def adjusted_gain(gain: float, elapsed_s: float, lateness: float | None, *, is_idle: bool) -> float:
    """The gain after `elapsed_s` in which polls were late by this share of their gaps, or calls were left over."""
    step = min(1.0, max(0.0, elapsed_s) / GAIN_DOUBLES_S)
    if lateness is not None and lateness > LATE_SHARE:
        return min(MOST_GAIN, gain * (1.0 + step))
    return max(LEAST_GAIN, gain / (1.0 + step)) if is_idle else gain


def is_budget_idle(budget: Budget, occupied: int, now: datetime) -> bool:
    """Whether calls are left over: the bucket is full, and the window is open. `occupied` calls are in the window."""
    return budget.filled(now) >= budget.burst and budget.available(now, occupied) > 0


def lateness_of(seen_s: float | None, due_s: float, now_s: float) -> float | None:
    """By which share of its gap a poll comes late at `now_s`; None for a first poll, and for one before it is due."""
    if seen_s is None or now_s < due_s:
        return None
    return (now_s - due_s) / max(due_s - seen_s, SHORTEST_COUNTED_GAP_S)


def earlier_gap(gap_s: float, planned_threshold_s: float, threshold_s: float) -> float | None:
    """The gap, seconds, of a row planned with a much higher threshold than that of now; None: it stays."""
    if planned_threshold_s <= BRING_FORWARD_RATIO * threshold_s:
        return None
    return max(SHORTEST_GAP_S, gap_s * math.sqrt(threshold_s) / math.sqrt(planned_threshold_s))
