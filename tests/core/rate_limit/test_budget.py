from bisect import bisect_left
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.rate_limit.budget import MINUTE_S, MOST_PAUSE_S, SEND_WITHIN_S, WINDOW_S, Budget, share_of
from tests.core.samples import NOW


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def full(limit: int) -> Budget:
    budget = Budget(limit, 0.0, NOW)
    return Budget(limit, budget.burst, NOW)


@pytest.mark.parametrize(
    ("limit", "burst", "rate"),
    [(300, 10.0, 5.0), (60, 2.0, 1.0), (30, 1.0, 0.5), (10, 1.0, 1 / 6), (2, 1.0, 1 / 30)],
)
def test_rate_and_burst_follow_the_limit(limit: int, burst: float, rate: float) -> None:
    budget = full(limit)
    assert budget.burst == pytest.approx(burst)
    assert budget.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("limit", "share", "ours"),
    [(300, 1.0, 300), (300, 0.5, 150), (60, 0.29, 17), (100, 0.29, 29), (300, 0.001, 2), (1, 0.5, 1), (0, 0.5, 0)],
)
def test_a_share_of_a_limit_is_never_more_than_the_share_and_never_nothing(
    limit: int, share: float, ours: int
) -> None:
    assert share_of(limit, share) == ours


@pytest.mark.parametrize(
    ("tokens", "seconds", "available"),
    [
        pytest.param(10.0, 0, 10, id="full"),
        pytest.param(10.0, 3600, 10, id="never more than full"),
        pytest.param(0.0, 0, 0, id="empty"),
        pytest.param(0.0, 0.19, 0, id="almost one"),
        pytest.param(0.0, 0.2, 1, id="just one"),
        pytest.param(0.0, 1.0, 5, id="after a second"),
        pytest.param(0.999999, 0, 0, id="not quite one"),
        pytest.param(-3.0, 0, 0, id="below zero"),
        pytest.param(5.0, -3600, 5, id="a clock that stepped back gains nothing"),
    ],
)
def test_tokens_come_with_time(tokens: float, seconds: float, available: int) -> None:
    assert Budget(300, tokens, NOW).available(after(seconds), 0) == available


def test_spent_tokens_are_gone() -> None:
    budget = full(300).spent(7, NOW)
    assert budget.available(NOW, 0) == 3
    assert budget.spent(3, NOW).available(NOW, 0) == 0
    assert budget.refreshed_at == NOW


def test_a_bucket_never_holds_more_than_the_burst_of_its_limit() -> None:
    assert Budget(30, 10.0, NOW).available(NOW, 0) == 1


@pytest.mark.parametrize(
    ("retry_after_s", "pause_s"),
    [(None, 15), (30.0, 30), (0.0, 1), (-5.0, 1), (0.4, 1), (900.0, 900), (901.0, 900), (3.2e8, 900)],
)
def test_a_429_empties_the_bucket_and_pauses_within_bounds(retry_after_s: float | None, pause_s: float) -> None:
    budget = full(300).throttled(NOW, retry_after_s, 0)
    assert budget.paused_until == after(pause_s)
    assert budget.tokens == 0.0
    assert budget.throttled_count == 1
    assert budget.available(after(pause_s - 0.001), 0) == 0
    assert budget.available(after(pause_s), 0) == min(10, int(pause_s * budget.rate))


def test_429s_in_a_row_pause_longer_and_longer() -> None:
    budget, at, pauses = full(300), 0.0, []
    for _ in range(8):
        budget = budget.throttled(after(at), None, 0)
        assert budget.paused_until is not None
        pauses.append((budget.paused_until - after(at)).total_seconds())
        at += pauses[-1]
    assert pauses == [15, 30, 60, 120, 240, 480, 900, 900]


def test_429s_for_calls_made_before_the_pause_count_as_one() -> None:
    budget = full(300)
    for at in (0.0, 0.1, 0.2, 1.5):
        budget = budget.throttled(after(at), None, 0)
    assert budget.throttled_count == 1
    assert budget.paused_until == after(1.5 + 15)


def test_a_shorter_pause_does_not_cut_a_longer_one_short() -> None:
    budget = full(300).throttled(NOW, 60.0, 0).throttled(after(1), 5.0, 0)
    assert budget.paused_until == after(60)


def test_after_quiet_the_next_429_is_the_first_again() -> None:
    budget = full(300).throttled(NOW, None, 0).throttled(after(15), None, 0)
    assert budget.throttled_count == 2
    assert budget.paused_until == after(45)
    assert budget.throttled(after(45 + 300), None, 0).throttled_count == 3
    assert budget.throttled(after(45 + 301), None, 0).throttled_count == 1


def test_no_number_of_429s_overflows() -> None:
    budget, at = full(300), 0.0
    for _ in range(2000):
        budget = budget.throttled(after(at), 0.0, 0)
        at += 1.0
    assert budget.throttled_count == 2000
    paused = budget.throttled(after(at), None, 0).paused_until
    assert paused == after(at + MOST_PAUSE_S)


@pytest.mark.parametrize(("occupied", "available"), [(0, 10), (290, 10), (291, 9), (299, 1), (300, 0), (400, 0)])
def test_no_more_is_available_than_there_are_free_slots(occupied: int, available: int) -> None:
    assert full(300).available(NOW, occupied) == available


@pytest.mark.parametrize(
    ("quiet_minutes", "assumed"), [(0, 180.0), (1, 186.0), (10, 240.0), (20, 300.0), (1000, 300.0)]
)
def test_a_repeated_429_lowers_the_assumed_limit_and_quiet_raises_it(quiet_minutes: int, assumed: float) -> None:
    once = full(300).throttled(NOW, 10.0, 200)
    assert once.assumed_limit(NOW) == 300.0  # once may be chance
    twice = once.throttled(after(20), 10.0, 200)
    quiet_since = 30.0
    assert twice.assumed_limit(after(quiet_since + 60 * quiet_minutes)) == pytest.approx(assumed)


