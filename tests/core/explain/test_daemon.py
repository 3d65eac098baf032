"""Daemons in words, and what a monitor is told."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from syncd.core.explain.daemon import DaemonState, daemon_state, status_line
from syncd.core.explain.health import Health, Level, Problem, level_of, problems, summary
from tests.core.explain.diagnoses import at
from tests.core.samples import NOW

WELL = Health("acme", live_count=2, seen_at=at(-5), pending_count=7)
REFUSED = "Recall refused the API key (401)."


@pytest.mark.parametrize(
    ("in_flight", "pauses", "state"),
    [(0, [], DaemonState.IDLE), (3, [], DaemonState.WORKING), (3, [REFUSED], DaemonState.PAUSED)],
)
def test_a_pause_counts_more_than_work(in_flight: int, pauses: Sequence[str], state: DaemonState) -> None:
    assert daemon_state(in_flight, pauses) == state


@pytest.mark.parametrize(
    ("pauses", "refusal", "line"),
    [
        ([], None, "6 unfinished, 0 in flight"),
        ([REFUSED], None, f"Paused: {REFUSED} 6 unfinished, 0 in flight"),
        ([], "Bad.", "Runs with the former settings: Bad. 6 unfinished, 0 in flight"),
    ],
)
def test_the_status_line_says_first_what_is_wrong(pauses: Sequence[str], refusal: str | None, line: str) -> None:
    assert status_line(6, 0, pauses, refusal) == line


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, Level.OK, "SYNCD OK - acme: 2 alive, 7 pending"),
        (
            {"live_count": 0, "seen_at": at(-300)},
            Level.CRITICAL,
            "SYNCD CRITICAL - acme: No daemon is alive. The last one was seen at 2025-06-10 19:55:00 UTC"
            " (5 min ago).",
        ),
        (
            {"live_count": 0, "seen_at": at(-300), "is_connected": True},
            Level.CRITICAL,
            "SYNCD CRITICAL - acme: A daemon is connected, but has written no heartbeat since 2025-06-10 19:55:00 UTC"
            " (5 min ago): a statement of its has no answer (a lock, a synchronous standby that is missing), or it is"
            " frozen.",
        ),
        (
            {"live_count": 0, "seen_at": None},
            Level.CRITICAL,
            "SYNCD CRITICAL - acme: No daemon is alive, and none has ever been seen.",
        ),
        ({"warning": "Bad."}, Level.WARNING, "SYNCD WARNING - acme: Bad."),
        ({"pause_reason": REFUSED}, Level.CRITICAL, f"SYNCD CRITICAL - acme: Paused: {REFUSED}"),
        (
            {"overdue_count": 3, "overdue_since": at(-3600)},
            Level.WARNING,
            "SYNCD WARNING - acme: 3 transcripts are due for more than 1 min, the first since "
            "2025-06-10 19:00:00 UTC (1 h ago).",
        ),
        (
            {"about_to_be_lost_count": 2, "next_loss_at": at(7200)},
            Level.WARNING,
            "SYNCD WARNING - acme: Recall deletes 2 transcripts within a day that are not here, the first at "
            "2025-06-10 22:00:00 UTC (in 2 h).",
        ),
        (
            {"pause_reason": REFUSED, "overdue_count": 1, "overdue_since": at(-3600)},
            Level.CRITICAL,
            f"SYNCD CRITICAL - acme: Paused: {REFUSED} acme: 1 transcripts are due for more than 1 min",
        ),
    ],
)
def test_a_monitor_is_told_what_is_wrong(changes: dict[str, Any], level: Level, words: str) -> None:
    health = replace(WELL, **changes)
    found = problems(health, NOW, 60.0)
    assert level_of(found) == level
    assert summary(found, [health]).startswith(words)


def test_what_concerns_all_workspaces_names_none() -> None:
    assert summary([Problem(None, Level.UNKNOWN, "Away.")], []) == "SYNCD UNKNOWN - Away."
