"""Whether all is well, for monitors: what is wrong in each workspace, and how bad that is.

The levels are the exit codes that Nagios and its successors expect of a plugin
(https://nagios-plugins.org/doc/guidelines.html).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from syncd.core.explain.daemon import no_daemon
from syncd.core.explain.wording import moment, span

OVERDUE_S = 900.0
"""How long a transcript may be due, by default. A judgement: longer than a restart or a budget makes one wait."""


class Level(IntEnum):
    """How bad it is."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Health:
    """How a workspace stands. Times are aware."""

    workspace: str
    live_count: int = 0
    """Daemons that are alive."""
    seen_at: datetime | None = None
    """When the last one was."""
    is_connected: bool = False
    """Whether one that does not count as alive still has its connection to the database."""
    pause_reason: str | None = None
    """Why no calls are made; None: they are."""
    warning: str | None = None
    """What a daemon that works warns of; None: nothing."""
    pending_count: int = 0
    overdue_count: int = 0
    """Transcripts that have been due for longer than is allowed, and that nobody works on."""
    overdue_since: datetime | None = None
    """When the first of them was due."""
    about_to_be_lost_count: int = 0
    """Transcripts that Recall deletes within a day, and whose file is not here."""
    next_loss_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    workspace: str | None
    """None: it concerns all of them."""
    level: Level
    what: str


def problems(health: Health, now: datetime, overdue_s: float) -> list[Problem]:
    """What is wrong in a workspace, the worst first. `overdue_s`: how long a transcript may be due."""
    found: list[tuple[Level, str]] = []
    dead = no_daemon(health.live_count, health.seen_at, now, is_connected=health.is_connected)
    if dead is not None:
        found.append((Level.CRITICAL, dead))
    if health.pause_reason is not None:
        found.append((Level.CRITICAL, f"Paused: {health.pause_reason}"))
    if health.warning is not None:
        found.append((Level.WARNING, health.warning))
    if health.overdue_count and health.overdue_since is not None:
        late = f"{health.overdue_count} transcripts are due for more than {span(overdue_s)}"
        found.append((Level.WARNING, f"{late}, the first since {moment(health.overdue_since, now)}."))
    if health.about_to_be_lost_count and health.next_loss_at is not None:
        lost = f"Recall deletes {health.about_to_be_lost_count} transcripts within a day that are not here"
        found.append((Level.WARNING, f"{lost}, the first at {moment(health.next_loss_at, now)}."))
    return [Problem(health.workspace, level, what) for level, what in found]


def level_of(found: Iterable[Problem]) -> Level:
    """The level of all problems together."""
    return max((problem.level for problem in found), default=Level.OK)


def summary(found: Sequence[Problem], checked: Sequence[Health]) -> str:
    """One line for a monitor."""
    level = level_of(found).name
    if found:
        told = [f"{each.workspace}: {each.what}" if each.workspace else each.what for each in found]
        return f"SYNCD {level} - " + " ".join(told)
    told = [f"{each.workspace}: {each.live_count} alive, {each.pending_count} pending" for each in checked]
    return f"SYNCD {level} - " + "; ".join(told)
