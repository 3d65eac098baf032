"""The budget of one workspace on one route: how many calls may be paid for now.

Theory of operation. Two rate limiters hold at once, for all processes together, because they share one budget row and
one call log (docs/adr/0006-budget-row.md):

* **Sliding log** (exact, no approximation by counters). A call takes a slot from its payment until WINDOW_S after it
  was over (answered, or given up), and at most `limit` calls hold slots at once. A call reaches Recall at some moment
  between its payment and its end. So of all calls that reach Recall within one minute, the one that was paid for last
  was paid for while every other one still held its slot: they are no more than `limit`, however long calls take, and
  whether Recall counts in sliding or in fixed minutes.
* **Token bucket** (J. Turner, "New directions in communications", 1986). It gains `rate` tokens a second and holds at
  most `burst`, so that free slots are spent evenly and not all at once. Every call costs one token.

A 429 shows that Recall counts differently, or that somebody else spends from the same limit. It empties the bucket
and pauses the budget for as long as Retry-After says. Repeated 429s lower the assumed limit by a factor, and quiet
minutes raise it by a constant: additive increase, multiplicative decrease, which converges to a fair share between
all that do so (D. Chiu and R. Jain, "Analysis of the increase and decrease algorithms", 1989).

Where the numbers come from: the limits of 300 retrieves and 60 list pages a minute, and Retry-After in seconds, stand
in docs/recall-api.md; those marked "chosen" are our own bounds, tried out with bench/budget.py (docs/benchmarks.md).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.core.rate_limit.retry_after import MOST_WAIT_S

MINUTE_S = 60.0
"""Recall's limits count calls a minute (docs/recall-api.md)."""
WINDOW_S = 60.5
"""Recall's minute, and half a second for clocks that drift apart within it (chosen)."""
BURST_SHARE = 30
"""The bucket holds one part in this many of the limit, the tokens of 2 s: 10 of 300 (chosen)."""
RESERVE_SHARE = 0.3
"""Share of a full bucket that regular polls leave over, for commands and transcripts missing from a page (chosen)."""
MOST_RESERVE = 3
"""The reserve never has more calls than this, its share at 300 calls a minute: a larger bucket also fills sooner
(chosen)."""
SEND_WITHIN_S = 2.0
"""A call that was paid for is sent within this time, or not at all, so that it does not block its slot (chosen)."""

LEAST_LIMIT = 2
"""Calls a minute; no share of a limit is less. As little as SYNCD_RETRIEVE_LIMIT can be."""

LEAST_PAUSE_S = 1.0
"""A shorter Retry-After, or a negative one, counts as this: it has whole seconds (RFC 9110, section 10.2.3), and 0
would be no pause (chosen)."""
MOST_PAUSE_S = MOST_WAIT_S
FIRST_PAUSE_S = 15.0
"""The first pause after a 429 that does not say how long: a quarter of Recall's minute (chosen)."""
DOUBLES_WITHIN_S = 60.0
"""A 429 this soon after a pause shows that the pause was too short; without Retry-After the next one is doubled.
Recall's minute (chosen)."""
QUIET_S = 300.0
"""After this long without a pause or a 429, the next 429 counts as the first again (chosen)."""

DECREASE = 0.9
"""A repeated 429 lowers the assumed limit to this share of the calls of the last minute (chosen)."""
LEAST_LIMIT_SHARE = 0.05
"""The assumed limit never falls below this share of the real one (chosen)."""
INCREASE_SHARE = 0.02
"""Share of the real limit by which the assumed one rises in a quiet minute: 6 of 300 (chosen)."""


def share_of(limit: int, share: float) -> int:
    """Calls a minute of a route's limit that are ours, where `share` (0..1) of them is; 2 of them at least."""
    return max(min(limit, LEAST_LIMIT), int(limit * share + 1e-9))


