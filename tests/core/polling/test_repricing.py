"""The threshold: computed from the demand, corrected by what polls met."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.poll_index import SHORTEST_GAP_S
from syncd.core.polling.repricing import (
    BESIDE_BACKLOG,
    BRING_FORWARD_RATIO,
    GAIN_DOUBLES_S,
    LATE_SHARE,
    LEAST_GAIN,
    LEAST_THRESHOLD_S,
    MOST_GAIN,
    MOST_THRESHOLD_S,
    REGULAR_SHARE,
    REPRICE_S,
    SHORTEST_COUNTED_GAP_S,
    Threshold,
    adjusted_gain,
    demand_of,
    earlier_gap,
    is_budget_idle,
    lateness_of,
    repriced,
    threshold_for,
)
from syncd.core.polling.survival import BINS, SurvivalCurve
from syncd.core.rate_limit.budget import Budget
from tests.core.samples import NOW


@pytest.mark.parametrize(
    ("demand", "rate", "gain", "threshold_s"),
    [
        pytest.param(REGULAR_SHARE * 5.0, 5.0, 1.0, 1.0, id="a threshold of 1 s just fits"),
        pytest.param(2 * REGULAR_SHARE * 5.0, 5.0, 1.0, 4.0, id="twice the demand: four times the threshold"),
        pytest.param(REGULAR_SHARE * 5.0, 10.0, 1.0, 0.25, id="twice the budget: a quarter of it"),
        pytest.param(REGULAR_SHARE * 5.0, 5.0, 0.5, 0.5, id="corrected"),
        pytest.param(0.0, 5.0, 1.0, LEAST_THRESHOLD_S, id="nobody waits"),
        pytest.param(0.0, 1 / 30, LEAST_GAIN, LEAST_THRESHOLD_S, id="nobody waits, at the smallest budget"),
        pytest.param(1e9, 5.0, MOST_GAIN, MOST_THRESHOLD_S, id="a flood"),
    ],
)
def test_the_threshold_follows_the_demand(demand: float, rate: float, gain: float, threshold_s: float) -> None:
    assert threshold_for(demand, rate, gain) == pytest.approx(threshold_s)


@pytest.mark.parametrize("threshold_s", [0.01, 0.5, 20.0])
def test_at_the_threshold_the_polls_fit_into_the_budget(threshold_s: float) -> None:
    """A thousand polled by the root law: what was planned at one threshold is repriced at another."""
    curve, rate, age_s = SurvivalCurve((1e-6,) * BINS), 5.0, 1000.0
    gap_s = curve.age_at_threshold(age_s, threshold_s, 1e9) - age_s
    repriced_s = threshold_for(1000 * threshold_s**0.5 / gap_s, rate, 1.0)
    assert 1000 / (curve.age_at_threshold(age_s, repriced_s, 1e9) - age_s) == pytest.approx(
        REGULAR_SHARE * rate, rel=0.01
    )


@pytest.mark.parametrize(
    ("elapsed_s", "lateness", "is_idle", "factor"),
    [
        pytest.param(GAIN_DOUBLES_S, 1.0, False, 2.0, id="late: doubled"),
        pytest.param(GAIN_DOUBLES_S, 1.0, True, 2.0, id="late although idle: late counts"),
        pytest.param(GAIN_DOUBLES_S, None, True, 0.5, id="idle: halved"),
        pytest.param(GAIN_DOUBLES_S, LATE_SHARE, True, 0.5, id="hardly late, and idle: halved"),
        pytest.param(GAIN_DOUBLES_S, LATE_SHARE, False, 1.0, id="hardly late: left alone"),
        pytest.param(GAIN_DOUBLES_S, None, False, 1.0, id="nothing to say: left alone"),
        pytest.param(GAIN_DOUBLES_S / 10, 9.0, False, 1.1, id="after a moment: a little"),
        pytest.param(1e9, 9.0, False, 2.0, id="after a pause: no more than doubled"),
        pytest.param(0.0, 9.0, False, 1.0, id="after no time: nothing"),
        pytest.param(-5.0, 9.0, False, 1.0, id="a clock that stepped back: nothing"),
    ],
)
def test_the_gain_follows_late_polls_and_idle_calls(
    elapsed_s: float, lateness: float | None, is_idle: bool, factor: float
) -> None:
    assert adjusted_gain(0.5, elapsed_s, lateness, is_idle=is_idle) == pytest.approx(0.5 * factor)


@given(
    steps=st.lists(st.tuples(st.floats(-10, 1e6), st.none() | st.floats(-1, 1e6), st.booleans()), max_size=100),
    demand=st.floats(0, 1e9),
)
def test_neither_gain_nor_threshold_runs_away(steps: list[tuple[float, float | None, bool]], demand: float) -> None:
    gain = 1.0
    for elapsed_s, lateness, is_idle in steps:
        gain = adjusted_gain(gain, elapsed_s, lateness, is_idle=is_idle)
        assert LEAST_GAIN <= gain <= MOST_GAIN
        assert LEAST_THRESHOLD_S <= threshold_for(demand, 5.0, gain) <= MOST_THRESHOLD_S


def test_demand_is_what_would_be_polled_at_a_threshold_of_one() -> None:
    assert demand_of([]) == 0.0
    assert demand_of([(100.0, 1.0), (100.0, 4.0), (0.0, 1.0)]) == pytest.approx(0.01 + 0.02 + 10.0)


@pytest.mark.parametrize(
    ("elapsed_s", "is_fresh"),
    [(0.0, True), (0.89, True), (0.91, False), (REPRICE_S, False), (-3600.0, False), (None, False)],
)
def test_a_threshold_is_fresh_for_a_moment(elapsed_s: float | None, is_fresh: bool) -> None:
    repriced_at = None if elapsed_s is None else NOW - timedelta(seconds=elapsed_s)
    assert Threshold(repriced_at=repriced_at).is_fresh(NOW) is is_fresh


@pytest.mark.parametrize(
    ("lateness", "is_idle", "gain"),
    [((1.0, 2.0), False, 1.2), ((), True, 1 / 1.2), ((0.0, 0.1), False, 1.0), ((0.0, 0.1), True, 1 / 1.2)],
)
def test_repricing_follows_demand_and_lateness(lateness: tuple[float, ...], is_idle: bool, gain: float) -> None:
    before = Threshold(1.0, 1.0, NOW - timedelta(seconds=2))
    after = repriced(before, 9.0, 5.0, lateness, NOW, is_idle=is_idle, has_backlog=False)
    assert (after.threshold_s, after.gain) == pytest.approx((4.0 * gain, gain))
    assert after.repriced_at == NOW


def test_beside_a_backlog_polls_are_planned_into_what_it_leaves_them_and_the_gain_stays() -> None:
    """What it leaves over is never idle, and its calls may make polls late; neither says anything about the polls."""
    before = Threshold(1.0, 0.5, NOW - timedelta(seconds=60))
    after = repriced(before, 9.0, 5.0, [9.0], NOW, is_idle=True, has_backlog=True)
    assert after == Threshold(threshold_for(9.0, 5.0 * BESIDE_BACKLOG, 0.5), 0.5, NOW)


@pytest.mark.parametrize(("tokens", "occupied", "is_idle"), [(10.0, 0, True), (9.9, 0, False), (10.0, 300, False)])
def test_calls_are_left_over_where_the_bucket_is_full_and_the_window_open(
    tokens: float, occupied: int, is_idle: bool
) -> None:
    assert is_budget_idle(Budget(300, tokens, NOW), occupied, NOW) is is_idle


@pytest.mark.parametrize(
    ("seen_s", "due_s", "late"),
    [
        pytest.param(None, 5.0, None, id="a first poll"),
        pytest.param(0.0, 11.0, None, id="not due yet"),
        pytest.param(0.0, 10.0, 0.0, id="in time"),
        pytest.param(4.0, 8.0, 0.5, id="late by half its gap"),
        pytest.param(8.0, 8.0, 2.0 / SHORTEST_COUNTED_GAP_S, id="no gap"),
    ],
)
def test_lateness_is_a_share_of_the_gap(seen_s: float | None, due_s: float, late: float | None) -> None:
    assert lateness_of(seen_s, due_s, 10.0) == (late if late is None else pytest.approx(late))


@pytest.mark.parametrize(
    ("planned_s", "gap_s"),
    [(16.0, 25.0), (BRING_FORWARD_RATIO, None), (1.0, None), (1e9, SHORTEST_GAP_S)],
)
def test_a_gap_shrinks_with_the_root_of_the_threshold(planned_s: float, gap_s: float | None) -> None:
    assert earlier_gap(100.0, planned_s, 1.0) == gap_s
