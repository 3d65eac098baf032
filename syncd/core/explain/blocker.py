"""What keeps a transcript from being polled now, in sentences: a lease, a pause, an empty budget, the queue order."""

from datetime import datetime

from syncd.core.explain.diagnosis import Ahead, BudgetView, QueueEntry
from syncd.core.explain.wording import moment
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import Stage


def no_call(budget: BudgetView, now: datetime) -> str | None:
    """Why no call can be paid for now, not even from the reserve; None: one can."""
    paused = _paused_budget(budget, now)
    if paused is not None or budget.available > 0:
        return paused
    taken = f"{budget.occupied} of its {budget.assumed_limit} calls a minute are taken"
    return f"The retrieve budget has no call free: {taken}, and it gains {budget.rate:.3g} a second."


def claimed_by(entry: QueueEntry, now: datetime) -> str:
    """Who holds its lease, and until when."""
    until = moment(entry.lease_until, now) if entry.lease_until else "?"
    return f"{entry.lease_holder} has claimed it; the lease runs until {until}, and may be extended."


def blockers(entry: QueueEntry, ahead: Ahead, now: datetime) -> list[str]:
    """How everything stands that its next call needs: circuit breaker, budget, queue order, list."""
    if (paused := _paused_workspace(ahead.breaker, now)) is not None:
        return [f"{paused} Until then it makes no call.", _queue_order(entry, ahead)]
    return [
        *_breaker(ahead.breaker),
        *_store(ahead.store, now),
        _budget(ahead.retrieve, now),
        _queue_order(entry, ahead),
        _list(ahead, now),
    ]


def _breaker(breaker: CircuitBreaker) -> list[str]:
    if breaker.is_closed:
        return []
    return [f"The workspace is paused; the next call is a half-open probe: {breaker.reason}"]


def _store(breaker: CircuitBreaker, now: datetime) -> list[str]:
    if breaker.is_closed:
        return []
    if breaker.paused_until is None or breaker.permits(1, now) > 0:
        return [f"The file store is paused; the next download is a half-open probe: {breaker.reason}"]
    return [f"The file store is paused until {moment(breaker.paused_until, now)}: {breaker.reason}"]


def _paused_workspace(breaker: CircuitBreaker, now: datetime) -> str | None:
    if breaker.permits(1, now) > 0 or breaker.paused_until is None:
        return None
    return f"The workspace is paused until {moment(breaker.paused_until, now)}: {breaker.reason}"


def _paused_budget(budget: BudgetView, now: datetime) -> str | None:
    if budget.paused_until is None:
        return None
    return f"The retrieve budget is paused until {moment(budget.paused_until, now)}, after a 429."


def _budget(budget: BudgetView | None, now: datetime) -> str:
    if budget is None:
        return "No retrieve call has been made yet."
    if (paused := _paused_budget(budget, now)) is not None:
        return paused
    is_lowered = budget.assumed_limit < budget.limit
    lowered = f" (assumed to be {budget.assumed_limit} since Recall throttled calls)" if is_lowered else ""
    reserve = f"; regular polls leave {budget.reserve} of them over" if budget.reserve else ""
    now_free = f"{budget.available} of them at once now{reserve}"
    return f"The retrieve budget is {budget.limit} calls a minute{lowered}, {now_free}."


def _queue_order(entry: QueueEntry, ahead: Ahead) -> str:
    if not (ahead.absent_count or ahead.same_kind_count or ahead.other_kind_count):
        return "No other transcript comes before it in the queue order."
    if entry.stage == Stage.LOAD:
        return f"Transcripts to be loaded before it: {ahead.same_kind_count}."
    same, other = ("seen at Recall before", "not seen yet")[:: 1 if entry.is_observed else -1]
    return (
        f"Before it in the queue order: {ahead.absent_count} missing from a page, {ahead.same_kind_count} {same}. "
        f"Claimed in alternation with these: {ahead.other_kind_count} {other}."
    )


def _list(ahead: Ahead, now: datetime) -> str:
    if ahead.list_paused_until is not None:
        return f"The list is paused until {moment(ahead.list_paused_until, now)}: {ahead.list_pause_reason}"
    if ahead.list is None:
        return "No list page has been read yet."
    if ahead.list.paused_until is not None:
        return f"The list budget is paused until {moment(ahead.list.paused_until, now)}, after a 429."
    claimed = "; a page is being read" if ahead.list_lease_until and now < ahead.list_lease_until else ""
    budget = f"{ahead.list.limit} calls a minute, {ahead.list.available} of them at once now"
    return f"List pages read so far: {ahead.list_page_count}; the list budget is {budget}{claimed}."
