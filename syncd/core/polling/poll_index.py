"""When to poll again: as soon as the poll index reaches the threshold, as late as the longest gap.

Theory of operation: with S the share of its stratum that still waits at an age, M its integral, and a poll at age
a0 that showed the transcript unfinished, the index of a poll at age a is

    (M(a) - M(a0)) / S(a) - (a - a0)

in seconds of lag. It is 0 after each poll and never falls before the next. The age at which it reaches the
threshold has a closed form bin by bin (survival.py); it is computed at each poll and stored as `due_at`, so that
every process claims by an index scan. Nobody is forgotten, for no gap is longer than LONGEST_GAP_S, and gaps shrink
as the time comes at which Recall deletes the transcript.

Sources: checking at times that balance the cost of a check against the expected lag is Barlow, Hunter and Proschan
(1963), "Optimum checking procedures", J. SIAM 11(4): the exact ancestor of this index. Under a budget shared by
many rows it is the index of Whittle (1988), exactly so for a constant hazard; for others it is a good rule, not the
optimum.
What list pages add to it has its source in list_window.py.
Numbers: judgements, for the reasons beside them.
"""

from syncd.core.polling.survival import SurvivalCurve

SHORTEST_GAP_S = 0.5
"""A judgement: about a round trip and the gap between claims (0.2 s and 0.25 s), below which due times say little."""
LONGEST_GAP_S = 3600.0
"""However little is expected. An hour costs 168 calls of a week, and bounds the lag of the most unlikely finish."""
DEADLINE_SHARE = 0.1
"""No gap is longer than this share of the time until Recall deletes the transcript, so that ten polls remain,"""
DEADLINE_GAP_S = 30.0
"""or than this, where that is longer: time for a download and its retries."""
JITTER = 0.1
"""Gaps are spread by this share to either side, so that rows tracked together do not stay together. A judgement."""
MIDDLE = 0.5
"""The jitter that moves a gap to neither side."""

FIRST_RETRY_GAP_S = 1.0
LONGEST_RETRY_GAP_S = 600.0
"""Retries of one row or route: from about the time a restart takes, doubled up to ten minutes."""


def next_poll(curve: SurvivalCurve, age_s: float, threshold_s: float, left_s: float, jitter: float) -> float:
    """Seconds until the next poll of a transcript that is unfinished at `age_s`; jitter in 0..1.

    `left_s` are the seconds until Recall deletes it; where they are over and it still is there, nobody knows when.
    """
    longest_s = longest_gap(left_s)
    gap_s = curve.age_at_threshold(age_s, threshold_s, age_s + longest_s) - age_s
    return min(spread(max(gap_s, SHORTEST_GAP_S), jitter), longest_s)


def longest_gap(left_s: float) -> float:
    """The most seconds between two polls of a transcript that Recall deletes in `left_s`."""
    return min(LONGEST_GAP_S, max(DEADLINE_GAP_S, DEADLINE_SHARE * left_s)) if left_s > 0 else LONGEST_GAP_S


def until_next_try(attempts: int, jitter: float, ceiling_s: float = LONGEST_RETRY_GAP_S) -> float:
    """Seconds until the next try after `attempts` failures in a row (1, 2, 3...); jitter in 0..1."""
    return spread(min(FIRST_RETRY_GAP_S * 2.0 ** min(max(attempts - 1, 0), 30), ceiling_s), jitter)


def spread(gap_s: float, jitter: float) -> float:
    """The gap, moved by up to JITTER of itself to either side."""
    return gap_s * (1.0 - JITTER + 2.0 * JITTER * jitter)
