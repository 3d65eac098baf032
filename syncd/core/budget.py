"""The budget of one workspace on one route: a token bucket that cannot break the limit.

A bucket that holds `burst` tokens and gains `rate` a second admits at most `burst + rate * T` calls in any T
seconds. Between paying for a call and its arrival at Recall lie up to SPREAD_S seconds, so calls paid for within
60 + SPREAD_S seconds may arrive within one minute. The bucket is therefore sized by

    burst + rate * (60 + SPREAD_S) <= limit

which holds for sliding and for fixed windows, and for any number of processes, because they share the row.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW_S = 60.0
SPREAD_S = 3.0
"""How far apart payment and arrival may lie, seconds."""
BURST_SHARE = 30
"""One part in this many of the limit may be spent at once: 10 of 300."""

RETRY_FLOOR_S = 1.0
RETRY_CEILING_S = 900.0
RETRY_DEFAULT_S = 15.0
"""The first pause after a 429 that does not say how long; it doubles with every further one."""
QUIET_S = 300.0
"""After this long without a pause or a 429 the next one counts as the first again."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens as of `refreshed_at` (the database's clock)."""

    limit: int
    """Calls a minute the route allows; at least 2."""
    tokens: float
    refreshed_at: datetime
    paused_until: datetime | None = None
    throttled_at: datetime | None = None
    throttled_count: int = 0
    """429s in a row."""

    @property
    def burst(self) -> float:
        """The most tokens the bucket holds."""
        return max(1.0, self.limit / BURST_SHARE)

    @property
    def rate(self) -> float:
        """Tokens gained a second."""
        return (self.limit - self.burst) / (WINDOW_S + SPREAD_S)

    def filled(self, now: datetime) -> float:
        """Tokens at `now`. A clock that stepped backwards gains nothing."""
        elapsed_s = max(0.0, (now - self.refreshed_at).total_seconds())
        return min(self.burst, self.tokens + self.rate * elapsed_s)

    def available(self, now: datetime) -> int:
        """Calls that may be paid for at `now`."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        return max(0, int(self.filled(now) + 1e-9))

    def spent(self, calls: int, now: datetime) -> "Budget":
        """The budget after paying for `calls`."""
        return replace(self, tokens=self.filled(now) - calls, refreshed_at=now)

    def throttled(self, now: datetime, retry_after_s: float | None) -> "Budget":
        """The budget after a 429: empty, and paused for as long as the server said, within reason."""
        count = self._count_with_one_more(now)
        wanted = RETRY_DEFAULT_S * 2.0 ** min(count - 1, 10) if retry_after_s is None else retry_after_s
        until = now + timedelta(seconds=min(max(wanted, RETRY_FLOOR_S), RETRY_CEILING_S))
        return replace(
            self,
            tokens=0.0,
            refreshed_at=now,
            paused_until=max(until, self.paused_until or until),
            throttled_at=now,
            throttled_count=count,
        )

    def _count_with_one_more(self, now: datetime) -> int:
        """429s in a row. Those that come in during a pause answer calls made before it, and are one with its own."""
        if self.throttled_at is None:
            return 1
        calm_since = max(self.throttled_at, self.paused_until or self.throttled_at)
        if now < calm_since:
            return max(1, self.throttled_count)
        return 1 if (now - calm_since).total_seconds() > QUIET_S else self.throttled_count + 1
