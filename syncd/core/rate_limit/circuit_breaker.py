"""The circuit breaker of a workspace: no calls after a refusal that concerns all of it.

Theory of operation (M. Nygard, "Release It!", 2007): **closed**, calls are made as usual. A 401, 402 or 403 **opens**
it for as long as core/queue/refusal.py says, with a reason. When that time is over it is **half open**: one call, the
probe, is made, and keeps all others out for PROBE_S. Whatever answer shows that the workspace is accepted closes the
breaker; another refusal opens it again. The state is a row of syncd.workspaces, shared by all processes.
"""

from dataclasses import dataclass
from datetime import datetime

PROBE_S = 60.0
"""How long a half-open probe keeps other calls out; longer than a call takes (30 s, SYNCD_RETRIEVE_SECONDS), so
that there is one at a time. A judgement."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Closed without a reason; with one, open until `paused_until`, and half open from then on."""

    paused_until: datetime | None = None
    reason: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether calls are made as usual."""
        return self.reason is None

    def permits(self, calls: int, now: datetime) -> int:
        """How many of `calls` calls may be made at `now`: all, none, or one as a half-open probe."""
        if self.is_closed:
            return calls
        is_open = self.paused_until is not None and now < self.paused_until
        return 0 if is_open else min(calls, 1)
