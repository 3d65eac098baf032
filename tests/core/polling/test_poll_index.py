from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.poll_index import (
    JITTER,
    LONGEST_GAP_S,
    SHORTEST_GAP_S,
    next_poll,
    spread,
    until_next_try,
)
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
def test_the_gap_has_a_lower_and_an_upper_limit(curve: SurvivalCurve, left_s: float, gap_s: float) -> None:
    for age_s in (0.0, 100.0, 7 * DAY_S):
        assert next_poll(curve, age_s, 0.1, left_s, 0.5) == pytest.approx(gap_s)


def test_a_poll_comes_when_its_index_reaches_the_threshold() -> None:
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
def test_every_gap_is_within_its_bounds_and_a_higher_threshold_never_shortens_it(
    age_s: float, thresholds_s: list[float], left_s: float, jitter: float
) -> None:
    for curve in (USUAL, NEVER, AT_ONCE):
        gaps = [next_poll(curve, age_s, threshold_s, left_s, jitter) for threshold_s in thresholds_s]
        assert all((1 - JITTER) * SHORTEST_GAP_S <= gap <= (1 + JITTER) * LONGEST_GAP_S for gap in gaps)
        assert all(one <= other + 1e-6 for one, other in pairwise(gaps))


@pytest.mark.parametrize(("threshold_s", "at_most"), [(0.1, 500), (1.0, 160), (100.0, 20)])
def test_two_hours_of_waiting_cost_few_polls(threshold_s: float, at_most: int) -> None:
    age_s, polls = 0.0, 0
    while age_s < 2 * HOUR_S:
        age_s += next_poll(USUAL, age_s, threshold_s, 7 * DAY_S, 0.5)
        polls += 1
    assert polls <= at_most


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
