import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.survival import (
    BINS,
    EDGES_S,
    FIRST_EDGE_S,
    RATIO,
    SurvivalCurve,
    bin_of,
    log_logistic,
    pieces,
    width_s,
)

YEAR_S = 365 * 86_400.0
BEGINS_S = st.floats(0, 1e6) | st.sampled_from([0.0, FIRST_EDGE_S, 1.0, 2.0, *EDGES_S[-3:]])
SPANS_S = st.floats(0, 1e5) | st.sampled_from([0.0, 1e-9, 0.25, FIRST_EDGE_S])
THRESHOLDS_S = st.floats(1e-3, 1800.0)
HAZARDS = st.floats(-9, 1).map(lambda power: 10.0**power) | st.sampled_from([0.0, 1e-12, 1e3])


@st.composite
def any_curves(draw: st.DrawFn) -> SurvivalCurve:
    """A few hazards of any size, each for a stretch of bins."""
    hazards = draw(st.lists(HAZARDS, min_size=1, max_size=6))
    return SurvivalCurve(tuple(hazards[bin_ * len(hazards) // BINS] for bin_ in range(BINS)))


def flat(hazard: float) -> SurvivalCurve:
    return SurvivalCurve((hazard,) * BINS)


def surviving(curve: SurvivalCurve, age_s: float) -> float:
    return 1.0 - curve.outlook(0.0, age_s).chance


def index_s(curve: SurvivalCurve, from_s: float, to_s: float) -> float:
    """The poll index, straight from the outlook: M / S, less the gap."""
    outlook, gap_s = curve.outlook(from_s, to_s), to_s - from_s
    return (gap_s - outlook.expected_lag_s) / (1.0 - outlook.chance) - gap_s


@pytest.mark.parametrize(
    ("age_s", "bin_"),
    [(-10.0, 0), (0.0, 0), (0.49, 0), (0.5, 1), (0.71, 2), (1.01, 3), (1e12, BINS - 1), (math.inf, BINS - 1)],
)
def test_every_age_has_its_bin(age_s: float, bin_: int) -> None:
    assert bin_of(age_s) == bin_


def test_the_bins_grow_by_one_ratio_and_leave_no_gap() -> None:
    assert EDGES_S[:2] == (0.0, FIRST_EDGE_S)
    assert all(high / low == pytest.approx(RATIO) for low, high in pairwise(EDGES_S[1:]))
    assert [bin_of(edge_s) for edge_s in EDGES_S] == list(range(BINS))
    assert all(EDGES_S[n] + width_s(n) == pytest.approx(EDGES_S[n + 1]) for n in range(BINS - 1))
    assert width_s(BINS - 1) == pytest.approx(EDGES_S[-1] * (RATIO - 1))


@pytest.mark.parametrize(
    ("from_s", "to_s", "expected"),
    [
        pytest.param(0.1, 0.3, [(0, 0.2)], id="inside one"),
        pytest.param(0.25, 1.0, [(0, 0.25), (1, 0.5 * RATIO - 0.5), (2, 1.0 - 0.5 * RATIO)], id="across three"),
        pytest.param(0.5, 0.5, [], id="nothing"),
        pytest.param(3.0, 1.0, [], id="backwards"),
        pytest.param(-2.0, -1.0, [(0, 1.0)], id="before its creation, by a clock that runs ahead"),
        pytest.param(-2.0, 0.6, [(0, 2.5), (1, 0.1)], id="from before its creation"),
        pytest.param(10 * YEAR_S, 11 * YEAR_S, [(BINS - 1, YEAR_S)], id="years"),
    ],
)
def test_an_interval_falls_into_pieces(from_s: float, to_s: float, expected: list[tuple[int, float]]) -> None:
    found = pieces(from_s, to_s)
    assert [bin_ for bin_, _ in found] == [bin_ for bin_, _ in expected]
    assert [seconds for _, seconds in found] == pytest.approx([seconds for _, seconds in expected])


@given(from_s=st.floats(-100, 1e9), seconds=st.floats(0, 1e9))
def test_the_pieces_are_the_whole(from_s: float, seconds: float) -> None:
    found = pieces(from_s, from_s + seconds)
    assert sum(piece_s for _, piece_s in found) == pytest.approx(seconds, rel=1e-9, abs=1e-6)
    assert all(piece_s > 0 for _, piece_s in found)
    assert [bin_ for bin_, _ in found] == sorted({bin_ for bin_, _ in found})


@pytest.mark.parametrize(
    ("hazard", "gap_s", "chance", "expected_lag_s"),
    [
        pytest.param(0.1, 10.0, 1 - math.exp(-1), 10 - 10 * (1 - math.exp(-1)), id="one mean"),
        pytest.param(0.1, 0.0, 0.0, 0.0, id="no time"),
        pytest.param(0.0, 1e9, 0.0, 0.0, id="never"),
        pytest.param(1e-12, 100.0, 1e-10, 0.0, id="nearly never"),
        pytest.param(1e3, 100.0, 1.0, 100 - 1e-3, id="at once"),
        pytest.param(1.0, 30 * YEAR_S, 1.0, 30 * YEAR_S - 1, id="decades"),
    ],
)
def test_the_outlook_at_a_constant_hazard(hazard: float, gap_s: float, chance: float, expected_lag_s: float) -> None:
    for from_s in (0.0, 3.0, 5000.0):
        outlook = flat(hazard).outlook(from_s, from_s + gap_s)
        assert outlook.chance == pytest.approx(chance, abs=1e-12)
        assert outlook.expected_lag_s == pytest.approx(expected_lag_s, abs=1e-6)


def test_a_small_expected_lag_is_exact() -> None:
    """To the second order: half the hazard times the square of the time."""
    assert flat(1e-8).outlook(50.0, 60.0).expected_lag_s == pytest.approx(0.5 * 1e-8 * 10.0**2, rel=1e-6)


@given(curve=any_curves(), from_s=BEGINS_S, spans_s=st.lists(SPANS_S, min_size=1, max_size=6))
def test_chance_and_expected_lag_stay_within_their_bounds_and_only_grow(
    curve: SurvivalCurve, from_s: float, spans_s: list[float]
) -> None:
    outlooks = [curve.outlook(from_s, from_s + span_s) for span_s in sorted(spans_s)]
    for span_s, outlook in zip(sorted(spans_s), outlooks, strict=True):
        assert 0.0 <= outlook.chance <= 1.0
        assert 0.0 <= outlook.expected_lag_s <= span_s + 1e-6
        assert outlook.expected_lag_s <= outlook.chance * span_s + 1e-6 + 1e-9 * span_s
    for one, other in pairwise(outlooks):
        assert one.chance <= other.chance + 1e-12
        assert one.expected_lag_s <= other.expected_lag_s + 1e-6


@given(curve=any_curves(), from_s=BEGINS_S, first_s=SPANS_S, second_s=SPANS_S)
def test_two_waits_in_a_row_are_one_long_wait(
    curve: SurvivalCurve, from_s: float, first_s: float, second_s: float
) -> None:
    between_s, to_s = from_s + first_s, from_s + first_s + second_s
    whole, first, second = (curve.outlook(*ages) for ages in ((from_s, to_s), (from_s, between_s), (between_s, to_s)))
    assert 1.0 - whole.chance == pytest.approx((1.0 - first.chance) * (1.0 - second.chance), abs=1e-9)
    expected_lag_s = first.expected_lag_s + first.chance * second_s + (1.0 - first.chance) * second.expected_lag_s
    assert whole.expected_lag_s == pytest.approx(expected_lag_s, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("hazard", [1e-6, 1e-3, 0.1, 10.0])
@pytest.mark.parametrize("threshold_s", [0.002, 0.1, 10.0, 1800.0])
def test_at_a_constant_hazard_only_the_gap_counts(hazard: float, threshold_s: float) -> None:
    gaps = [flat(hazard).age_at_threshold(from_s, threshold_s, 1e7) - from_s for from_s in (0.0, 1.0, 70.0, 9000.0)]
    assert gaps == pytest.approx([gaps[0]] * 4, rel=1e-6)
    assert math.expm1(hazard * gaps[0]) / hazard - gaps[0] == pytest.approx(threshold_s, rel=1e-6)


def test_where_little_is_expected_the_gap_grows_with_the_root_of_the_threshold() -> None:
    once, four_times = (flat(1e-6).age_at_threshold(0.0, threshold_s, 1e7) for threshold_s in (0.01, 0.04))
    assert four_times / once == pytest.approx(2.0, rel=1e-3)


@given(curve=any_curves(), from_s=BEGINS_S, longest_s=st.floats(0, 1e5), threshold_s=THRESHOLDS_S)
def test_a_poll_is_due_when_its_index_reaches_the_threshold_or_at_the_cap(
    curve: SurvivalCurve, from_s: float, longest_s: float, threshold_s: float
) -> None:
    until_s = from_s + longest_s
    age_s = curve.age_at_threshold(from_s, threshold_s, until_s)
    assert from_s <= age_s <= until_s
    chance = curve.outlook(from_s, age_s).chance
    if chance > 1.0 - 1e-9:
        return
    if age_s < until_s:
        slope = max(curve.hazards[max(0, bin_of(age_s) - 1) :][:2]) * (age_s - from_s + threshold_s)
        blur_s = 1e-15 * age_s * slope  # an age is no finer a number than this
        assert index_s(curve, from_s, age_s) == pytest.approx(threshold_s, rel=1e-6, abs=blur_s + 1e-9)
    else:
        assert index_s(curve, from_s, until_s) <= threshold_s * (1.0 + 1e-6) + 1e-6


@given(
    curve=any_curves(),
    from_s=BEGINS_S,
    thresholds_s=st.lists(THRESHOLDS_S | st.just(0.0), min_size=2, max_size=5).map(sorted),
)
def test_a_higher_threshold_never_polls_sooner(
    curve: SurvivalCurve, from_s: float, thresholds_s: list[float]
) -> None:
    ages = [curve.age_at_threshold(from_s, threshold_s, from_s + 7200.0) for threshold_s in thresholds_s]
    assert all(one <= other + 1e-6 for one, other in pairwise(ages))


@pytest.mark.parametrize("hazard", [0.0, 1e-12, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize("from_s", [0.0, 0.5, 33.0, 1e6])
def test_at_a_threshold_of_zero_a_poll_is_due_at_once(hazard: float, from_s: float) -> None:
    assert flat(hazard).age_at_threshold(from_s, 0.0, from_s + 1000.0) == from_s


@pytest.mark.parametrize("until_s", [0.0, 9.0, 10.0])
def test_a_cap_that_is_reached_already_is_the_answer(until_s: float) -> None:
    assert flat(0.1).age_at_threshold(10.0, 1.0, until_s) == until_s


def test_what_never_finishes_is_polled_at_the_cap() -> None:
    assert flat(0.0).age_at_threshold(5.0, 0.1, 3605.0) == 3605.0


@given(hazards=st.lists(HAZARDS | st.sampled_from([5e-324, 1e-300, 1e6]), min_size=BINS, max_size=BINS).map(tuple))
@pytest.mark.parametrize("from_s", [-5.0, 0.0, 1e6, YEAR_S, 50 * YEAR_S])
def test_no_hazard_and_no_age_breaks_the_arithmetic(hazards: tuple[float, ...], from_s: float) -> None:
    curve = SurvivalCurve(hazards)
    for threshold_s in (0.0, 1e-9, 0.002, 1800.0, 1e12):
        for longest_s in (0.0, 1e-9, 0.5, 3600.0, YEAR_S):
            age_s = curve.age_at_threshold(from_s, threshold_s, from_s + longest_s)
            outlook = curve.outlook(from_s, age_s)
            assert from_s <= age_s <= from_s + longest_s
            assert 0.0 <= outlook.chance <= 1.0
            assert 0.0 <= outlook.expected_lag_s <= longest_s + 1e-6


@given(curve=any_curves(), share=st.floats(1e-9, 0.999_999))
def test_the_quantile_undoes_the_survival(curve: SurvivalCurve, share: float) -> None:
    age_s = curve.quantile(share)
    if math.isfinite(age_s):
        assert 1.0 - surviving(curve, age_s) == pytest.approx(share, rel=1e-6, abs=1e-6)
    else:
        assert 1.0 - surviving(curve, 1e12) <= share


@pytest.mark.parametrize(
    ("hazard", "share", "age_s"),
    [
        pytest.param(0.01, 0.5, math.log(2) / 0.01, id="the median"),
        pytest.param(0.01, 0.0, 0.0, id="nobody"),
        pytest.param(0.01, 1.0, math.inf, id="everybody"),
        pytest.param(0.0, 0.5, math.inf, id="never"),
        pytest.param(1e-12, 0.5, math.log(2) * 1e12, id="in the last bin"),
    ],
)
def test_the_quantiles_of_a_constant_hazard(hazard: float, share: float, age_s: float) -> None:
    assert flat(hazard).quantile(share) == pytest.approx(age_s)


@pytest.mark.parametrize(("median_s", "p95_s"), [(60.0, 360.0), (90.0, 900.0), (300.0, 2400.0), (2100.0, 7200.0)])
def test_a_heavy_tail_goes_through_its_two_quantiles(median_s: float, p95_s: float) -> None:
    curve = log_logistic(median_s, p95_s)
    shape = math.log(19.0) / math.log(p95_s / median_s)
    for edge_s in EDGES_S:
        assert surviving(curve, edge_s) == pytest.approx(1.0 / (1.0 + (edge_s / median_s) ** shape), rel=1e-6)
    assert bin_of(curve.quantile(0.5)) == bin_of(median_s)
    assert bin_of(curve.quantile(0.95)) == bin_of(p95_s)
    assert curve.quantile(0.5) == pytest.approx(median_s, rel=0.05)
    assert curve.quantile(0.95) == pytest.approx(p95_s, rel=0.05)


def test_the_longer_a_heavy_tail_has_lasted_the_less_often_it_is_polled() -> None:
    curve = log_logistic(60.0, 360.0)
    gaps = [
        curve.age_at_threshold(age_s, 0.5, age_s + 1e6) - age_s
        for age_s in (200.0, 1000.0, 5000.0, 50_000.0, 500_000.0)
    ]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 10 * gaps[0]


def test_where_rounding_keeps_the_steps_from_settling_the_search_still_ends_at_the_root() -> None:
    hazard, threshold_s = 1.024439733095232e-09, 0.0011586467671233982
    age_s = SurvivalCurve((hazard,) * BINS).age_at_threshold(0.0, threshold_s, 1e5)
    assert age_s == pytest.approx(math.sqrt(2 * threshold_s / hazard), rel=1e-3)
