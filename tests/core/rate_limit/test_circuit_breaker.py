from datetime import timedelta

import pytest

from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
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
