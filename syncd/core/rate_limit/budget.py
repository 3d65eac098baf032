"""The budget of one workspace on one route. It cannot break the limit, however long calls take.

Two rules hold at once, for all processes together, because they share one row and one ledger:

* **The window.** A call is in the ledger from its payment until it is over (answered, or given up). It may have
  reached Recall at any moment between. So it occupies a place in the window until WINDOW_S after it was over, and
  at most `limit` calls may occupy places at once. Any two calls that are further apart in the ledger than that are
  further apart than a minute at Recall, too: no sliding and no fixed window ever holds more than the limit.
* **The pace.** A token bucket hands the places out evenly (`rate` a second, `burst` at once), so that a free window
  is not spent in one breath.

A 429 says that the server counts differently, or that somebody else spends from the same limit. Repeated ones lower
the limit that is assumed; quiet raises it again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WINDOW_S = 60.5
"""Recall's minute, and half a second for two clocks that do not run alike."""
MINUTE_S = 60.0
BURST_SHARE = 30
"""One part in this many of the limit may be spent at once: 10 of 300."""
RESERVE_SHARE = 0.3
"""Of what may be spent at once, kept back from regular looks: for verbs, and for transcripts seen to have left;"""
MOST_RESERVE = 3
"""no more than this, though."""
SEND_WITHIN_S = 2.0
"""A call that was paid for is sent within this time, or not at all."""

RETRY_FLOOR_S = 1.0
RETRY_CEILING_S = 900.0
RETRY_DEFAULT_S = 15.0
"""The first pause after a 429 that does not say how long; it doubles with every one that follows soon after it."""
SOON_S = 60.0
QUIET_S = 300.0
"""After this long without a pause or a 429 the next one counts as the first again."""

YIELD = 0.9
"""What a repeated 429 leaves of the calls that fitted into the last minute."""
LEAST_SHARE = 0.05
"""The assumed limit never falls below this share of the real one."""
RECOVERY_SHARE = 0.02
"""How much of the real limit comes back in a quiet minute."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens and the assumed limit as of `refreshed_at` (the database's clock)."""

    limit: int
    """Calls a minute the route allows; at least 2."""
    tokens: float
    refreshed_at: datetime
    paused_until: datetime | None = None
    throttled_at: datetime | None = None
    throttled_count: int = 0
    """429s in a row."""
    reduced_limit: float | None = None
    """What the limit was assumed to be after the last repeated 429; None: the whole of it."""

    @property
    def burst(self) -> float:
        """The most tokens the bucket holds."""
        return max(1.0, self.limit / BURST_SHARE)

    @property
    def reserve(self) -> int:
        """Calls that regular looks leave over."""
        return min(MOST_RESERVE, int(RESERVE_SHARE * self.burst))

    @property
    def rate(self) -> float:
        """Tokens gained a second."""
        return self.limit / MINUTE_S

    def filled(self, now: datetime) -> float:
        """Tokens at `now`. A clock that stepped backwards gains nothing."""
        elapsed_s = max(0.0, (now - self.refreshed_at).total_seconds())
        return min(self.burst, self.tokens + self.rate * elapsed_s)

    def assumed_limit(self, now: datetime) -> float:
        """Calls a minute that are assumed to be ours at `now`."""
        calm_since = self._calm_since()
        if self.reduced_limit is None or calm_since is None:
            return float(self.limit)
        minutes = max(0.0, (now - calm_since).total_seconds()) / MINUTE_S
        return min(float(self.limit), self.reduced_limit + RECOVERY_SHARE * self.limit * minutes)

    def available(self, now: datetime, occupied: int) -> int:
        """Calls that may be paid for at `now`, while `occupied` places of the window are taken."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        places = int(self.assumed_limit(now) + 1e-9) - occupied
        return max(0, min(places, int(self.filled(now) + 1e-9)))

    def rewound(self, now: datetime) -> "Budget":
        """The same budget on a clock that was stepped backwards; nothing lies further ahead than it may."""
        if now >= self.refreshed_at:
            return self
        ceiling = now + timedelta(seconds=RETRY_CEILING_S)
        return replace(
            self,
            refreshed_at=now,
            paused_until=min(self.paused_until, ceiling) if self.paused_until else None,
            throttled_at=min(self.throttled_at, now) if self.throttled_at else None,
        )

    def spent(self, calls: int, now: datetime) -> "Budget":
        """The budget after paying for `calls`."""
        return replace(self, tokens=self.filled(now) - calls, refreshed_at=now)

    def throttled(self, now: datetime, retry_after_s: float | None, occupied: int) -> "Budget":
        """The budget after a 429: empty, and paused for as long as the server said, within reason.

        A repeated one lowers the assumed limit below what fitted into the last minute (`occupied`).
        """
        count = self._count_with_one_more(now)
        doublings = min(count - 1, 10) if self._is_soon_after_a_pause(now) else 0
        wanted = RETRY_DEFAULT_S * 2.0**doublings if retry_after_s is None else retry_after_s
        until = now + timedelta(seconds=min(max(wanted, RETRY_FLOOR_S), RETRY_CEILING_S))
        is_repeated = count > max(1, self.throttled_count)
        fitted = max(LEAST_SHARE * self.limit, YIELD * min(self.assumed_limit(now), occupied))
        return replace(
            self,
            tokens=0.0,
            refreshed_at=now,
            paused_until=max(until, self.paused_until or until),
            throttled_at=now,
            throttled_count=count,
            reduced_limit=fitted if is_repeated else self._still_reduced(now),
        )

    def _still_reduced(self, now: datetime) -> float | None:
        assumed = self.assumed_limit(now)
        return None if assumed >= self.limit else assumed

    def _calm_since(self) -> datetime | None:
        if self.throttled_at is None:
            return None
        return max(self.throttled_at, self.paused_until or self.throttled_at)

    def _is_soon_after_a_pause(self, now: datetime) -> bool:
        """Whether the last pause was not long enough, rather than the limit shared with others."""
        calm_since = self._calm_since()
        return calm_since is not None and (now - calm_since).total_seconds() <= SOON_S

    def _count_with_one_more(self, now: datetime) -> int:
        """429s in a row. Those that come in during a pause answer calls made before it, and are one with its own."""
        calm_since = self._calm_since()
        if calm_since is None:
            return 1
        if now < calm_since:
            return max(1, self.throttled_count)
        return 1 if (now - calm_since).total_seconds() > QUIET_S else self.throttled_count + 1
