from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syncd.core.polling.list_window import (
    EDGE_S,
    FAIR_S,
    FILL,
    LEAST_SAVED_LAG_S,
    Pages,
    Waiting,
    Window,
    best_window,
    waiting,
)
from syncd.core.polling.survival import BINS, SurvivalCurve
from syncd.core.transcript import DONE, PROCESSING

PLENTY, NO_RETRIEVES = 1e9, -1.0
NEVER_KNOWN = 1e12
"""From when on it is known what is done, where it is not known at all: no window of finished ones is planned."""


def pages(size: int = 100, processing: float = 0.0, done: float = 0.0) -> Pages:
    return Pages(size, {PROCESSING: processing, DONE: done})


def row(created_s: float, chance: float = 0.0, expected_lag_s: float = 1.0) -> Waiting:
    return Waiting(created_s, chance, expected_lag_s)


def is_like(window: Window | None, status: str, first_s: float, last_s: float, saved_lag_s: float) -> bool:
    if window is None or window.saved_lag_s != pytest.approx(saved_lag_s):
        return False
    return (window.status, window.after_s, window.before_s) == (status, first_s - EDGE_S, last_s + EDGE_S)


def inside(window: Window, rows: Sequence[Waiting]) -> list[Waiting]:
    return [each for each in rows if window.after_s < each.created_s < window.before_s]


ROWS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 100) | st.sampled_from([0.0, 1e-9, 1e6])), min_size=0, max_size=8
).map(lambda pairs: [row(10.0 * n, *pair) for n, pair in enumerate(pairs)])
SIZES = st.integers(1, 10)


def most_lag_s(rows: Sequence[Waiting], fill: Callable[[int, int], float], space: float) -> tuple[float, float]:
    """The most expected lag of any run that fits, of all of them; one alone always fits.

    Twice: without the runs that fill the page to the last digit, and with them. Rounding decides about these.
    """

    def most(limit: float) -> float:
        runs = combinations_with_replacement(range(len(rows)), 2)
        fitting = (run for run in runs if run[0] == run[1] or fill(*run) <= limit)
        return max((sum(each.expected_lag_s for each in rows[a : b + 1]) for a, b in fitting), default=0.0)

    return most(space - 1e-9), most(space + 1e-9)


@given(rows=ROWS, size=SIZES, foreign=st.floats(0, 5), weight=st.sampled_from([1.0, 2.0, 7.0]))
def test_no_run_of_unfinished_ones_that_fits_has_more_expected_lag(
    rows: list[Waiting], size: int, foreign: float, weight: float
) -> None:
    def fill(first: int, last: int) -> float:
        return weight * (1 + foreign) * sum(1 - each.chance for each in rows[first : last + 1])

    window = best_window(rows, [], NEVER_KNOWN, pages(size, processing=foreign), PLENTY, weight)
    least_s, most_s = most_lag_s(rows, fill, FILL * size)
    if window is None:
        assert weight * least_s <= LEAST_SAVED_LAG_S + 0.31 * weight * len(rows)
        return
    assert window.status == PROCESSING
    assert window.saved_lag_s <= weight * most_s * (1 + 1e-9)
    assert least_s * (1 - 1e-6) <= sum(each.expected_lag_s for each in inside(window, rows)) <= most_s * (1 + 1e-6)


