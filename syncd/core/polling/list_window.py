"""Which page of the list would end most lag: the window of creation times in which most expected lag has gathered.

Theory of operation: the list can be filtered by status and by creation time, so a page is chosen as a window of
creation times that holds about as much as fits on one page. Two kinds compete:

- of those *processing*: a row that should be on the page and is absent has probably finished. Absence is a hint and
  never an end: each such row costs a retrieve, which is why retrieves at hand limit what such a page can end, less
  those that rows absent already wait for;
- of those *done*: the page brings finished ones whole, with their links, but also those known to be done already,
  which take up space on it.

For each kind the best window is found in one pass with two ends over the rows in order of creation. Rows not seen
for long count more (FAIR_S), or rows far from all others would never be on the best page.

Sources: arXiv:2502.02430 (2025), on polling with noisy change signals, is the nearest relative: a page is a noisy
signal about many rows at once. Choosing the greatest sum of indices is Whittle's rule for an action on several
arms.
Numbers: judgements, checked on bench/polling (W2, W2b, W2-page20), unless something else is said beside them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.polling.survival import SurvivalCurve
from syncd.core.transcript import DONE, PROCESSING

FILL = 0.85
"""The share of a page that a window is expected to fill; one that overflows proves nothing by absence."""
LEAST_SAVED_LAG_S = 0.01
"""A page that would end less lag than this can wait: an empty workspace lists nothing."""
RETRIEVE_S = 0.3
"""How much longer the lag of an absent row lasts, since it has to be polled: a round trip (0.2 s), and half of the
time between two claims."""
EDGE_S = 0.002
"""Added at both ends of a window: Recall's times have milliseconds, and nobody says whether the ends belong to it."""
FAIR_S = 3.0
"""The lag of one that has not been seen for this long counts twice, for twice as long three times, and so on."""


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
    """A page to ask for, and the lag that it would end."""

    status: str
    after_s: float
    """Created at or after, seconds since the epoch."""
    before_s: float
    saved_lag_s: float
    """The lag it would probably end."""


def best_window(
    rows: Sequence[Waiting],
    done_s: Sequence[float],
    done_since_s: float,
    pages: Pages,
    retrieves: float,
    weight: float = 1.0,
) -> Window | None:
    """The window that would end most lag; None where none would end LEAST_SAVED_LAG_S.

    `rows`, which wait, and `done_s` are in order of creation; `done_s` are those known to be done, complete from
    `done_since_s` on. `retrieves` is how many can be made soon for more absent rows; less than 0 where those absent
    already wait for more than that. Each row stands for `weight` of them.
    """
    windows = [_of_processing(rows, pages, retrieves, weight), _of_done(rows, done_s, done_since_s, pages, weight)]
    best = max(
        (window for window in windows if window is not None), key=lambda window: window.saved_lag_s, default=None
    )
    return best if best is not None and best.saved_lag_s >= LEAST_SAVED_LAG_S else None


def _of_processing(rows: Sequence[Waiting], pages: Pages, retrieves: float, weight: float) -> Window | None:
    factor = weight * (1.0 + pages.foreign_share.get(PROCESSING, 0.0))
    fills = [factor * (1.0 - each.chance) for each in rows]
    found = _widest(rows, fills, [0.0] * len(rows), FILL * pages.size)
    if found is None:
        return None
    first, last = found
    inside = rows[first : last + 1]
    absent = weight * sum(each.chance for each in inside)
    polled_share = max(0.0, min(1.0, (retrieves + 1.0) / (absent + 1e-9)))
    expected_lag_s = weight * sum(each.expected_lag_s for each in inside)
    return _window(
        PROCESSING, inside, polled_share * weight * expected_lag_s / (expected_lag_s + RETRIEVE_S * absent + 1e-9)
    )


def _of_done(
    rows: Sequence[Waiting], done_s: Sequence[float], done_since_s: float, pages: Pages, weight: float
) -> Window | None:
    """Only where it is known how many are done already, since these take up space on the page."""
    begin = bisect_left(rows, done_since_s, key=lambda each: each.created_s)
    known = rows[begin:]
    factor = 1.0 + pages.foreign_share.get(DONE, 0.0)
    ranks = [bisect_right(done_s, each.created_s) for each in known]
    fills = [factor * weight * each.chance for each in known]
    taken = [factor * rank for rank in ranks]
    found = _widest(known, fills, taken, FILL * pages.size)
    return None if found is None else _window(DONE, known[found[0] : found[1] + 1], weight)


def _widest(
    rows: Sequence[Waiting], fills: Sequence[float], taken: Sequence[float], space: float
) -> tuple[int, int] | None:
    """First and last of the run that fits and has most expected lag; `taken`: space filled before each, in all."""
    best, best_lag_s = None, 0.0
    first, filled, expected_lag_s = 0, 0.0, 0.0
    for last, each in enumerate(rows):
        filled += fills[last]
        expected_lag_s += each.expected_lag_s
        while filled + taken[last] - taken[first] > space and first < last:
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
        saved_lag_s=factor * sum(each.expected_lag_s for each in inside),
    )
