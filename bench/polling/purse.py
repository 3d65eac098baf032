"""A budget on simulated time, with its ledger of calls. In production both are rows of Postgres."""

from collections import deque
from datetime import UTC, datetime, timedelta

from syncd.core.rate_limit.budget import WINDOW_S, Budget

ROUND_TRIP_S = 0.2
"""From a call to its answer; Recall looks in the middle of it."""
RETRIEVE_LIMIT, LIST_LIMIT = 300, 60
"""Calls a minute, of one workspace."""
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def moment(seconds: float) -> datetime:
    """Simulated seconds as a time."""
    return _EPOCH + timedelta(seconds=seconds)


class Purse:
    """What may be called on one route of one workspace."""

    def __init__(self, limit: float, now_s: float) -> None:
        whole = max(2, round(limit))
        self.budget = Budget(whole, max(1.0, whole / 30), moment(now_s))
        self.paid = 0
        self._over: deque[float] = deque()

    def available(self, now_s: float) -> int:
        while self._over and self._over[0] <= now_s - WINDOW_S:
            self._over.popleft()
        return self.budget.available(moment(now_s), len(self._over))

    def pay(self, now_s: float, calls: int) -> None:
        self.budget = self.budget.spent(calls, moment(now_s))
        self.paid += calls
        self._over.extend([now_s + ROUND_TRIP_S] * calls)