@example(rows=[row(0.0, 0.0), row(10.0, FILL)], done_s=[0.0], size=1, foreign=0.0, weight=1.0)
@given(
    rows=ROWS,
    done_s=st.lists(st.floats(-5, 85), max_size=20).map(sorted),
    size=SIZES,
    foreign=st.floats(0, 5),
    weight=st.sampled_from([1.0, 2.0, 7.0]),
)
def test_no_run_of_finished_ones_that_fits_has_more_expected_lag(
    rows: list[Waiting], done_s: list[float], size: int, foreign: float, weight: float
) -> None:
    def fill(first: int, last: int) -> float:
        begin_s, end_s = rows[first].created_s, rows[last].created_s
        taken = sum(begin_s < each_s <= end_s for each_s in done_s)
        return (1 + foreign) * (weight * sum(each.chance for each in rows[first : last + 1]) + taken)

    window = best_window(rows, done_s, 0.0, pages(size, done=foreign), NO_RETRIEVES, weight)
    least_s, most_s = most_lag_s(rows, fill, FILL * size)
    if window is None:
        assert weight * least_s < LEAST_SAVED_LAG_S
        return
    assert window.status == DONE
    saved_lag_s = weight * sum(each.expected_lag_s for each in inside(window, rows))
    assert weight * least_s * (1 - 1e-6) <= saved_lag_s <= weight * most_s * (1 + 1e-6)
    assert window.saved_lag_s == pytest.approx(saved_lag_s, rel=1e-9)
    assert window.saved_lag_s >= LEAST_SAVED_LAG_S


@given(
    rows=ROWS,
    done_s=st.lists(st.floats(-5, 85), max_size=9).map(sorted),
    since_s=st.floats(-10, 100),
    size=SIZES,
    foreign=st.floats(0, 1000),
    retrieves=st.floats(-20, 50),
    weight=st.floats(1, 64),
)
def test_any_window_begins_and_ends_at_one_that_waits(
    rows: list[Waiting],
    done_s: list[float],
    since_s: float,
    size: int,
    foreign: float,
    retrieves: float,
    weight: float,
) -> None:
    window = best_window(rows, done_s, since_s, pages(size, foreign, foreign), retrieves, weight)
    if window is not None:
        assert window.saved_lag_s >= LEAST_SAVED_LAG_S
        assert window.after_s + EDGE_S in [pytest.approx(each.created_s) for each in rows]
        assert window.before_s - EDGE_S in [pytest.approx(each.created_s) for each in rows]
        assert window.saved_lag_s <= weight * sum(each.expected_lag_s for each in inside(window, rows)) * (1 + 1e-9)
        assert window.status == PROCESSING or window.after_s >= since_s - 2 * EDGE_S


@pytest.mark.parametrize("rows", [[], [row(5.0, 0.5, 0.0)], [row(n, 0.001, 1e-5) for n in range(50)]])
def test_where_no_lag_would_end_no_page_is_asked_for(rows: list[Waiting]) -> None:
    assert best_window(rows, [], 0.0, pages(), PLENTY) is None


def test_pages_nothing_is_known_about_hold_no_others() -> None:
    rows = [row(n) for n in range(200)]
    window = best_window(rows, [], NEVER_KNOWN, Pages(100, {}), PLENTY)
    assert window is not None
    assert len(inside(window, rows)) == 85


@pytest.mark.parametrize(("foreign", "count"), [(0.0, 85), (1.0, 42), (4.0, 17), (1000.0, 1)])
@pytest.mark.parametrize("status", [PROCESSING, DONE])
def test_rows_of_others_narrow_the_window(status: str, foreign: float, count: int) -> None:
    chance, since_s, retrieves = (0.0, NEVER_KNOWN, PLENTY) if status == PROCESSING else (1.0, 0.0, NO_RETRIEVES)
    rows = [row(float(n), chance) for n in range(200)]
    window = best_window(rows, [], since_s, pages(100, foreign, foreign), retrieves)
    assert window is not None
    assert window.status == status
    assert len(inside(window, rows)) == count


def test_the_window_lies_where_the_expected_lag_is() -> None:
    rows = [row(float(n), 0.0, 100.0 if 40 <= n < 50 else 0.1) for n in range(100)]
    window = best_window(rows, [], NEVER_KNOWN, pages(12), PLENTY)
    assert window is not None
    assert (window.after_s, window.before_s) == pytest.approx((40 - EDGE_S, 49 + EDGE_S))


def test_one_row_that_does_not_fit_is_still_listed() -> None:
    window = best_window([row(3.0, 0.0, 9.0)], [], NEVER_KNOWN, pages(1, processing=50.0), PLENTY)
    assert is_like(window, PROCESSING, 3.0, 3.0, 9.0)


