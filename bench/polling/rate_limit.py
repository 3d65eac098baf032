"""A budget on simulated time, with its log of calls. In production both are rows of Postgres."""

import math
from collections import deque
from dataclasses import replace

from bench.defaults import default_of
from bench.polling.clock import moment
from syncd.core.rate_limit.budget import WINDOW_S, Budget

ROUND_TRIP_S = 0.2
"""From a call to its answer, which shows the state in the middle of it."""
RETRIEVE_LIMIT = int(default_of("retrieve_limit"))
LIST_LIMIT = int(default_of("list_limit"))
"""Calls a minute, of one workspace."""


class RateLimiter:
    """What may be called on one route of one workspace."""

    def __init__(self, limit: int, now_s: float) -> None:
        empty = Budget(limit, 0.0, moment(now_s))
        self.budget = replace(empty, tokens=empty.burst)
        self.call_count = 0
        self._over: deque[float] = deque()

    def occupied(self, now_s: float) -> int:
        """Calls that may still be in Recall's minute."""
        while self._over and self._over[0] <= now_s - WINDOW_S:
            self._over.popleft()
        return len(self._over)

    def available(self, now_s: float) -> int:
        """Calls that may be made now."""
        return self.budget.available(moment(now_s), self.occupied(now_s))

    def pay(self, now_s: float, calls: int) -> None:
        """Pay for calls, and enter them in the log."""
        self.budget = self.budget.spent(calls, moment(now_s))
        self.call_count += calls
        self._over.extend([now_s + ROUND_TRIP_S] * calls)


def most_calls(limit: int, seconds: float) -> float:
    """The most calls that can be paid for in a time: what the log lets through, and what the bucket gains."""
    budget = RateLimiter(limit, 0.0).budget
    windows = math.ceil(seconds / (WINDOW_S + ROUND_TRIP_S) - 1e-9)
    return min(float(limit * windows), budget.burst + budget.rate * seconds)
