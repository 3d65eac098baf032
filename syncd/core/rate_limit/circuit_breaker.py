"""The circuit breaker of a server: no calls after a refusal that concerns all, or while most calls fail.

Theory of operation (M. Nygard, "Release It!", 2007): **closed**, calls are made as usual. A 401, 402 or 403
**opens** it for as long as core/queue/refusal.py says, with a reason. When that time is over it is **half open**:
one call, the probe, is made, and keeps all others out for PROBE_S, or for as long as a call may take; a download, for
as long as its lease lasts. Whatever answer shows that calls are accepted
closes the breaker; another refusal opens it again.

Failures of the moment (5xx, network) open it when most calls fail. `failure_count` rises by one with each and falls
by one with each answer, never below 0: a cumulative sum (E. Page, "Continuous inspection schemes", Biometrika 41,
1954). While fewer than half of the calls fail it stays near 0; otherwise it reaches OPENS_AT after so many more
failures than answers, whatever the rate of calls. Pauses double with each probe that fails, up to
LONGEST_OUTAGE_PAUSE_S, so an outage costs a few calls a minute, and is over for us as soon after its end.

A workspace has two: one for the Recall API, one for the file store. Both are in its row of syncd.workspaces, shared
by all processes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.core.rate_limit.retry_after import wait_asked_for

PROBE_S = 60.0
"""How long a half-open probe keeps other calls out at least. A judgement: longer than a call takes by default (30 s),
so that a process that is slow to write what came of it does not let in another one."""
OPENS_AT = 5
"""So many more failures than answers open it. A judgement: a few rows that fail for a reason of their own do not, and
an outage is noticed within two seconds at 5 calls a second."""
AFTER_PAUSE = 3
"""The count after a pause: so that it opens again soon where one answer was luck. A judgement."""
FIRST_OUTAGE_PAUSE_S = 2.0
"""The first pause. A judgement: longer than a restart behind a load balancer is felt."""
LONGEST_OUTAGE_PAUSE_S = 20.0
"""The longest one, unless Retry-After asks for more. A judgement: three probes a minute, and whatever has finished
meanwhile is seen within half a minute of the end of an outage."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Closed without a reason; with one, open until `paused_until`, and half open from then on."""

    paused_until: datetime | None = None
    reason: str | None = None
    failure_count: int = 0
    """Failures of the moment, less answers."""

    @property
    def is_closed(self) -> bool:
        """Whether calls are made as usual."""
        return self.reason is None

    @property
    def is_sound(self) -> bool:
        """Whether it is closed and no failure is counted."""
        return self.is_closed and self.failure_count == 0

    def permits(self, calls: int, now: datetime) -> int:
        """How many of `calls` calls may be made at `now`: all, none, or one as a half-open probe."""
        if self.is_closed:
            return calls
        is_open = self.paused_until is not None and now < self.paused_until
        return 0 if is_open else min(calls, 1)

    def failed(
        self, reason: str, now: datetime, *, is_probe: bool, retry_after_s: float | None = None
    ) -> "CircuitBreaker":
        """After a failure of the moment. One of a call that was made before it opened changes nothing any more."""
        if not self.is_closed and not (is_probe and self.failure_count >= OPENS_AT):
            return self
        count = self.failure_count + 1
        if count < OPENS_AT:
            return replace(self, failure_count=count)
        pause_s = min(FIRST_OUTAGE_PAUSE_S * 2.0 ** min(count - OPENS_AT, 10), LONGEST_OUTAGE_PAUSE_S)
        until = now + timedelta(seconds=max(pause_s, wait_asked_for(retry_after_s)))
        return CircuitBreaker(until, f"Most calls fail. The last one: {reason}", count)

    def answered(self) -> "CircuitBreaker":
        """After an answer that shows that calls are accepted."""
        if self.is_closed:
            return replace(self, failure_count=max(0, self.failure_count - 1))
        return CircuitBreaker(failure_count=min(self.failure_count, AFTER_PAUSE))
