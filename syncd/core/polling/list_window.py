"""Which page of the list is worth most: the window of creation times in which the most lag has probably gathered.

A window holds about as much as fits on one page. Of those still processing, a page shows who has left by their
absence, and each of those costs a retrieve. Of those that are done, it brings whole artifacts with their links, but
also those that were known to be done already, which fill it in vain.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.polling.survival import SurvivalCurve
from syncd.core.transcript import DONE, PROCESSING

FILL = 0.85
"""The share of a page that a window is expected to fill; one that overflows proves nothing by absence."""
LEAST_SAVED_LAG_S = 0.01
"""A page that would end less lag than this can wait."""
ASK_S = 0.3
"""How much longer the lag of a leaver lasts, since it has to be asked about."""
EDGE_S = 0.002
"""Room at both ends of a window, for times are rounded and nobody says whether the ends belong to it."""


FAIR_S = 3.0
"""The lag of one that has not been seen for this long counts twice, for thrice as long three times, and so on."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A tracked transcript that was unfinished when it was last seen."""

    created_s: float
    """When Recall created it, seconds since the epoch."""
    chance: float
    """That it has finished since."""
    expected_lag_s: float
    """The lag it has probably gathered; more than that for one that has not been seen for long."""


def waiting(curve: SurvivalCurve, created_s: float, seen_s: float, now_s: float) -> Waiting:
    """One created and last seen unfinished at these times, seconds since the epoch."""
    outlook = curve.outlook(seen_s - created_s, now_s - created_s)
    return Waiting(created_s, outlook.chance, outlook.expected_lag_s * (1.0 + (now_s - seen_s) / FAIR_S))


@dataclass(frozen=True, slots=True)
class Pages:
    """What is known about pages of the list."""

    size: float
    """Entries on a full page, as seen."""
    foreign_share: dict[str, float]
    """By status: how many entries of others came with one of ours."""


@dataclass(frozen=True, slots=True)
class Window:
    """A page to ask for, and what it is worth."""

    status: str
    after_s: float
    """Created at or after, seconds since the epoch."""
    before_s: float
    worth_s: float
    """The lag it would probably end."""


def best_window(
    rows: Sequence[Waiting],
    done_s: Sequence[float],
    done_since_s: float,
    pages: Pages,
    retrieves: float,
    weight: float = 1.0,
) -> Window | None:
    """The window worth most; None where none is worth a call.

    `rows`, which wait, and `done_s` are in order of creation; `done_s` are those known to be done, complete from
    `done_since_s` on. `retrieves` is how many can be made soon. Each row stands for `weight` of them.
    """
    windows = [_of_processing(rows, pages, retrieves, weight), _of_done(rows, done_s, done_since_s, pages, weight)]
    best = max((window for window in windows if window is not None), key=lambda window: window.worth_s, default=None)
    return best if best is not None and best.worth_s >= LEAST_SAVED_LAG_S else None


def _of_processing(rows: Sequence[Waiting], pages: Pages, retrieves: float, weight: float) -> Window | None:
    factor = weight * (1.0 + pages.foreign_share.get(PROCESSING, 0.0))
    fills = [factor * (1.0 - each.chance) for each in rows]
    found = _widest(rows, fills, [0.0] * len(rows), FILL * pages.size)
    if found is None:
        return None
    first, last = found
    inside = rows[first : last + 1]
    leavers = weight * sum(each.chance for each in inside)
    askable = min(1.0, (retrieves + 1.0) / (leavers + 1e-9))
    expected_lag_s = weight * sum(each.expected_lag_s for each in inside)
    return _window(PROCESSING, inside, askable * weight * expected_lag_s / (expected_lag_s + ASK_S * leavers + 1e-9))


def _of_done(
    rows: Sequence[Waiting], done_s: Sequence[float], done_since_s: float, pages: Pages, weight: float
) -> Window | None:
    """Only where it is known how many are done already, since these fill the page in vain."""
    begin = bisect_left(rows, done_since_s, key=lambda each: each.created_s)
    known = rows[begin:]
    factor = 1.0 + pages.foreign_share.get(DONE, 0.0)
    places = [bisect_right(done_s, each.created_s) for each in known]
    fills = [factor * weight * each.chance for each in known]
    vain = [factor * place for place in places]
    found = _widest(known, fills, vain, FILL * pages.size)
    return None if found is None else _window(DONE, known[found[0] : found[1] + 1], weight)


def _widest(
    rows: Sequence[Waiting], fills: Sequence[float], vain: Sequence[float], room: float
) -> tuple[int, int] | None:
    """First and last of the run that fits into the room and has the most debt; `vain`: filled before each, in all."""
    best, best_lag_s = None, 0.0
    first, filled, expected_lag_s = 0, 0.0, 0.0
    for last, each in enumerate(rows):
        filled += fills[last]
        expected_lag_s += each.expected_lag_s
        while filled + vain[last] - vain[first] > room and first < last:
            filled -= fills[first]
            expected_lag_s -= rows[first].expected_lag_s
            first += 1
        if expected_lag_s > best_lag_s:
            best, best_lag_s = (first, last), expected_lag_s
    return best


def _window(status: str, inside: Sequence[Waiting], factor: float) -> Window:
    return Window(
        status,
        after_s=inside[0].created_s - EDGE_S,
        before_s=inside[-1].created_s + EDGE_S,
        worth_s=factor * sum(each.expected_lag_s for each in inside),
    )
