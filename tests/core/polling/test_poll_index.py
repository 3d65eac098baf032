from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.poll_index import (
    GAIN_DOUBLES_S,
    JITTER,
    LATE_SHARE,
    LEAST_GAIN,
    LEAST_THRESHOLD_S,
    LONGEST_GAP_S,
    MOST_GAIN,
    MOST_THRESHOLD_S,
    REGULAR_SHARE,
    SHORTEST_GAP_S,
    Policy,
    adjusted_gain,
    next_poll,
    spread,
    threshold_for,
    until_next_try,
)
from syncd.core.polling.strata import Stratum, learned
from syncd.core.polling.survival import BINS, SurvivalCurve, log_logistic

HOUR_S, DAY_S = 3600.0, 86_400.0
USUAL = log_logistic(60.0, 360.0)
NEVER, AT_ONCE = SurvivalCurve((0.0,) * BINS), SurvivalCurve((1e3,) * BINS)


@pytest.mark.parametrize(
    ("curve", "left_s", "gap_s"),
    [
        pytest.param(NEVER, 7 * DAY_S, LONGEST_GAP_S, id="nothing is expected: the longest gap"),
        pytest.param(AT_ONCE, 7 * DAY_S, SHORTEST_GAP_S, id="it must be finished: the shortest gap"),
        pytest.param(NEVER, 2 * HOUR_S, 720.0, id="two hours until it is deleted: a tenth of that"),
        pytest.param(NEVER, 60.0, 30.0, id="a minute until it is deleted: not more often than that"),
        pytest.param(NEVER, 0.0, LONGEST_GAP_S, id="it should be deleted by now, and is not"),
        pytest.param(NEVER, -1e9, LONGEST_GAP_S, id="it should have been deleted long ago"),
        pytest.param(AT_ONCE, -1e9, SHORTEST_GAP_S, id="and yet it must be finished"),
        pytest.param(NEVER, 1e12, LONGEST_GAP_S, id="it is kept forever"),
    ],
)
def test_the_gap_has_a_floor_and_a_ceiling(curve: SurvivalCurve, left_s: float, gap_s: float) -> None:
    for age_s in (0.0, 100.0, 7 * DAY_S):
        assert next_poll(curve, age_s, 0.1, left_s, 0.5) == pytest.approx(gap_s)


def test_a_look_comes_when_it_is_worth_its_price() -> None:
    gap_s = next_poll(USUAL, 100.0, 0.5, 7 * DAY_S, 0.5)
    outlook = USUAL.outlook(100.0, 100.0 + gap_s)
    assert (gap_s - outlook.expected_lag_s) / (1.0 - outlook.chance) - gap_s == pytest.approx(0.5)
    assert outlook.expected_lag_s == pytest.approx(0.5, rel=0.2)


@given(
    age_s=st.floats(-10, 1e8),
    thresholds_s=st.lists(st.floats(0, 1800), min_size=2, max_size=4).map(sorted),
    left_s=st.floats(-1e7, 1e9),
    jitter=st.floats(0, 1),
)
def test_every_gap_is_within_its_bounds_and_patience_never_shortens_it(
    age_s: float, thresholds_s: list[float], left_s: float, jitter: float
) -> None:
    for curve in (USUAL, NEVER, AT_ONCE):
        gaps = [next_poll(curve, age_s, threshold_s, left_s, jitter) for threshold_s in thresholds_s]
        assert all((1 - JITTER) * SHORTEST_GAP_S <= gap <= (1 + JITTER) * LONGEST_GAP_S for gap in gaps)
        assert all(one <= other + 1e-6 for one, other in pairwise(gaps))


@pytest.mark.parametrize(("threshold_s", "at_most"), [(0.1, 500), (1.0, 160), (100.0, 20)])
def test_two_hours_of_waiting_cost_few_looks(threshold_s: float, at_most: int) -> None:
    age_s, looks = 0.0, 0
    while age_s < 2 * HOUR_S:
        age_s += next_poll(USUAL, age_s, threshold_s, 7 * DAY_S, 0.5)
        looks += 1
    assert looks <= at_most


