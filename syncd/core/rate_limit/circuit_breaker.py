"""The circuit breaker of a workspace: open after a refusal that concerns all of it, then one call may try."""

from dataclasses import dataclass
from datetime import datetime

PROBE_S = 60.0
"""How long the one call that may try keeps the others out."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Closed where there is no reason; open until `paused_until`; half open after."""

    paused_until: datetime | None = None
    reason: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether calls are made as usual."""
        return self.reason is None

    def permits(self, calls: int, now: datetime) -> int:
        """How many of the calls may be made at `now`."""
        if self.is_closed:
            return calls
        is_open = self.paused_until is not None and now < self.paused_until
        return 0 if is_open else min(calls, 1)
