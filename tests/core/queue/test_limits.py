"""What a worker works under."""

from syncd.core.queue.limits import CALL_MARGIN_S, WorkerLimits
from syncd.core.rate_limit.budget import SEND_WITHIN_S
from syncd.core.rate_limit.circuit_breaker import PROBE_S


def test_a_call_may_take_until_it_is_sent_and_answered_and_a_margin_more() -> None:
    limits = WorkerLimits("default", 300, 60, 8, lease_s=60.0, call_s=5.0, holder="one")
    assert limits.longest_call_s == SEND_WITHIN_S + 5.0 + CALL_MARGIN_S
    assert limits.probe_s == max(PROBE_S, limits.longest_call_s)
