"""The best times to look at one transcript, where a look has a price that depends on its time.

Theory of operation: with F the share that has finished at an age, and A its integral, a look at age t that follows
one at age a costs, for each transcript handed in,

    A(t) - A(a) - F(a) (t - a)     lag of those that finish between the two, seconds
    price(t) (1 - F(a))            the look, made where the last one found nothing

Barlow, Hunter and Proschan (1963), "Optimum checking procedures", J. SIAM 11(4), give the recursion that the best
times obey where the price is constant; it does not say which of its solutions is the best. Here their cost is
minimised from the begin on. What a look at t costs with all before it is A(t) + price(t) plus a function of the look
before, which is linear in t + price(t) with the slope -F(a). The slopes only fall, so the least of these lines form
a hull, and the best looks up to every age are found in one pass.

Looks fall on a grid, STEPS to a usual gap, so that the least cost is found too high by no more than two parts in a
thousand (tests/bench/test_bounds.py, where the best times are known).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

STEPS = 8
"""Grid points to about the best gap: sqrt(2 price / hazard) where looks are dense, less where they are dear."""
_NOBODY = 1e-5
"""A share that is too small to look for."""

Share = Callable[[float], float]
"""The share that has finished at an age in seconds, 0..1."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Ages at which one may look, seconds, from the age at which a transcript is handed in."""

    ages_s: list[float]
    finished: list[float]
    """The share at each age."""
    areas_s: list[float]
    """Its integral from the begin: the lag of those finished, if nobody ever looked."""


def grid_of(finished: Share, begin_s: float, end_s: float, price_s: float) -> Grid:
    """A grid fit for looks of about this price, up to where nobody is left to finish before the end."""
    grid = Grid([begin_s], [finished(begin_s)], [0.0])
    most = finished(end_s) - _NOBODY
    for age_s in _ages(finished, begin_s, end_s, price_s):
        before_s, share = grid.ages_s[-1], finished(age_s)
        middle = finished((before_s + age_s) / 2)
        area_s = (grid.finished[-1] + 4.0 * middle + share) / 6.0 * (age_s - before_s)
        grid.ages_s.append(age_s)
        grid.finished.append(share)
        grid.areas_s.append(grid.areas_s[-1] + area_s)
        if share >= most:
            break
    return grid


def _ages(finished: Share, begin_s: float, end_s: float, price_s: float) -> Iterator[float]:
    """Ages after the begin up to the end, closer together where looks are, and where many still wait."""
    age_s = begin_s
    step_s = min(price_s, end_s - begin_s) / STEPS
    while age_s < end_s:
        share = finished(age_s)
        still = max(_NOBODY, 1.0 - share)
        hazard = (finished(age_s + step_s) - share) / step_s / still
        gap_s = (
            math.sqrt(2.0 * price_s / hazard) / (1.0 + math.sqrt(hazard * price_s) / 2) if hazard > 0.0 else math.inf
        )
        step_s = max(min(gap_s, max(age_s, price_s)), price_s / 20) / STEPS / max(0.3, still**0.25)
        age_s = min(age_s + step_s, end_s)
        yield age_s


@dataclass(frozen=True, slots=True)
class Looks:
    """The best looks at one transcript."""

    cost_s: float
    """Expected lag up to the end, of those finished by then, and the price of the looks."""
    made: list[tuple[int, float]]
    """The place of each look in the grid, and the chance that it is made; the last one first."""


def best(grid: Grid, end_s: float, prices_s: Sequence[float]) -> Looks:
    """The looks of least cost, with a price for each place of the grid.

    One that has finished before the begin lags from there. Nothing is paid for the end, where everything is seen:
    whoever has not looked lags until then.
    """
    ages_s, finished, areas_s = grid.ages_s, grid.finished, grid.areas_s
    shares, heights, places = [0.0], [0.0], [-1]
    """The hull: minus the slope of each line, its height at 0, and the place of its look; -1: none yet."""
    before = []
    at = 0
    for place, price_s in enumerate(prices_s):
        age_s = ages_s[place]
        if age_s >= end_s:
            break
        at = _least(shares, heights, age_s + price_s, min(at, len(shares) - 1))
        before.append(places[at])
        share = finished[place]
        height = price_s + heights[at] - shares[at] * (age_s + price_s) + share * age_s
        if share <= shares[-1] and height >= heights[-1]:
            continue
        _drop_covered(shares, heights, places, share, height)
        shares.append(share)
        heights.append(height)
        places.append(place)
    at = _least(shares, heights, end_s, len(shares) - 1)
    area_s = areas_s[len(before) - 1] + finished[len(before) - 1] * (end_s - ages_s[len(before) - 1])
    return Looks(area_s + heights[at] - shares[at] * end_s, list(_made(before, finished, places[at])))


def _least(shares: list[float], heights: list[float], at_s: float, near: int) -> int:
    """The line that is the least there; the search begins near."""
    value_s = heights[near] - shares[near] * at_s
    for step in (1, -1):
        while 0 <= near + step < len(shares):
            other_s = heights[near + step] - shares[near + step] * at_s
            if other_s > value_s:
                break
            near, value_s = near + step, other_s
    return near


def _drop_covered(shares: list[float], heights: list[float], places: list[int], share: float, height: float) -> None:
    """Take away the last lines as long as they are nowhere the least, with the new one there."""
    while len(shares) > 1:
        rise, last_rise = height - heights[-2], heights[-1] - heights[-2]
        if rise * (shares[-1] - shares[-2]) > last_rise * (share - shares[-2]):
            break
        del shares[-1], heights[-1], places[-1]


def _made(before: Sequence[int], finished: Sequence[float], place: int) -> Iterator[tuple[int, float]]:
    while place >= 0:
        earlier = before[place]
        yield place, 1.0 - (finished[earlier] if earlier >= 0 else 0.0)
        place = earlier
