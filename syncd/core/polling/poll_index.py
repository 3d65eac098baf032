"""When to look again: as soon as a look is worth its price, as late as its transcript may wait at most.

The price of a look is one number for each workspace, its patience, in seconds of lag. It is steered so that the looks
that are worth it just fit into the budget: few transcripts, little patience, and each is looked at keenly; a flood,
much patience, and the looks go where the most lag has gathered.
"""

from dataclasses import dataclass

from syncd.core.polling.strata import Stratum, SurvivalCurves
from syncd.core.polling.survival import SurvivalCurve

SHORTEST_GAP_S = 0.5
LONGEST_GAP_S = 3600.0
"""Nobody waits for longer between two looks, however little is expected of them."""
DEADLINE_SHARE = 0.1
"""Nobody waits for longer than this share of the time until Recall deletes it,"""
DEADLINE_GAP_S = 30.0
"""or than this, where that is longer."""
JITTER = 0.1
"""Gaps are spread by this share to either side, so that rows tracked together do not stay together."""

FIRST_THRESHOLD_S = 0.1
LEAST_THRESHOLD_S = 0.0005
"""However few there are: nobody looks twice a second for hours."""
MOST_THRESHOLD_S = 1800.0
REGULAR_SHARE = 0.9
"""Of the budget that looks again are planned into; the rest is for those seen to have left, and for new ones."""
REPRICE_S = 2.0
"""How often the patience is computed anew."""
HURRY = 2.0
"""A row put off when the patience was this many times higher is brought forward."""
GAIN_DOUBLES_S = 10.0
"""The correction doubles, or halves, in this time at most."""
LEAST_GAIN, MOST_GAIN = 1e-4, 4.0
LATE_SHARE = 0.25
"""Looks that come later than their gap by this share say that the budget does not suffice."""

RETRY_FLOOR_S = 1.0
RETRY_CEILING_S = 600.0


@dataclass(frozen=True, slots=True)
class Policy:
    """How often one workspace looks, as things stand."""

    curves: SurvivalCurves
    threshold_s: float = FIRST_THRESHOLD_S

    def next_poll(self, stratum: Stratum, age_s: float, left_s: float, jitter: float) -> float:
        """Seconds until the next look at one of this class; see the function of this name."""
        return next_poll(self.curves.of(stratum), age_s, self.threshold_s, left_s, jitter)


def next_poll(curve: SurvivalCurve, age_s: float, threshold_s: float, left_s: float, jitter: float) -> float:
    """Seconds until the next look at a transcript that is unfinished at `age_s`; jitter in 0..1.

    `left_s` are the seconds until Recall deletes it; where they are over and it still is there, nobody knows when.
    """
    longest_s = longest_gap(left_s)
    worth_s = curve.age_at_threshold(age_s, threshold_s, age_s + longest_s) - age_s
    return min(spread(max(worth_s, SHORTEST_GAP_S), jitter), longest_s)


def longest_gap(left_s: float) -> float:
    """The most seconds between two looks at a transcript that Recall deletes in `left_s`."""
    return min(LONGEST_GAP_S, max(DEADLINE_GAP_S, DEADLINE_SHARE * left_s)) if left_s > 0 else LONGEST_GAP_S


def threshold_for(demand: float, rate: float, gain: float) -> float:
    """The patience at which looks fit into the budget.

    `demand` is how many looks a second there would be at a patience of 1 s, `rate` how many can be paid for. Gaps
    grow with the root of the patience.
    """
    return min(MOST_THRESHOLD_S, max(LEAST_THRESHOLD_S, gain * (demand / (REGULAR_SHARE * rate)) ** 2))


def adjusted_gain(gain: float, elapsed_s: float, lateness: float | None, *, is_idle: bool) -> float:
    """The correction after `elapsed_s` in which looks were late by this share of their gaps, or calls were left."""
    step = min(1.0, max(0.0, elapsed_s) / GAIN_DOUBLES_S)
    if lateness is not None and lateness > LATE_SHARE:
        return min(MOST_GAIN, gain * (1.0 + step))
    return max(LEAST_GAIN, gain / (1.0 + step)) if is_idle else gain


def until_next_try(attempts: int, jitter: float, ceiling_s: float = RETRY_CEILING_S) -> float:
    """Seconds until the next try after `attempts` failures in a row (1, 2, 3...); jitter in 0..1."""
    return spread(min(RETRY_FLOOR_S * 2.0 ** min(max(attempts - 1, 0), 30), ceiling_s), jitter)


def spread(gap_s: float, jitter: float) -> float:
    """The gap, moved by up to JITTER of itself to either side."""
    return gap_s * (1.0 - JITTER + 2.0 * JITTER * jitter)