@dataclass(frozen=True, slots=True)
class Budget:
    """A row of syncd.budgets: tokens and assumed limit as of `refreshed_at`, by the clock of the database."""

    limit: int
    """Calls a minute that are ours on the route; at least 2."""
    tokens: float
    """Calls that the bucket holds; below 0 where more were paid for than it held."""
    refreshed_at: datetime
    paused_until: datetime | None = None
    throttled_at: datetime | None = None
    throttled_count: int = 0
    """429s in a row; those during a pause count as one."""
    reduced_limit: float | None = None
    """Calls a minute that were assumed after the last repeated 429; None: `limit`."""

    @property
    def burst(self) -> float:
        """The most tokens that the bucket holds; at least 1."""
        return max(1.0, self.limit / BURST_SHARE)

    @property
    def reserve(self) -> int:
        """Calls that regular polls leave over."""
        return min(MOST_RESERVE, int(RESERVE_SHARE * self.burst))

    @property
    def rate(self) -> float:
        """Tokens that the bucket gains a second."""
        return self.limit / MINUTE_S

    def filled(self, now: datetime) -> float:
        """Tokens at `now`. Where the clock was set back, nothing is gained."""
        elapsed_s = max(0.0, (now - self.refreshed_at).total_seconds())
        return min(self.burst, self.tokens + self.rate * elapsed_s)

    def assumed_limit(self, now: datetime) -> float:
        """Calls a minute that are assumed to be allowed at `now`."""
        quiet_since = self._quiet_since()
        if self.reduced_limit is None or quiet_since is None:
            return float(self.limit)
        minutes = max(0.0, (now - quiet_since).total_seconds()) / MINUTE_S
        return min(float(self.limit), self.reduced_limit + INCREASE_SHARE * self.limit * minutes)

    def available(self, now: datetime, occupied: int) -> int:
        """Calls that may be paid for at `now`, while the call log holds `occupied` calls."""
        if self.paused_until is not None and now < self.paused_until:
            return 0
        free_slots = int(self.assumed_limit(now) + 1e-9) - occupied
        return max(0, min(free_slots, int(self.filled(now) + 1e-9)))

    def rewound(self, now: datetime) -> "Budget":
        """The same budget where the clock was set back to `now`; no pause ends later than MOST_PAUSE_S from then."""
        if now >= self.refreshed_at:
            return self
        latest = now + timedelta(seconds=MOST_PAUSE_S)
        return replace(
            self,
            refreshed_at=now,
            paused_until=min(self.paused_until, latest) if self.paused_until else None,
            throttled_at=min(self.throttled_at, now) if self.throttled_at else None,
        )

    def spent(self, calls: int, now: datetime) -> "Budget":
        """The budget after `calls` calls were paid for."""
        return replace(self, tokens=self.filled(now) - calls, refreshed_at=now)

    def throttled(self, now: datetime, retry_after_s: float | None, occupied: int) -> "Budget":
        """The budget after a 429: without tokens, and paused for `retry_after_s`, within its bounds.

        A repeated 429 lowers the assumed limit below the calls of the last minute, `occupied`.
        """
        count = self._count_with_one_more(now)
        doublings = min(count - 1, 10) if self._was_pause_too_short(now) else 0
        wanted = FIRST_PAUSE_S * 2.0**doublings if retry_after_s is None else retry_after_s
        until = now + timedelta(seconds=min(max(wanted, LEAST_PAUSE_S), MOST_PAUSE_S))
        is_repeated = count > max(1, self.throttled_count)
        lowered = max(LEAST_LIMIT_SHARE * self.limit, DECREASE * min(self.assumed_limit(now), occupied))
        return replace(
            self,
            tokens=0.0,
            refreshed_at=now,
            paused_until=max(until, self.paused_until or until),
            throttled_at=now,
            throttled_count=count,
            reduced_limit=lowered if is_repeated else self._still_reduced(now),
        )

    def _still_reduced(self, now: datetime) -> float | None:
        assumed = self.assumed_limit(now)
        return None if assumed >= self.limit else assumed

    def _quiet_since(self) -> datetime | None:
        if self.throttled_at is None:
            return None
        return max(self.throttled_at, self.paused_until or self.throttled_at)

    def _was_pause_too_short(self, now: datetime) -> bool:
        """Whether this 429 follows the last pause so soon that the pause was too short."""
        quiet_since = self._quiet_since()
        return quiet_since is not None and (now - quiet_since).total_seconds() <= DOUBLES_WITHIN_S

    def _count_with_one_more(self, now: datetime) -> int:
        """429s in a row. One that comes during a pause answers a call made before it, and does not count again."""
        quiet_since = self._quiet_since()
        if quiet_since is None:
            return 1
        if now < quiet_since:
            return max(1, self.throttled_count)
        return 1 if (now - quiet_since).total_seconds() > QUIET_S else self.throttled_count + 1
