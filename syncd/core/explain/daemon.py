"""Daemons in words: whether one is alive, and what it is doing, for `systemctl status` and for its heartbeat."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from syncd.core.explain.wording import moment


class DaemonState(StrEnum):
    """What a process is doing, as its heartbeat says."""

    WORKING = "working"
    IDLE = "idle"
    PAUSED = "paused"


def daemon_state(in_flight: int, pauses: Sequence[str]) -> DaemonState:
    """The state, from how many transcripts are in flight and why nothing is called."""
    if pauses:
        return DaemonState.PAUSED
    return DaemonState.WORKING if in_flight else DaemonState.IDLE


def former_settings(refusal: str | None) -> str | None:
    """That the process works with its former settings, and why the new ones were refused; None: they were not."""
    return None if refusal is None else f"Runs with the former settings: {refusal}"


def status_line(unfinished: int, in_flight: int, pauses: Sequence[str], refusal: str | None) -> str:
    """The line: what is wrong comes first. `refusal`: why the settings could not be reloaded."""
    told = [*(f"Paused: {reason}" for reason in pauses), former_settings(refusal)]
    return " ".join(filter(None, [*told, f"{unfinished} unfinished, {in_flight} in flight"]))


def no_daemon(live_count: int, seen_at: datetime | None, now: datetime, *, is_connected: bool = False) -> str | None:
    """That no daemon is alive for a workspace, and since when; None: one is. `seen_at` is of the last one.

    `is_connected`: one still has its connection to the database.
    """
    if live_count:
        return None
    if seen_at is None:
        return "No daemon is alive, and none has ever been seen."
    if is_connected:
        why = "a statement of its has no answer (a lock, a synchronous standby that is missing), or it is frozen"
        return f"A daemon is connected, but has written no heartbeat since {moment(seen_at, now)}: {why}."
    return f"No daemon is alive. The last one was seen at {moment(seen_at, now)}."
