"""What an error means for others than its row: the call that was paid for, the workspace, the budget of the route."""

from datetime import datetime, timedelta

from syncd import errors
from syncd.core.queue.outcome import CallEnd, Pause, Throttle

PAUSES_S: dict[type[errors.WorkspaceFault], float] = {
    errors.KeyRefused: 60.0,
    errors.CreditExhausted: 300.0,
    errors.Forbidden: 60.0,
}
"""Seconds until a half-open probe: about as soon as a person can have repaired it. Ours; Recall says nothing."""


def call_end(error: errors.SyncdError | None) -> CallEnd:
    """What becomes of the call in the log of calls; None: it was answered."""
    if isinstance(error, errors.RecallTrouble) and not error.was_sent:
        return CallEnd.REFUNDED
    return CallEnd.THROTTLED if isinstance(error, errors.Throttled) else CallEnd.CLOSED


def pause_after(error: errors.SyncdError, now: datetime) -> Pause | None:
    """The pause of the workspace, where the refusal concerns all of it."""
    if not isinstance(error, errors.WorkspaceFault):
        return None
    return Pause(now + timedelta(seconds=pause_of(error)), str(error))


def pause_of(error: errors.WorkspaceFault) -> float:
    """Seconds the workspace pauses before one call may try again."""
    return PAUSES_S.get(type(error), 60.0)


def throttle_after(error: errors.SyncdError) -> Throttle | None:
    """The pause of the budget, where the answer was a 429."""
    return Throttle(error.retry_after_s) if isinstance(error, errors.Throttled) else None
