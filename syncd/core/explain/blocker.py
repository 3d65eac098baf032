"""What stands between a transcript and its turn, in words: its holder, a pause, an empty budget, others."""

from datetime import datetime

from syncd.core.explain.diagnosis import Ahead, BudgetView, QueueRow
from syncd.core.explain.wording import moment, span
from syncd.core.polling.repricing import REPRICE_S
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import Stage

SILENT_S = 30.0
"""A daemon computes the price of a look every few seconds; after this long none seems to run."""


def no_call(budget: BudgetView, breaker: CircuitBreaker, now: datetime) -> str | None:
    """Why no call can be paid for now, not even from the reserve; None: one can."""
    paused = _workspace_paused(breaker, now) or _budget_paused(budget, now)
    if paused is not None or budget.available > 0:
        return paused
    return (
        f"The retrieve budget has no call free: {budget.occupied} of its {budget.assumed_limit} calls a minute are "
        f"taken, and the next ones come at {budget.rate:.3g} a second."
    )


def held(queue_row: QueueRow, now: datetime) -> str:
    """Who works on it."""
    until = moment(queue_row.lease_until, now) if queue_row.lease_until else "?"
    return f"{queue_row.lease_holder} is working on it, and keeps it until {until} or longer."


def in_the_way(queue_row: QueueRow, ahead: Ahead, now: datetime) -> list[str]:
    """What has to be out of the way before its turn comes."""
    return [
        *_daemon(ahead, now),
        *_breaker(ahead.breaker, now),
        *_budget(ahead, now),
        *_rows(queue_row, ahead),
        *_list(ahead, now),
    ]


def _daemon(ahead: Ahead, now: datetime) -> list[str]:
    if not ahead.is_served:
        return ["No daemon has ever served its workspace."]
    if ahead.repriced_at is None:
        return ["No daemon seems to run: none has ever computed the price of a look."]
    silent_s = (now - ahead.repriced_at).total_seconds()
    if silent_s <= SILENT_S:
        return []
    usual = f"a daemon computes the price of a look every {span(REPRICE_S)}, and the last time was"
    return [f"No daemon seems to run: {usual} {moment(ahead.repriced_at, now)}."]


def _breaker(breaker: CircuitBreaker, now: datetime) -> list[str]:
    if breaker.is_closed:
        return []
    half_open = f"The workspace is paused, and one call may try whether it is accepted again: {breaker.reason}"
    return [_workspace_paused(breaker, now) or half_open]


def _workspace_paused(breaker: CircuitBreaker, now: datetime) -> str | None:
    if breaker.permits(1, now) > 0 or breaker.paused_until is None:
        return None
    return f"The workspace is paused until {moment(breaker.paused_until, now)}: {breaker.reason}"


def _budget_paused(budget: BudgetView, now: datetime) -> str | None:
    if budget.paused_until is None:
        return None
    return f"The retrieve budget is paused until {moment(budget.paused_until, now)}, after a 429."


def _budget(ahead: Ahead, now: datetime) -> list[str]:
    budget = ahead.retrieve
    if budget is None:
        return ["No retrieve has been paid for yet."]
    if (paused := _budget_paused(budget, now)) is not None:
        return [paused]
    lowered = f", taken for {budget.assumed_limit} since Recall throttled calls" * (
        budget.assumed_limit < budget.limit
    )
    kept = f"; regular looks leave {budget.reserve} of them over" if budget.reserve else ""
    return [f"The retrieve budget has {budget.available} calls free of {budget.limit} a minute{lowered}{kept}."]


def _rows(queue_row: QueueRow, ahead: Ahead) -> list[str]:
    if not (ahead.absent_count or ahead.ahead_count or ahead.other_count):
        return ["No other transcript comes before it."]
    if queue_row.stage == Stage.LOAD:
        return [f"Transcripts to be loaded before it: {ahead.ahead_count}."]
    own, other = ("shown by Recall before", "never shown")[:: 1 if queue_row.is_observed else -1]
    return [
        f"Transcripts that come before it: {ahead.absent_count} that left a page, and {ahead.ahead_count} of its own "
        f"line ({own}); the other line ({other}) takes turns with it, {ahead.other_count} long."
    ]


def _list(ahead: Ahead, now: datetime) -> list[str]:
    if ahead.list_paused_until is not None:
        return [f"The list is not read until {moment(ahead.list_paused_until, now)}: {ahead.list_pause_reason}"]
    if ahead.list is None:
        return ["The list has not been read yet."]
    if ahead.list.paused_until is not None:
        return [f"The list is not read until {moment(ahead.list.paused_until, now)}, after a 429."]
    reading = "; a page is being read" if ahead.list_held_until and now < ahead.list_held_until else ""
    pages = f"{ahead.list_turns} pages so far, {ahead.list.available} calls free of {ahead.list.limit} a minute"
    return [f"The list is read too, where a page is worth its call: {pages}{reading}."]
