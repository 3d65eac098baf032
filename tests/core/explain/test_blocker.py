"""What keeps a transcript from being polled now."""

from dataclasses import replace
from typing import Any

import pytest

from syncd.core.explain.blocker import no_call
from syncd.core.explain.diagnosis import BudgetView
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import Stage
from tests.core.explain.diagnoses import AHEAD, BUDGET, ENTRY, NEW_ENTRY, NEW_RECORD, at, explained
from tests.core.samples import NOW


def test_no_call_is_called_free_while_the_workspace_is_paused() -> None:
    told = explained(ahead=replace(AHEAD, breaker=CircuitBreaker(at(60), "Refused (401)."), list=BUDGET))
    assert "Refused (401). Until then it makes no call." in told
    assert "at once now" not in told


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"breaker": CircuitBreaker(at(60), "Refused (401).")},
            "paused until 2025-06-10 20:01:00 UTC (in 1 min): Refused (401)",
        ),
        (
            {"breaker": CircuitBreaker(at(-1), "Refused (401).")},
            "The workspace is paused; the next call is a half-open probe: Refused (401).",
        ),
        (
            {"store": CircuitBreaker(at(9), "Most calls fail.")},
            "The file store is paused until 2025-06-10 20:00:09 UTC (in 9 s): Most calls fail.",
        ),
        (
            {"store": CircuitBreaker(at(-1), "Most calls fail.")},
            "The file store is paused; the next download is a half-open probe: Most calls fail.",
        ),
        ({"retrieve": None}, "No retrieve call has been made yet."),
        (
            {},
            "The retrieve budget is 300 calls a minute, 10 of them at once now; regular polls leave 3 of them over.",
        ),
        (
            {"retrieve": replace(BUDGET, reserve=0)},
            "The retrieve budget is 300 calls a minute, 10 of them at once now.",
        ),
        ({"retrieve": replace(BUDGET, assumed_limit=90)}, "(assumed to be 90 since Recall throttled calls)"),
        (
            {"retrieve": replace(BUDGET, paused_until=at(9))},
            "paused until 2025-06-10 20:00:09 UTC (in 9 s), after a 429.",
        ),
        ({}, "No other transcript comes before it in the queue order."),
        (
            {"absent_count": 1, "same_kind_count": 2, "other_kind_count": 3},
            "Before it in the queue order: 1 missing from a page, 2 seen at Recall before. "
            "Claimed in alternation with these: 3 not seen yet.",
        ),
        ({}, "No list page has been read yet."),
        (
            {"list_paused_until": at(60), "list_pause_reason": "Refused (403)."},
            "The list is paused until 2025-06-10 20:01:00 UTC (in 1 min): Refused (403).",
        ),
        ({"list": replace(BUDGET, paused_until=at(9))}, "The list budget is paused until 2025-06-10 20:00:09 UTC"),
        (
            {"list": BUDGET, "list_page_count": 7, "list_lease_until": at(-5)},
            "List pages read so far: 7; the list budget is 300 calls a minute, 10 of them at once now.",
        ),
        ({"list": BUDGET, "list_lease_until": at(5)}, "at once now; a page is being read."),
    ],
)
def test_what_its_next_call_needs(changes: dict[str, Any], words: str) -> None:
    assert words in explained(ahead=replace(AHEAD, **changes))


def test_that_no_daemon_is_alive_comes_first_and_a_live_one_is_not_mentioned() -> None:
    dead = explained(ahead=replace(AHEAD, live_daemon_count=0, daemon_seen_at=at(-300)))
    assert dead.startswith("No daemon is alive. The last one was seen at 2025-06-10 19:55:00 UTC (5 min ago).")
    never = explained(ahead=replace(AHEAD, live_daemon_count=0, daemon_seen_at=None))
    assert never.startswith("No daemon is alive, and none has ever been seen.")
    assert "daemon" not in explained(ahead=AHEAD)


def test_the_kinds_are_named_as_seen_from_the_transcript() -> None:
    ahead = replace(AHEAD, same_kind_count=4)
    text = explained(NEW_RECORD, NEW_ENTRY, None, ahead)
    assert "4 not seen yet. Claimed in alternation with these: 0 seen at Recall before." in text
    to_load = replace(ENTRY, stage=Stage.LOAD)
    assert "Transcripts to be loaded before it: 4." in explained(entry=to_load, ahead=ahead)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (BUDGET, None),
        (replace(BUDGET, available=1), None),
        (replace(BUDGET, available=0, occupied=300), "300 of its 300 calls a minute are taken"),
        (replace(BUDGET, available=0, paused_until=at(60)), "is paused until 2025-06-10 20:01:00 UTC (in 1 min)"),
    ],
)
def test_why_no_call_can_be_paid_for(budget: BudgetView, words: str | None) -> None:
    reason = no_call(budget, NOW)
    assert (reason is None) == (words is None)
    assert (words or "") in (reason or "")