def test_the_cadence_looks_at_each_class_by_its_own_curve() -> None:
    policy = Policy(learned({}), 0.5)
    for provider in ("deepgram_async", "meeting_captions", "new_async"):
        curve = policy.curves.of(Stratum(provider))
        gap_s = policy.next_poll(Stratum(provider), 30.0, DAY_S, 0.5)
        assert gap_s == next_poll(curve, 30.0, 0.5, DAY_S, 0.5)


@pytest.mark.parametrize(
    ("demand", "rate", "gain", "threshold_s"),
    [
        pytest.param(REGULAR_SHARE * 5.0, 5.0, 1.0, 1.0, id="a patience of 1 s just fits"),
        pytest.param(2 * REGULAR_SHARE * 5.0, 5.0, 1.0, 4.0, id="twice the demand: four times the patience"),
        pytest.param(REGULAR_SHARE * 5.0, 10.0, 1.0, 0.25, id="twice the budget: a quarter of it"),
        pytest.param(REGULAR_SHARE * 5.0, 5.0, 0.5, 0.5, id="corrected"),
        pytest.param(0.0, 5.0, 1.0, LEAST_THRESHOLD_S, id="nobody waits"),
        pytest.param(0.0, 1 / 30, LEAST_GAIN, LEAST_THRESHOLD_S, id="nobody waits, at the smallest budget"),
        pytest.param(1e9, 5.0, MOST_GAIN, MOST_THRESHOLD_S, id="a flood"),
    ],
)
def test_the_patience_follows_the_demand(demand: float, rate: float, gain: float, threshold_s: float) -> None:
    assert threshold_for(demand, rate, gain) == pytest.approx(threshold_s)


@pytest.mark.parametrize("threshold_s", [0.01, 0.5, 20.0])
def test_at_the_price_the_looks_fit_into_the_budget(threshold_s: float) -> None:
    """A thousand polled by the root law: what was planned at one threshold is repriced at another."""
    curve, rate, age_s = SurvivalCurve((1e-6,) * BINS), 5.0, 1000.0
    gap_s = curve.age_at_threshold(age_s, threshold_s, 1e9) - age_s
    price_s = threshold_for(1000 * threshold_s**0.5 / gap_s, rate, 1.0)
    assert 1000 / (curve.age_at_threshold(age_s, price_s, 1e9) - age_s) == pytest.approx(
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
def test_the_correction_follows_what_looks_met(
    elapsed_s: float, lateness: float | None, is_idle: bool, factor: float
) -> None:
    assert adjusted_gain(0.5, elapsed_s, lateness, is_idle=is_idle) == pytest.approx(0.5 * factor)


@given(
    steps=st.lists(st.tuples(st.floats(-10, 1e6), st.none() | st.floats(-1, 1e6), st.booleans()), max_size=100),
    demand=st.floats(0, 1e9),
)
def test_neither_correction_nor_patience_runs_away(
    steps: list[tuple[float, float | None, bool]], demand: float
) -> None:
    gain = 1.0
    for elapsed_s, lateness, is_idle in steps:
        gain = adjusted_gain(gain, elapsed_s, lateness, is_idle=is_idle)
        assert LEAST_GAIN <= gain <= MOST_GAIN
        assert LEAST_THRESHOLD_S <= threshold_for(demand, 5.0, gain) <= MOST_THRESHOLD_S


@pytest.mark.parametrize(
    ("attempts", "gap_s"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 600), (50, 600), (10**9, 600)]
)
def test_tries_are_further_and_further_apart(attempts: int, gap_s: float) -> None:
    assert until_next_try(attempts, 0.5) == pytest.approx(gap_s)
    assert until_next_try(attempts, 0.0) == pytest.approx(gap_s * 0.9)
    assert until_next_try(attempts, 1.0) == pytest.approx(gap_s * 1.1)


@pytest.mark.parametrize(("jitter", "gap_s"), [(0.0, 90.0), (0.25, 95.0), (0.5, 100.0), (1.0, 110.0)])
def test_gaps_are_spread_to_both_sides(jitter: float, gap_s: float) -> None:
    assert spread(100.0, jitter) == pytest.approx(gap_s)
