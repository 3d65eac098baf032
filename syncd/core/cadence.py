"""When to look at an unfinished transcript again.

Waiting times here are heavy-tailed: the longer one has waited already, the longer the rest is likely to take. So
the gap between two looks grows in proportion to the age. The budget decides how many looks there are in all; the
queue serves the row that has been due the longest.
"""

from syncd.core.provider import is_live

ASYNC_SHARE = 0.10
ASYNC_FLOOR_S = 1.0
ASYNC_CEILING_S = 600.0
LIVE_SHARE = 0.05
LIVE_FLOOR_S = 2.0
LIVE_CEILING_S = 300.0
JITTER = 0.1
"""Gaps are spread by this share to either side, so that rows tracked together do not stay together."""

RETRY_FLOOR_S = 1.0
RETRY_CEILING_S = 600.0


def until_next_look(age_s: float, provider: str | None, jitter: float) -> float:
    """Seconds until the next look at a transcript that has been unfinished for `age_s`; jitter in 0..1."""
    if is_live(provider):
        gap = min(max(LIVE_SHARE * age_s, LIVE_FLOOR_S), LIVE_CEILING_S)
    else:
        gap = min(max(ASYNC_SHARE * age_s, ASYNC_FLOOR_S), ASYNC_CEILING_S)
    return spread(gap, jitter)


def until_next_try(attempts: int, jitter: float, ceiling_s: float = RETRY_CEILING_S) -> float:
    """Seconds until the next try after `attempts` failures in a row (1, 2, 3...); jitter in 0..1."""
    return spread(min(RETRY_FLOOR_S * 2.0 ** min(max(attempts - 1, 0), 30), ceiling_s), jitter)


def spread(gap_s: float, jitter: float) -> float:
    """The gap, moved by up to JITTER of itself to either side."""
    return gap_s * (1.0 - JITTER + 2.0 * JITTER * jitter)
