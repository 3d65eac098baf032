import math
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.strata import (
    AGED_AFTER,
    HALF_LIFE,
    LONG_RECORDING_S,
    Stratum,
    Tally,
    aged,
    estimated,
    first_guess,
    length_class,
)
from syncd.core.polling.survival import BINS, EDGES_S, SurvivalCurve, bin_of, log_logistic

MANY = 20_000


def evenly(count: int) -> list[float]:
    """Shares of a distribution, as evenly as can be."""
    return [(n + 0.5) / count for n in range(count)]


def exponential(hazard: float) -> Callable[[float], float]:
    return lambda share: -math.log1p(-share) / hazard


def tally_of(ages_s: Iterable[float], *, stuck_count: int = 0, stuck_s: float = 0.0) -> Tally:
    """Finishes at these ages, watched from creation on, and some that are stuck."""
    tally = Tally()
    for age_s in ages_s:
        tally.count(0.0, age_s, has_finished=True)
    for _ in range(stuck_count):
        tally.count(0.0, stuck_s, has_finished=False)
    return tally


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        ("deepgram_async", "async"),
        ("new_async", "async"),
        ("meeting_captions", "live"),
        ("deepgram_streaming", "live"),
        ("assembly_ai_async_chunked", "live"),
    ],
)
def test_the_name_says_whether_it_exists_during_the_meeting(provider: str, kind: str) -> None:
    assert Stratum(provider).kind == kind


def test_an_observation_of_a_stratum_counts_for_its_provider_too() -> None:
    assert Stratum("x_async", "long").wider == (Stratum("x_async", "long"), Stratum("x_async"))
    assert Stratum("x_async").wider == (Stratum("x_async"),)


@pytest.mark.parametrize(
    ("recording_s", "word"),
    [(None, None), (0.0, "short"), (LONG_RECORDING_S - 1, "short"), (LONG_RECORDING_S, "long"), (1e6, "long")],
)
def test_a_recording_is_short_or_long(recording_s: float | None, word: str | None) -> None:
    assert length_class(recording_s) == word


def test_an_observation_counts_the_time_of_waiting_and_the_finish() -> None:
    tally = Tally()
    tally.count(0.25, 1.25, has_finished=False)
    tally.count(1.25, 1.3, has_finished=True)
    assert sum(tally.exposure_s) == pytest.approx(1.05)
    assert tally.exposure_s[0] == pytest.approx(0.25)
    assert [bin_ for bin_, count in enumerate(tally.finished) if count] == [bin_of(1.3)]


def test_a_finish_at_the_moment_of_the_last_poll_still_counts() -> None:
    tally = Tally()
    tally.count(10.0, 10.0, has_finished=True)
    assert sum(tally.finished) == 1.0
    assert sum(tally.exposure_s) == 0.0
    assert all(
        math.isfinite(hazard) for hazard in estimated({Stratum("x_async"): tally}).of(Stratum("x_async")).hazards
    )


@given(cuts=st.lists(st.floats(0, 1e6), min_size=2, max_size=8, unique=True).map(sorted), has_finished=st.booleans())
def test_many_observations_count_like_one_over_their_whole_time(cuts: list[float], has_finished: bool) -> None:
    often, once = Tally(), Tally()
    for n in range(len(cuts) - 1):
        often.count(cuts[n], cuts[n + 1], has_finished=has_finished and n == len(cuts) - 2)
    once.count(cuts[0], cuts[-1], has_finished=has_finished)
    assert often.finished == once.finished
    assert often.exposure_s == pytest.approx(once.exposure_s, abs=1e-6)


@pytest.mark.parametrize("elapsed_s", [-5.0, 0.0, AGED_AFTER.total_seconds()])
def test_counts_are_not_aged_too_often(elapsed_s: float) -> None:
    assert aged(tally_of([100.0]), elapsed_s) is None


