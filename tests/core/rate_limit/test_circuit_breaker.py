from datetime import timedelta

import pytest

from syncd.core.rate_limit.circuit_breaker import AFTER_PAUSE, OPENS_AT, CircuitBreaker
from tests.core.samples import NOW

LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("breaker", "permitted"),
    [
        pytest.param(CircuitBreaker(), 5, id="closed: all"),
        pytest.param(CircuitBreaker(paused_until=LATER), 5, id="a pause without a reason is over"),
        pytest.param(CircuitBreaker(LATER, "401"), 0, id="open: none"),
        pytest.param(CircuitBreaker(NOW, "401"), 1, id="half open: one"),
        pytest.param(CircuitBreaker(EARLIER, "401"), 1, id="half open for a while: still one"),
        pytest.param(CircuitBreaker(None, "401"), 1, id="a reason without a time: one"),
    ],
)
def test_the_breaker_permits(breaker: CircuitBreaker, permitted: int) -> None:
    assert breaker.permits(5, NOW) == permitted
    assert breaker.permits(0, NOW) == 0
    assert breaker.is_closed == (breaker.reason is None)


def after(*calls: str, breaker: CircuitBreaker | None = None) -> CircuitBreaker:
    """The breaker after these calls: + was answered, - failed, p failed as a half-open probe."""
    breaker = breaker or CircuitBreaker()
    for call in "".join(calls):
        breaker = breaker.answered() if call == "+" else breaker.failed("why", NOW, is_probe=call == "p")
    return breaker


def pause_s(breaker: CircuitBreaker) -> float | None:
    return None if breaker.paused_until is None else (breaker.paused_until - NOW).total_seconds()


def test_it_opens_when_most_calls_fail_and_not_when_fewer_than_half_do() -> None:
    assert after("-" * (OPENS_AT - 1)).is_closed
    assert not after("-" * OPENS_AT).is_closed
    assert after("+-" * 1000).is_closed
    assert not after("--+" * 3, "--").is_closed
    assert after("----++++").is_sound
    assert not after("-").is_sound


def test_it_says_why() -> None:
    assert after("-" * OPENS_AT).reason == "Most calls fail. The last one: why"


def test_calls_that_were_made_before_it_opened_change_nothing() -> None:
    opened = after("-" * OPENS_AT)
    assert after("-" * 100, breaker=opened) == opened


def test_pauses_double_with_each_probe_that_fails_up_to_a_bound() -> None:
    opened = after("-" * OPENS_AT)
    assert [pause_s(after("p" * probes, breaker=opened)) for probes in (0, 1, 2, 3, 4, 100)] == [2, 4, 8, 16, 20, 20]


def test_an_answer_closes_it_and_it_opens_again_sooner() -> None:
    closed = after("-" * OPENS_AT, "pp+")
    assert (closed.is_closed, closed.paused_until, closed.failure_count) == (True, None, AFTER_PAUSE)
    assert not after("-" * (OPENS_AT - AFTER_PAUSE), breaker=closed).is_closed
    assert after("+" * AFTER_PAUSE, breaker=closed) == CircuitBreaker()
    assert after("+", breaker=CircuitBreaker(LATER, "401")) == CircuitBreaker()


@pytest.mark.parametrize(
    ("asked_s", "expected_s"), [(None, 2.0), (1.0, 2.0), (30.0, 30.0), (1e9, 900.0), (-5.0, 2.0)]
)
def test_it_stays_open_as_long_as_the_server_asks(asked_s: float | None, expected_s: float) -> None:
    nearly = after("-" * (OPENS_AT - 1))
    assert pause_s(nearly.failed("why", NOW, is_probe=False, retry_after_s=asked_s)) == expected_s


def test_a_probe_that_fails_leaves_the_reason_of_a_refusal() -> None:
    refused = CircuitBreaker(LATER, "401", failure_count=2)
    assert refused.failed("why", NOW, is_probe=True) == refused
