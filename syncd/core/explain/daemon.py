"""What a daemon is doing, in one line, for `systemctl status` and for its heartbeat."""

from collections.abc import Sequence
from enum import StrEnum


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


def status_line(unfinished: int, in_flight: int, pauses: Sequence[str], refusal: str | None) -> str:
    """The line: what is wrong comes first. `refusal`: why the settings could not be reloaded."""
    wrong = [f"Paused: {reason}" for reason in pauses]
    if refusal is not None:
        wrong.append(f"Runs with the former settings: {refusal}")
    return " ".join([*wrong, f"{unfinished} unfinished, {in_flight} in flight"])