@pytest.mark.parametrize(("half_lives", "share"), [(1.0, 0.5), (3.0, 0.125), (1e6, 0.0)])
def test_what_was_seen_counts_half_after_its_half_life(half_lives: float, share: float) -> None:
    tally = tally_of([100.0, 2.0, 2.1])
    older = aged(tally, half_lives * HALF_LIFE.total_seconds())
    assert older is not None
    assert older.finished == pytest.approx([share * count for count in tally.finished])
    assert older.exposure_s == pytest.approx([share * seconds for seconds in tally.exposure_s])
    assert sum(tally.finished) == 3.0


def test_tallies_add_up() -> None:
    total = tally_of([1.0, 5.0])
    total.add(tally_of([5.0]), 0.5)
    assert total.finished[bin_of(5.0)] == pytest.approx(1.5)
    assert sum(total.exposure_s) == pytest.approx(8.5)


@pytest.mark.parametrize("hazard", [1e-4, 0.01, 0.5])
@pytest.mark.parametrize("provider", ["deepgram_async", "meeting_captions", "new_async"])
def test_with_many_finishes_the_hazard_is_the_true_one(provider: str, hazard: float) -> None:
    tally = tally_of(map(exponential(hazard), evenly(MANY)))
    curve = estimated({Stratum(provider): tally}).of(Stratum(provider))
    known = [bin_ for bin_ in range(BINS) if tally.finished[bin_] >= 200]
    assert known
    assert [curve.hazards[bin_] for bin_ in known] == pytest.approx([hazard] * len(known), rel=0.05)


@pytest.mark.parametrize("factor", [0.1, 10.0])
@pytest.mark.parametrize("count", [40, 80])
def test_a_first_guess_that_is_wrong_by_far_is_forgotten_after_a_few_dozen(factor: float, count: int) -> None:
    guess = first_guess("deepgram_async")
    assert guess is not None
    truth = log_logistic(60.0 * factor, 360.0 * factor)
    tally = tally_of(map(truth.quantile, evenly(count)))
    curve = estimated({Stratum("deepgram_async"): tally}).of(Stratum("deepgram_async"))
    for share in (0.5, 0.9):
        before = guess.quantile(share) / truth.quantile(share)
        after = curve.quantile(share) / truth.quantile(share)
        assert abs(math.log(before)) > math.log(8)
        assert abs(math.log(after)) < math.log(1.35)


def test_one_that_waits_where_all_others_of_its_kind_finish_is_soon_believed() -> None:
    others, truth = tally_of([257.0 + 0.05 * n for n in range(100)] * 100), log_logistic(600.0, 3600.0)
    ours = tally_of(map(truth.quantile, evenly(40)))
    curve = estimated({Stratum("deepgram_async"): others, Stratum("new_async"): ours}).of(Stratum("new_async"))
    assert curve.quantile(0.5) == pytest.approx(truth.quantile(0.5), rel=0.35)


def test_nothing_seen_leaves_the_first_guess() -> None:
    curve = estimated({Stratum("deepgram_async"): Tally()}).of(Stratum("deepgram_async"))
    guess = first_guess("deepgram_async")
    assert guess is not None
    assert curve.hazards == pytest.approx(guess.hazards)


def test_stuck_transcripts_lower_the_hazard_of_the_tail() -> None:
    ages_s, day_s = [*map(log_logistic(60.0, 360.0).quantile, evenly(200))], 86_400.0
    without = estimated({Stratum("rev_async"): tally_of(ages_s)}).of(Stratum("rev_async"))
    stuck = tally_of(ages_s, stuck_count=100, stuck_s=3 * day_s)
    with_them = estimated({Stratum("rev_async"): stuck}).of(Stratum("rev_async"))
    tail = range(bin_of(3600.0), bin_of(day_s))
    assert all(with_them.hazards[bin_] < 0.2 * without.hazards[bin_] for bin_ in tail)
    assert with_them.quantile(0.3) == pytest.approx(without.quantile(0.3), rel=1.0)
    assert with_them.quantile(0.9) > 50 * without.quantile(0.9)