def test_the_assumed_limit_never_vanishes() -> None:
    budget, at = full(300), 0.0
    for _ in range(50):
        budget = budget.throttled(after(at), 1.0, 0)
        at += 2.0
    assert budget.assumed_limit(after(at)) >= 15.0


LONGEST_S = SEND_WITHIN_S + 40.0

STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 199, 200, 1000, 3000, 57_000, 60_000, 60_500]) | st.integers(0, 5000),  # ms until it
        st.sampled_from([1, 16, 10_000]),  # calls it would like to make
        # of each call, ms: from payment to arrival, and from arrival to the answer; None: the process was lost
        st.lists(
            st.tuples(
                st.sampled_from([0, 2000]) | st.integers(0, 12_000),
                st.none() | st.sampled_from([0, 30_000]) | st.integers(0, 30_000),
            ),
            min_size=1,
        ),
        st.sampled_from(["pay", "pay", "pay", "restart", "429"]),
    ),
    min_size=1,
    max_size=150,
)


@given(limit=st.sampled_from([2, 3, 29, 31, 60, 300]), steps=STEPS, offset_ms=st.integers(0, 60_000))
def test_no_window_of_a_minute_ever_holds_more_than_the_limit(
    limit: int, steps: list[tuple[int, int, list[tuple[int, int | None]], str]], offset_ms: int
) -> None:
    """Any processes pay from one row at random moments; a call arrives at any time before it is over."""
    budget, clock_ms = full(limit), 0
    arrivals: list[int] = []
    over: list[float] = []
    for wait_ms, wanted, timings, what in steps:
        clock_ms += wait_ms
        now = after(clock_ms / 1000)
        occupied = sum(end_ms > clock_ms - WINDOW_S * 1000 for end_ms in over)
        if what == "restart":  # another process reads the row as it was written
            budget = Budget(limit, budget.tokens, budget.refreshed_at, budget.paused_until)
        if what == "429":
            budget = budget.throttled(now, 0.0, occupied)
        calls = min(wanted, budget.available(now, occupied))
        budget = budget.spent(calls, now) if calls else budget
        for n in range(calls):
            delay_ms, answer_ms = timings[n % len(timings)]
            arrivals.append(clock_ms + delay_ms)
            over.append(clock_ms + (LONGEST_S * 1000 if answer_ms is None else delay_ms + answer_ms))
    arrivals.sort()
    sliding = (bisect_left(arrivals, start + 60_000) - n for n, start in enumerate(arrivals))
    assert max(sliding, default=0) <= limit
    ends = range(offset_ms, clock_ms + 120_000 + offset_ms, 60_000)
    fixed = (bisect_left(arrivals, end) - bisect_left(arrivals, end - 60_000) for end in ends)
    assert max(fixed, default=0) <= limit


def most_in_a_minute(arrivals: list[float]) -> int:
    arrivals = sorted(arrivals)
    return max(bisect_left(arrivals, start + MINUTE_S) - n for n, start in enumerate(arrivals))


@pytest.mark.parametrize("limit", [2, 30, 300])
@pytest.mark.parametrize("late_s", [0.0, 0.7, 12.0, 40.0])
def test_calls_that_arrive_late_and_then_promptly_do_not_meet_in_one_minute(limit: int, late_s: float) -> None:
    """The worst that can happen: everything paid for in the first minute is late, everything after is not."""
    budget = full(limit)
    log: list[tuple[float, float]] = []  # arrival, over
    for step in range(10 * 180):
        at = step / 10
        occupied = sum(over > at - WINDOW_S for _, over in log)
        calls = budget.available(after(at), occupied)
        budget = budget.spent(calls, after(at))
        arrival = at + (late_s if at < MINUTE_S else 0.0)
        log += [(arrival, arrival)] * calls
    assert most_in_a_minute([arrival for arrival, _ in log]) <= limit


def test_a_backlog_uses_nearly_all_of_the_limit() -> None:
    """Ten minutes of a process that claims four times a second; a call is answered after 0.2 s."""
    budget, made = full(300), 0
    over: list[float] = []
    for step in range(4 * 600):
        at = step / 4
        over = [end for end in over if end > at - WINDOW_S]
        calls = budget.available(after(at), len(over))
        budget = budget.spent(calls, after(at))
        over += [at + 0.2] * calls
        made += calls
    assert 0.97 * 300 * 10 <= made <= 300 * 10 + 10


def test_a_clock_that_is_set_back_does_not_stop_the_budget() -> None:
    ahead = Budget(300, 0.0, after(3600), after(3630), after(3600), 1)
    budget = ahead.rewound(NOW)
    assert budget.available(after(1), 0) == 0
    assert budget.paused_until == after(MOST_PAUSE_S)
    assert Budget(300, 0.0, after(3600)).rewound(NOW).available(after(1), 0) == 5
    assert budget.rewound(after(1)) is budget


@pytest.mark.parametrize(
    ("limit", "reserve"), [(2, 0), (30, 0), (60, 0), (99, 0), (100, 1), (120, 1), (200, 2), (300, 3), (3000, 3)]
)
def test_regular_polls_leave_the_reserve_over(limit: int, reserve: int) -> None:
    assert full(limit).reserve == reserve


@given(limit=st.integers(2, 100_000))
def test_the_reserve_never_takes_the_whole_bucket(limit: int) -> None:
    budget = full(limit)
    assert 0 <= budget.reserve < budget.available(NOW, 0)
    assert budget.spent(1, NOW).reserve == budget.reserve
