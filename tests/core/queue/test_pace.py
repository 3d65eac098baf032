"""How long a process sleeps, by what a look into the queue has shown."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.core.queue.pace import DUE_NOW, PAUSED_S, Ahead, paused_s, until_next_claim
from syncd.core.rate_limit.budget import Budget
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker

PACE_S, LONGEST_S = 0.25, 900.0
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [
        (DUE_NOW, PACE_S),
        (Ahead(is_in_flight=True, next_due_s=600.0), PACE_S),
        (Ahead(is_due=True, paused_s=2.0), 2.0),
        (Ahead(is_due=True, paused_s=600.0), PAUSED_S),
        (Ahead(is_due=True, is_in_flight=True, paused_s=600.0), PACE_S),
        (Ahead(next_due_s=-0.001), PACE_S),
        (Ahead(next_due_s=0.1), PACE_S),
        (Ahead(next_due_s=7.0), 7.0),
        (Ahead(next_due_s=5_000.0), LONGEST_S),
        (Ahead(), LONGEST_S),
    ],
    ids=str,
)
def test_nobody_sleeps_while_something_is_to_be_done_and_otherwise_until_it_is(ahead: Ahead, seconds: float) -> None:
    assert until_next_claim(ahead, PACE_S, LONGEST_S) == seconds


def test_where_hints_do_not_arrive_sleeps_are_short_but_never_shorter_than_the_pace() -> None:
    assert until_next_claim(Ahead(next_due_s=600.0), PACE_S, 5.0) == 5.0
    assert until_next_claim(Ahead(), 30.0, 5.0) == 30.0


def test_a_pause_of_the_budget_and_one_of_the_workspace_count_alike() -> None:
    fresh, closed = Budget(300, 0.0, NOW), CircuitBreaker()
    throttled = Budget(300, 0.0, NOW, paused_until=NOW + timedelta(seconds=30))
    refused = CircuitBreaker(NOW + timedelta(seconds=60), "refused")
    over = CircuitBreaker(NOW - timedelta(seconds=60), "refused")
    found = [paused_s(budget, breaker, NOW) for budget in (fresh, throttled) for breaker in (closed, refused, over)]
    assert found == [0.0, 60.0, 0.0, 30.0, 60.0, 30.0]


def test_it_is_not_quiet_while_a_row_is_due_that_claims_do_not_see() -> None:
    assert not Ahead(next_due_s=-1.0).is_quiet
    assert Ahead(next_due_s=0.5).is_quiet
