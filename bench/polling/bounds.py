"""A bound on the mean lag of every poller that asks one id at a time.

Theory of operation: the bound is the least mean lag over relaxations, each of which can only help.

* The limit holds on average only: in each minute no more looks are expected than it has calls.
* The true distributions are known: for each provider, and of each transcript left from before that it never ends.
* A look is made at the very moment that is best, with any number of others, and waits for nothing.
* At the end everything is seen for nothing. Lags count up to the end, here as in the runs.

Then transcripts have only the sums of their looks in common, and a price for each minute replaces these (Lagrange;
for restless bandits Whittle 1988): whatever the prices, the least cost of each transcript alone (inspections.py),
less the price of all calls, is no more than the expected lag of any poller. Good prices are found by the root law:
looks grow with one over the root of the price. With lists one call shows many transcripts, and this is no bound.

It bounds expectations: for these times of creation and these providers, on average over the times of finishing. The
mean of one run lies to either side of its own expectation.

The closed form for dense looks, (sum of I)^2 / (2 calls) with I the integral of sqrt(density * survival), is not
used. It is a bound where densities fall: a gap of length L, in which a share q finishes, then costs at least q L / 2
of lag, and Cauchy and Schwarz do the rest. Ours rise first, and where looks are few (16 for each transcript on a
business day) a poller that waits for the rise can be below it.
"""

import math
import operator
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from bench.polling.conditions import Conditions
from bench.polling.inspections import Grid, Share, best, grid_of
from bench.polling.rate_limit import ROUND_TRIP_S, most_calls
from bench.polling.workload import BEGIN, Transcript, Workload
from syncd.core.rate_limit.budget import WINDOW_S

PASSES, POWER = 4, 1.5
"""Improvements of the prices. By the root law the power is 2; where looks are few, 2 would be too much."""
FIRST_PRICE_S, LEAST_SHARE, SAMPLE = 1.0, 0.1, 16
"""One transcript in so many is enough for a price to begin with; none is less than this share of it."""
SLOT_S = WINDOW_S + ROUND_TRIP_S
"""The time for which a price stands. In it no more calls are paid for than the limit has."""
ANSWER_S = ROUND_TRIP_S / 2
"""From what an answer shows to the answer."""


@dataclass(frozen=True)
class Alike:
    """Transcripts of one provider; ages are seconds from creation."""

    finished: Share
    begin_s: float
    """When the last of them was handed in: later is cheaper."""
    created_s: list[float]
    """Seconds after the begin of the run."""


def bound(workload: Workload, conditions: Conditions) -> float:
    """The least mean lag that retrieves alone can be expected to reach, seconds."""
    alike, end_s = list(_alike(workload)), workload.ends_s - BEGIN
    ages = [(each.finished, end_s - created_s) for each in alike for created_s in each.created_s]
    answers_s = ANSWER_S * sum(finished(age_s - ANSWER_S) for finished, age_s in ages if age_s > ANSWER_S)
    count = sum(finished(age_s) for finished, age_s in ages)
    return (_least(alike, end_s - ANSWER_S, conditions.retrieve_limit) + answers_s) / count


def _least(alike: list[Alike], end_s: float, limit: int) -> float:
    """The least sum of lags within the limit, seconds: the greatest over all prices that were tried."""
    begins_s = (SLOT_S * slot for slot in range(math.ceil(end_s / SLOT_S)))
    calls = [most_calls(limit, min(SLOT_S, end_s - begin_s)) for begin_s in begins_s]
    one_s = _one_price(alike, end_s, sum(calls))
    grids = _grids(alike, end_s, one_s)
    prices_s, greatest_s = [one_s] * len(calls), 0.0
    for _ in range(PASSES):
        cost_s, looks = _costs(grids, end_s, prices_s)
        greatest_s = max(greatest_s, cost_s - sum(map(operator.mul, prices_s, calls)))
        prices_s = [max(one_s * LEAST_SHARE, price_s) for price_s in map(_better, prices_s, looks, calls)]
    return greatest_s


def _one_price(alike: list[Alike], end_s: float, calls: float) -> float:
    """A price, seconds, at which the looks are about as many as the calls of the whole run, by a sample."""
    sample = [replace(each, created_s=each.created_s[::SAMPLE]) for each in alike]
    share = sum(len(each.created_s) for each in sample) / sum(len(each.created_s) for each in alike)
    price_s = FIRST_PRICE_S
    for _ in range(PASSES):
        _, looks = _costs(_grids(sample, end_s, price_s), end_s, [price_s] * math.ceil(end_s / SLOT_S))
        price_s = _better(price_s, sum(looks), share * calls)
    return price_s


def _better(price_s: float, looks: float, calls: float) -> float:
    """The price that brings looks nearer to calls."""
    return price_s * math.pow(max(0.1, looks / calls), POWER)


Grids = list[tuple[Grid, list[float]]]
"""For each provider, with the times of creation."""


def _grids(alike: Iterable[Alike], end_s: float, price_s: float) -> Grids:
    """Grids for prices that lie around this one."""
    usual_s = price_s * math.sqrt(LEAST_SHARE)
    return [(grid_of(each.finished, each.begin_s, end_s, usual_s), each.created_s) for each in alike]


def _costs(grids: Grids, end_s: float, prices_s: list[float]) -> tuple[float, list[float]]:
    """The least lag and price of all transcripts together, and the looks that they expect in each slot."""
    total_s, looks = 0.0, [0.0] * len(prices_s)
    for grid, created in grids:
        for created_s in created:
            slots = [int((created_s + age_s) / SLOT_S) for age_s in grid.ages_s if created_s + age_s < end_s]
            found = best(grid, end_s - created_s, [prices_s[slot] for slot in slots])
            total_s += found.cost_s
            for place, chance in found.made:
                looks[slots[place]] += chance
    return total_s, looks


def _alike(workload: Workload) -> Iterable[Alike]:
    """By provider. Those left from before never finish, and cost nobody a call who knows it."""
    by_provider: dict[str, list[Transcript]] = defaultdict(list)
    for each in workload.tracked:
        if each.is_live:
            by_provider[each.provider].append(each)
    for provider, ours in by_provider.items():
        begin_s = max(each.tracked_s - each.created_s for each in ours)
        still = workload.survivals[provider]
        created_s = [each.created_s - BEGIN for each in ours]
        yield Alike(partial(_finished, still), begin_s, created_s)


def _finished(still: Share, age_s: float) -> float:
    return 1.0 - still(age_s)