@pytest.mark.parametrize(
    ("chance", "done_between", "retrieves", "status"),
    [
        pytest.param(0.1, 0, PLENTY, DONE, id="few finished: a page of finished ones reaches far"),
        pytest.param(0.1, 50, PLENTY, PROCESSING, id="among many known to be done: a page of unfinished ones"),
        pytest.param(0.9, 0, 0.0, DONE, id="many have left and nobody can ask about them"),
        pytest.param(0.9, 5, PLENTY, PROCESSING, id="many have left and all can be asked about"),
        pytest.param(0.9, 5, 2.0, DONE, id="many have left and few can be asked about"),
    ],
)
def test_the_window_shows_those_of_whom_it_shows_more(
    chance: float, done_between: int, retrieves: float, status: str
) -> None:
    rows = [row(float(n), chance, 5.0) for n in range(1000)]
    done_s = sorted(n + share / (done_between + 1) for n in range(1000) for share in range(1, done_between + 1))
    window = best_window(rows, done_s, 0.0, pages(), retrieves)
    assert window is not None
    assert window.status == status


def test_fewer_retrieves_never_make_a_page_of_unfinished_ones_better() -> None:
    rows = [row(float(n), 0.5, 5.0) for n in range(100)]
    windows = [best_window(rows, [], NEVER_KNOWN, pages(), float(retrieves)) for retrieves in range(100)]
    saved = [window.saved_lag_s for window in windows if window is not None]
    assert saved == sorted(saved)
    assert saved[0] < 0.05 * saved[-1]


def test_finished_ones_are_not_listed_where_it_is_not_known_who_is_done() -> None:
    rows = [row(float(n), 0.5, 100.0 if n < 50 else 1.0) for n in range(100)]
    window = best_window(rows, [], 50.0, pages(), NO_RETRIEVES)
    assert is_like(window, DONE, 50.0, 99.0, 50.0)
    assert best_window(rows, [], 100.0, pages(), NO_RETRIEVES) is None


def test_those_known_to_be_done_before_the_window_do_not_fill_it() -> None:
    rows = [row(0.0, 1.0, 1.0), row(100.0, 1.0, 10.0), row(101.0, 1.0, 10.0)]
    window = best_window(rows, [50.0] * 90, 0.0, pages(100), NO_RETRIEVES)
    assert is_like(window, DONE, 100.0, 101.0, 20.0)


def test_a_sample_stands_for_all() -> None:
    rows = [row(float(n)) for n in range(200)]
    window = best_window(rows, [], NEVER_KNOWN, pages(), PLENTY, 10.0)
    assert window is not None
    assert len(inside(window, rows)) == 8
    assert window.saved_lag_s == pytest.approx(80.0)


@pytest.mark.parametrize(("gap_s", "factor"), [(0.0, 1.0), (FAIR_S, 2.0), (2 * FAIR_S, 3.0), (100 * FAIR_S, 101.0)])
def test_the_lag_of_one_not_seen_for_long_counts_more(gap_s: float, factor: float) -> None:
    curve = SurvivalCurve((0.001,) * BINS)
    found = waiting(curve, 1000.0, 1060.0, 1060.0 + gap_s)
    outlook = curve.outlook(60.0, 60.0 + gap_s)
    assert (found.created_s, found.chance) == (1000.0, outlook.chance)
    assert found.expected_lag_s == pytest.approx(factor * outlook.expected_lag_s)


@pytest.mark.parametrize(("created_s", "seen_s", "now_s"), [(10.0, 5.0, 7.0), (10.0, 5.0, 12.0), (0.0, 9.0, 8.0)])
def test_clocks_that_disagree_make_no_expected_lag_negative(created_s: float, seen_s: float, now_s: float) -> None:
    found = waiting(SurvivalCurve((0.1,) * BINS), created_s, seen_s, now_s)
    assert 0.0 <= found.chance <= 1.0
    assert 0.0 <= found.expected_lag_s <= 10.0