def test_those_still_waiting_are_not_taken_for_fast() -> None:
    """Watched for ten minutes only; half of them last longer than that."""
    ages_s = [log_logistic(600.0, 6000.0).quantile(share) for share in evenly(400)]
    tally = Tally()
    for age_s in ages_s:
        tally.count(0.0, min(age_s, 600.0), has_finished=age_s <= 600.0)
    curve = estimated({Stratum("new_async"): tally}).of(Stratum("new_async"))
    assert 1.0 - curve.outlook(0.0, 590.0).chance == pytest.approx(0.5, abs=0.05)


def test_an_unknown_provider_is_expected_to_be_like_its_kind() -> None:
    deepgram = tally_of(map(exponential(0.5), evenly(2000)))
    curves = estimated({Stratum("deepgram_async"): deepgram, Stratum("deepgram_async", "long"): deepgram})
    assert curves.of(Stratum("new_async")) is curves.by_kind["async"]
    assert curves.of(Stratum("new_async", "long")) is curves.by_kind["async"]
    assert curves.of(Stratum("new_streaming")) is curves.by_kind["live"]
    assert curves.of(Stratum(None)) is curves.by_kind["async"]
    guess = first_guess("async")
    assert guess is not None
    assert curves.of(Stratum("new_async")).quantile(0.5) < 0.2 * guess.quantile(0.5)
    assert curves.of(Stratum("new_streaming")).hazards == pytest.approx((first_guess("live") or guess).hazards)


def test_a_known_provider_that_was_not_seen_yet_keeps_its_first_guess() -> None:
    curves = estimated({Stratum("deepgram_async"): tally_of(map(exponential(0.5), evenly(2000)))})
    assert curves.of(Stratum("rev_async")) == first_guess("rev_async")
    assert curves.of(Stratum("rev_async", "short")) == first_guess("rev_async")


def test_the_length_of_the_recording_refines_what_is_known() -> None:
    short, long = tally_of([20.0] * 50 + [30.0] * 50), tally_of([300.0] * 50 + [500.0] * 50)
    every = Tally()
    every.add(short)
    every.add(long)
    classes = {
        Stratum("deepgram_async", "short"): short,
        Stratum("deepgram_async", "long"): long,
        Stratum("deepgram_async"): every,
    }
    curves = estimated(classes)
    medians = [curves.of(Stratum("deepgram_async", length)).quantile(0.5) for length in ("short", "long")]
    assert medians[0] < 60 < 200 < medians[1]
    assert medians[0] < curves.of(Stratum("deepgram_async")).quantile(0.5) < medians[1]


def test_a_length_that_was_never_seen_is_expected_to_be_like_its_provider() -> None:
    curves = estimated({Stratum("deepgram_async"): tally_of([20.0] * 50)})
    assert curves.of(Stratum("deepgram_async", "long")) is curves.of(Stratum("deepgram_async"))


@given(
    observations=st.lists(
        st.tuples(
            st.sampled_from(
                [Stratum("rev_async"), Stratum("new_async"), Stratum("x_live"), Stratum("rev_async", "long")]
            ),
            st.floats(-10, 1e9),
            st.floats(-10, 1e9),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_whatever_was_seen_the_hazards_are_numbers(observations: list[tuple[Stratum, float, float, bool]]) -> None:
    tallies: dict[Stratum, Tally] = {}
    for stratum, from_s, to_s, has_finished in observations:
        for each in stratum.wider:
            tallies.setdefault(each, Tally()).count(from_s, to_s, has_finished=has_finished)
    curves = estimated(tallies)
    every: list[SurvivalCurve] = [*curves.by_stratum.values(), *curves.by_kind.values()]
    assert all(math.isfinite(hazard) and hazard >= 0 for curve in every for hazard in curve.hazards)
    for edge_s in EDGES_S[::8]:
        assert all(math.isfinite(curve.age_at_threshold(edge_s, 0.1, edge_s + 3600)) for curve in every)
