"""What a worker works under."""

from dataclasses import dataclass

from syncd.core.rate_limit.budget import SEND_WITHIN_S
from syncd.core.rate_limit.circuit_breaker import PROBE_S

CALL_MARGIN_S = 10.0
"""Between the time-out of a call and the last moment it could still be on its way. A judgement."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """The workspace, its limits, and the limits of one process."""

    workspace: str
    retrieve_limit: int
    """Calls a minute."""
    list_limit: int
    """Calls a minute; 0: nothing is listed."""
    concurrency: int
    """Transcripts in flight at the same time."""
    lease_s: float
    call_s: float
    """The longest that one call may take."""
    holder: str
    """Names this process in the queue."""
    erases_deleted: bool = False
    """Whether what Recall has deleted is erased here, too."""

    @property
    def longest_call_s(self) -> float:
        """From payment to the last moment the call could reach Recall, with something to spare."""
        return SEND_WITHIN_S + self.call_s + CALL_MARGIN_S

    @property
    def probe_s(self) -> float:
        """How long the probe of a half-open circuit breaker keeps other calls out."""
        return max(PROBE_S, self.longest_call_s)
