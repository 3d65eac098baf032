"""The bound for pollers without lists: right where the best looks are known, and below what every policy reaches."""

import itertools
import math
import re
import statistics
from bisect import bisect_left
from functools import partial

import pytest

from bench.polling import scenarios, steady, workload
from bench.polling.bounds import bound
from bench.polling.conditions import Conditions
from bench.polling.inspections import Looks, best, grid_of
from bench.polling.rate_limit import RateLimiter, most_calls
from bench.polling.runs import POLICIES


def looks_at(finished: partial[float], end_s: float, price_s: float) -> tuple[Looks, list[float]]:
    """The best looks from age 0, and their ages, the first one first."""
    grid = grid_of(finished, 0.0, end_s, price_s)
    looks = best(grid, end_s, [price_s] * len(grid.ages_s))
    return looks, [grid.ages_s[place] for place, _ in reversed(looks.made)]


def exponential(rate: float, age_s: float) -> float:
    return -math.expm1(-rate * age_s)


def uniform(longest_s: float, age_s: float) -> float:
    return min(1.0, age_s / longest_s)


@pytest.mark.parametrize(("rate", "price_s"), [(1 / 100, 3.0), (1 / 20, 0.2), (1 / 5, 30.0)])
def test_where_nothing_ages_all_gaps_are_alike_and_cost_what_the_best_one_costs(rate: float, price_s: float) -> None:
    """A gap g costs (price + g - q / rate) / q, with q the share that finishes in it (Barlow, Hunter, Proschan)."""
    gaps = (0.01 * 1.002**step for step in range(6000))
    shares = ((gap, exponential(rate, gap)) for gap in gaps)
    least_s, gap_s = min(((price_s + gap - share / rate) / share, gap) for gap, share in shares)
    looks, ages_s = looks_at(partial(exponential, rate), 60 / rate, price_s)
    assert looks.cost_s == pytest.approx(least_s, rel=2e-3)
    assert ages_s[0] == pytest.approx(gap_s, rel=0.15)


def test_where_all_ages_are_alike_gaps_shrink_by_the_price() -> None:
    """Each gap is as long as the next and the price; the last two are alike, for the end is seen for nothing."""
    longest_s, price_s, count = 1000.0, 3.0, 23
    shortest_s = (longest_s - price_s * count * (count - 1) / 2) / (count + 1)
    gaps_s = [shortest_s + price_s * max(0, left) for left in range(count - 1, -2, -1)]
    ages_s = [0.0, *itertools.accumulate(gaps_s)]
    lag_s = sum(gap**2 for gap in gaps_s) / 2 / longest_s
    paid_s = price_s * sum(1 - age_s / longest_s for age_s in ages_s[:count])
    looks, found_s = looks_at(partial(uniform, longest_s), longest_s, price_s)
    assert looks.cost_s == pytest.approx(lag_s + paid_s, rel=2e-3)
    assert len(found_s) == pytest.approx(count, abs=2)
    assert found_s[0] == pytest.approx(gaps_s[0], rel=0.1)


def test_a_look_that_costs_more_than_it_saves_is_not_made() -> None:
    looks, ages_s = looks_at(partial(uniform, 100.0), 100.0, 60.0)
    assert looks.cost_s == pytest.approx(50.0, rel=1e-3)
    assert ages_s == []


def test_looks_wait_for_a_lower_price() -> None:
    grid = grid_of(partial(exponential, 0.01), 0.0, 200.0, 5.0)
    looks = best(grid, 200.0, [5.0 if 50 <= age_s < 100 else 0.5 for age_s in grid.ages_s])
    ages_s = [grid.ages_s[place] for place, _ in looks.made]
    dear = sum(50 <= age_s < 100 for age_s in ages_s)
    assert dear <= 2 < sum(100 <= age_s < 150 for age_s in ages_s)


def test_no_policy_is_below_the_bound_and_the_best_one_is_near() -> None:
    """On average over draws; each policy asks one id at a time."""
    days, conditions = [workload.business(seed, hours=0.05) for seed in range(2)], Conditions(share=0.2)
    least_s = statistics.mean(bound(day, conditions) for day in days)
    policies = (scenarios.RETRIEVES, scenarios.INFORMED_RETRIEVES, *scenarios.BASELINES)
    means_s = {
        name: statistics.mean(POLICIES[name](day, conditions).lags().mean for day in days) for name in policies
    }
    assert least_s < min(means_s.values()) < 2 * least_s


def test_without_a_weight_the_mean_is_the_least_and_with_one_the_old_ones_pay() -> None:
    found = list(steady.slices(workload.business(0)))
    plain, weighed = (steady.line(found, c_s) for c_s in (math.inf, 3600.0))
    numbers = [
        [float(number) for number in re.findall(r"(?<= )[\d.]+(?= s[;,]| s$)", each)] for each in (plain, weighed)
    ]
    (mean_s, old_s, others_s), (weighed_mean_s, weighed_old_s, weighed_others_s) = (each[-3:] for each in numbers)
    assert mean_s < weighed_mean_s
    assert old_s < weighed_old_s
    assert others_s > weighed_others_s


def test_a_bound_grows_as_the_share_falls_to_the_lag_of_those_never_asked() -> None:
    day = workload.business(0, hours=0.1)
    bounds_s = [bound(day, Conditions(share=share)) for share in (0.2, 0.05)]
    assert bounds_s == sorted(bounds_s)
    never_asked = [day.ends_s - max(each.finished_s, each.tracked_s) for each in day.tracked]
    assert bounds_s[-1] < statistics.mean(lag_s for lag_s in never_asked if lag_s > 0)


@pytest.mark.parametrize("limit", [300, 30, 2])
def test_nobody_makes_more_calls_than_the_bound_allows_for(limit: int) -> None:
    limiter, now_s, made = RateLimiter(limit, 0.0), 0.0, []
    while now_s < 400.0:
        calls = limiter.available(now_s)
        limiter.pay(now_s, calls)
        made += [now_s] * calls
        now_s += 0.05
    for seconds in (30.0, 60.7, 200.0, 303.5):
        fullest = max(bisect_left(made, begin_s + seconds) - place for place, begin_s in enumerate(made))
        assert fullest <= most_calls(limit, seconds)
