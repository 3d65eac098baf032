"""What an error means for others than its row: the call that was paid for, the workspace, the budget of the route.

Theory of operation. A call that never left is refunded; every other one counts as made, whatever came of it. A 401,
402 or 403 concerns all calls of a workspace, so it pauses the workspace (its circuit breaker opens,
core/rate_limit/circuit_breaker.py). A 429 concerns the budget of the route; what Retry-After said is handed on, and
core/rate_limit/budget.py computes the pause. A 5xx or a fault of the network is counted by the circuit breaker of
Recall or of the file store, which opens when most calls fail. Whatever status an answer has, its Retry-After is kept.
decide.py asks these functions for a row, page.py for a page of the list.

Sources: docs/recall-api.md, Errors, for what each status means; the numbers are judgements, as they say.
"""

from datetime import datetime, timedelta

from syncd import errors
from syncd.core.queue.outcome import CallEnd, Pause, Throttle, Trouble
from syncd.core.rate_limit.retry_after import wait_asked_for
from syncd.network_faults import NetworkFault

PAUSES_S: dict[type[errors.WorkspaceFault], float] = {
    errors.KeyRefused: 60.0,
    errors.CreditExhausted: 300.0,
    errors.Forbidden: 60.0,
}
"""Seconds until a half-open probe. A judgement, for Recall says nothing: about as soon as a person can have repaired
it, and paying takes longer than setting a key."""
OTHER_PAUSE_S = 60.0
"""The same after a refusal that is none of these. A judgement: as for a key."""


def call_end(error: errors.SyncdError | None) -> CallEnd:
    """What becomes of the call in the log of calls; None: it was answered."""
    if isinstance(error, errors.RecallTrouble) and not error.was_sent:
        return CallEnd.REFUNDED
    return CallEnd.THROTTLED if isinstance(error, errors.Throttled) else CallEnd.CLOSED


def pause_after(error: errors.SyncdError, now: datetime) -> Pause | None:
    """The pause of the workspace, where the refusal concerns all of it."""
    if not isinstance(error, errors.WorkspaceFault):
        return None
    pause_s = max(pause_of(error), wait_asked_for(error.retry_after_s))
    return Pause(now + timedelta(seconds=pause_s), str(error))


def pause_of(error: errors.WorkspaceFault) -> float:
    """Seconds the workspace pauses before one call may try again, unless Retry-After asks for more."""
    return PAUSES_S.get(type(error), OTHER_PAUSE_S)


def trouble_of(error: errors.SyncdError, *, is_probe: bool) -> Trouble | None:
    """What the circuit breaker of Recall counts: nothing that an answer about the transcript says."""
    if not isinstance(error, errors.RecallTrouble) or isinstance(error, errors.BadAnswer):
        return None
    is_ours = error.fault is NetworkFault.SENT_TOO_LATE
    return None if is_ours else Trouble(str(error), is_probe, error.retry_after_s)


def store_trouble_of(error: errors.DownloadError, *, is_probe: bool) -> Trouble | None:
    """What the circuit breaker of the file store counts: nothing that is an answer about the file."""
    if not isinstance(error, errors.StoreTrouble) or isinstance(error, errors.UnconfirmedFile):
        return None
    return Trouble(str(error), is_probe, error.retry_after_s)


def throttle_after(error: errors.SyncdError) -> Throttle | None:
    """The pause of the budget, where the answer was a 429."""
    return Throttle(error.retry_after_s) if isinstance(error, errors.Throttled) else None
