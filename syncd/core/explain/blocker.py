"""What stands between a transcript and its turn, in words: its holder, a pause, an empty budget, others."""

from datetime import datetime

from syncd.core.explain.diagnosis import Front, Means, Place
from syncd.core.explain.wording import moment, span
from syncd.core.polling.poll_index import STEER_S
from syncd.core.rate_limit.circuit_breaker import Breaker
from syncd.core.transcript import Stage

SILENT_S = 30.0
"""A daemon computes the price of a look every few seconds; after this long none seems to run."""


def no_call(means: Means, breaker: Breaker, now: datetime) -> str | None:
    """Why no call can be paid for now, not even from the reserve; None: one can."""
    paused = _workspace_paused(breaker, now) or _budget_paused(means, now)
    if paused is not None or means.available > 0:
        return paused
    return (
        f"The retrieve budget has no call free: {means.occupied} of its {means.assumed_limit} calls a minute are "
        f"taken, and the next ones come at {means.rate:.3g} a second."
    )


def held(place: Place, now: datetime) -> str:
    """Who works on it."""
    until = moment(place.lease_until, now) if place.lease_until else "?"
    return f"{place.lease_holder} is working on it, and keeps it until {until} or longer."


def in_front(place: Place, front: Front, now: datetime) -> list[str]:
    """What has to be out of the way before its turn comes."""
    return [
        *_daemon(front, now),
        *_breaker(front.breaker, now),
        *_budget(front, now),
        *_rows(place, front),
        *_list(front, now),
    ]


def _daemon(front: Front, now: datetime) -> list[str]:
    if not front.is_served:
        return ["No daemon has ever served its workspace."]
    if front.steered_at is None:
        return ["No daemon seems to run: none has ever computed the price of a look."]
    silent_s = (now - front.steered_at).total_seconds()
    if silent_s <= SILENT_S:
        return []
    usual = f"a daemon computes the price of a look every {span(STEER_S)}, and the last time was"
    return [f"No daemon seems to run: {usual} {moment(front.steered_at, now)}."]


def _breaker(breaker: Breaker, now: datetime) -> list[str]:
    if breaker.is_closed:
        return []
    half_open = f"The workspace is paused, and one call may try whether it is accepted again: {breaker.reason}"
    return [_workspace_paused(breaker, now) or half_open]


def _workspace_paused(breaker: Breaker, now: datetime) -> str | None:
    if breaker.permits(1, now) > 0 or breaker.paused_until is None:
        return None
    return f"The workspace is paused until {moment(breaker.paused_until, now)}: {breaker.reason}"


def _budget_paused(means: Means, now: datetime) -> str | None:
    if means.paused_until is None:
        return None
    return f"The retrieve budget is paused until {moment(means.paused_until, now)}, after a 429."


def _budget(front: Front, now: datetime) -> list[str]:
    means = front.retrieve
    if means is None:
        return ["No retrieve has been paid for yet."]
    if (paused := _budget_paused(means, now)) is not None:
        return [paused]
    lowered = f", taken for {means.assumed_limit} since Recall throttled calls" * (means.assumed_limit < means.limit)
    kept = f"; regular looks leave {means.reserve} of them over" if means.reserve else ""
    return [f"The retrieve budget has {means.available} calls free of {means.limit} a minute{lowered}{kept}."]


def _rows(place: Place, front: Front) -> list[str]:
    if not (front.left_count or front.ahead_count or front.other_count):
        return ["No other transcript comes before it."]
    if place.stage == Stage.LOAD:
        return [f"Transcripts to be loaded before it: {front.ahead_count}."]
    own, other = ("shown by Recall before", "never shown")[:: 1 if place.is_observed else -1]
    return [
        f"Transcripts that come before it: {front.left_count} that left a page, and {front.ahead_count} of its own "
        f"line ({own}); the other line ({other}) takes turns with it, {front.other_count} long."
    ]


def _list(front: Front, now: datetime) -> list[str]:
    if front.list_rests_until is not None:
        return [f"The list is not read until {moment(front.list_rests_until, now)}: {front.list_rest_reason}"]
    if front.list is None:
        return ["The list has not been read yet."]
    if front.list.paused_until is not None:
        return [f"The list is not read until {moment(front.list.paused_until, now)}, after a 429."]
    reading = "; a page is being read" if front.list_held_until and now < front.list_held_until else ""
    pages = f"{front.list_turns} pages so far, {front.list.available} calls free of {front.list.limit} a minute"
    return [f"The list is read too, where a page is worth its call: {pages}{reading}."]
