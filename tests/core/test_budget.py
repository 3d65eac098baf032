from bisect import bisect_left
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.budget import RETRY_CEILING_S, SPREAD_S, WINDOW_S, Budget
from tests.core.samples import NOW


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def full(limit: int) -> Budget:
    budget = Budget(limit, 0.0, NOW)
    return Budget(limit, budget.burst, NOW)


@pytest.mark.parametrize(
    ("limit", "burst", "rate"),
    [(300, 10.0, 290 / 63), (60, 2.0, 58 / 63), (30, 1.0, 29 / 63), (10, 1.0, 9 / 63), (2, 1.0, 1 / 63)],
)
def test_the_bucket_is_sized_to_the_limit(limit: int, burst: float, rate: float) -> None:
    budget = full(limit)
    assert budget.burst == pytest.approx(burst)
    assert budget.rate == pytest.approx(rate)
    assert budget.burst + budget.rate * (WINDOW_S + SPREAD_S) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("tokens", "seconds", "available"),
    [
        pytest.param(10.0, 0, 10, id="full"),
        pytest.param(10.0, 3600, 10, id="never more than full"),
        pytest.param(0.0, 0, 0, id="empty"),
        pytest.param(0.0, 0.2, 0, id="almost one"),
        pytest.param(0.0, 0.218, 1, id="just one"),
        pytest.param(0.0, 1.0, 4, id="after a second"),
        pytest.param(0.999999, 0, 0, id="not quite one"),
        pytest.param(-3.0, 0, 0, id="in debt"),
        pytest.param(5.0, -3600, 5, id="a clock that stepped back gains nothing"),
    ],
)
def test_tokens_come_with_time(tokens: float, seconds: float, available: int) -> None:
    assert Budget(300, tokens, NOW).available(after(seconds)) == available


def test_what_was_spent_is_gone() -> None:
    budget = full(300).spent(7, NOW)
    assert budget.available(NOW) == 3
    assert budget.spent(3, NOW).available(NOW) == 0
    assert budget.refreshed_at == NOW


def test_a_bucket_that_was_larger_once_is_cut_to_size() -> None:
    assert Budget(30, 10.0, NOW).available(NOW) == 1


@pytest.mark.parametrize(
    ("retry_after_s", "pause_s"),
    [(None, 15), (30.0, 30), (0.0, 1), (-5.0, 1), (0.4, 1), (900.0, 900), (901.0, 900), (3.2e8, 900)],
)
def test_a_429_empties_and_pauses_within_reason(retry_after_s: float | None, pause_s: float) -> None:
    budget = full(300).throttled(NOW, retry_after_s)
    assert budget.paused_until == after(pause_s)
    assert budget.tokens == 0.0
    assert budget.throttled_count == 1
    assert budget.available(after(pause_s - 0.001)) == 0
    assert budget.available(after(pause_s)) == min(10, int(pause_s * budget.rate))


def test_429s_in_a_row_pause_longer_and_longer() -> None:
    budget, at, pauses = full(300), 0.0, []
    for _ in range(8):
        budget = budget.throttled(after(at), None)
        assert budget.paused_until is not None
        pauses.append((budget.paused_until - after(at)).total_seconds())
        at += pauses[-1]
    assert pauses == [15, 30, 60, 120, 240, 480, 900, 900]


def test_429s_for_calls_made_before_the_pause_count_as_one() -> None:
    budget = full(300)
    for at in (0.0, 0.1, 0.2, 1.5):
        budget = budget.throttled(after(at), None)
    assert budget.throttled_count == 1
    assert budget.paused_until == after(1.5 + 15)


def test_a_shorter_pause_does_not_cut_a_longer_one_short() -> None:
    budget = full(300).throttled(NOW, 60.0).throttled(after(1), 5.0)
    assert budget.paused_until == after(60)


def test_after_a_quiet_while_the_next_429_is_the_first_again() -> None:
    budget = full(300).throttled(NOW, None).throttled(after(15), None)
    assert budget.throttled_count == 2
    assert budget.paused_until == after(45)
    assert budget.throttled(after(45 + 300), None).throttled_count == 3
    assert budget.throttled(after(45 + 301), None).throttled_count == 1


def test_no_number_of_429s_overflows() -> None:
    budget, at = full(300), 0.0
    for _ in range(2000):
        budget = budget.throttled(after(at), 0.0)
        at += 1.0
    assert budget.throttled_count == 2000
    paused = budget.throttled(after(at), None).paused_until
    assert paused == after(at + RETRY_CEILING_S)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 217, 218, 1000, 3000, 10_000, 57_000, 60_000]) | st.integers(0, 5000),  # ms until it
        st.sampled_from([1, 16, 10_000]),  # calls it would like to make
        st.lists(st.sampled_from([0, int(SPREAD_S * 1000)]) | st.integers(0, int(SPREAD_S * 1000)), min_size=1),
        st.sampled_from(["pay", "pay", "pay", "pay", "clock back", "restart"]),
    ),
    min_size=1,
    max_size=150,
)


@given(limit=st.sampled_from([2, 3, 29, 31, 60, 300, 1000]), steps=STEPS, offset_ms=st.integers(0, 60_000))
def test_no_window_of_a_minute_ever_holds_more_than_the_limit(
    limit: int, steps: list[tuple[int, int, list[int], str]], offset_ms: int
) -> None:
    """Any processes pay from one row at random moments; each call arrives up to SPREAD_S after its payment."""
    budget, clock_ms, arrivals = full(limit), 0, []
    for wait_ms, wanted, delays_ms, what in steps:
        clock_ms += wait_ms
        now = after(clock_ms / 1000)
        if what == "clock back":  # a process whose reading of the clock is late sees fewer tokens, never more
            assert budget.filled(now - timedelta(seconds=5)) <= budget.filled(now)
        if what == "restart":  # another process reads the row as it was written
            budget = Budget(limit, budget.tokens, budget.refreshed_at, budget.paused_until)
        calls = min(wanted, budget.available(now))
        budget = budget.spent(calls, now) if calls else budget
        arrivals += [clock_ms + delays_ms[n % len(delays_ms)] for n in range(calls)]
    arrivals.sort()
    sliding = (bisect_left(arrivals, start + 60_000) - n for n, start in enumerate(arrivals))
    assert max(sliding, default=0) <= limit
    ends = range(offset_ms, clock_ms + 60_000 + offset_ms, 60_000)
    fixed = (bisect_left(arrivals, end) - bisect_left(arrivals, end - 60_000) for end in ends)
    assert max(fixed, default=0) <= limit


@pytest.mark.parametrize("limit", [2, 60, 300])
@pytest.mark.parametrize("seconds", [600])
def test_a_busy_fleet_uses_nearly_all_of_the_limit(limit: int, seconds: int) -> None:
    budget, calls = full(limit), 0
    for tick in range(seconds * 4):
        now = after(tick / 4)
        taken = budget.available(now)
        budget = budget.spent(taken, now) if taken else budget
        calls += taken
    per_minute = calls / (seconds / 60)
    assert limit * 60 / 63 * 0.5 <= per_minute <= limit
    if limit >= 60:
        assert per_minute >= limit * 0.92
