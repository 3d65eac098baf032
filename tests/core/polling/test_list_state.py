from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.list_cursor import ListPurpose
from syncd.core.polling.list_state import (
    FIRST_PAGE_SIZE,
    GROWTH,
    LEAST_HITS,
    MOST_FOREIGN,
    REFUSED_PAUSE_S,
    SCAN_LEAST,
    SCAN_PAUSE,
    SCAN_TURN,
    SCANNED_LAG_S,
    WINDOW_TURN,
    ListState,
)
from syncd.core.polling.list_window import Window
from syncd.core.transcript import DONE, FAILED, PROCESSING
from syncd.errors import BadAnswer, Forbidden, RecallTrouble
from tests.core.samples import NOW

ANY_STATUS = st.sampled_from([PROCESSING, DONE, FAILED, ""])


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def window(saved_lag_s: float) -> Window:
    return Window(PROCESSING, 0.0, 1.0, saved_lag_s)


def choose(
    state: ListState, saved_lag_s: float | None, unseen_count: int, now: datetime = NOW, **changes: bool
) -> ListPurpose | None:
    best = None if saved_lag_s is None else window(saved_lag_s)
    return state.choose(best, unseen_count, now, **{"is_scanning": False, "are_new": False} | changes)


@pytest.mark.parametrize(
    ("saved_lag_s", "unseen_count", "is_scanning", "call"),
    [
        pytest.param(None, 0, False, None, id="nothing to do"),
        pytest.param(5.0, 0, False, ListPurpose.WINDOW, id="only a window"),
        pytest.param(None, SCAN_LEAST, False, ListPurpose.SCAN, id="only unseen ids"),
        pytest.param(None, SCAN_LEAST - 1, False, None, id="too few unseen ids: retrieves see to them"),
        pytest.param(None, 1, True, ListPurpose.SCAN, id="a scan goes on for the last one"),
        pytest.param(None, 0, True, None, id="a scan for nobody does not go on"),
        pytest.param(29 * SCANNED_LAG_S, 30, False, ListPurpose.SCAN, id="a scan that ends more lag"),
        pytest.param(31 * SCANNED_LAG_S, 30, False, ListPurpose.WINDOW, id="a window that ends more lag"),
        pytest.param(150 * SCANNED_LAG_S, 10_000, False, ListPurpose.WINDOW, id="a page brings no more than a page"),
    ],
)
def test_a_call_goes_where_the_most_lag_is(
    saved_lag_s: float | None, unseen_count: int, is_scanning: bool, call: ListPurpose | None
) -> None:
    assert choose(ListState(), saved_lag_s, unseen_count, is_scanning=is_scanning) == call


@pytest.mark.parametrize(
    ("saved_lag_s", "other", "turn"),
    [(1e9, ListPurpose.SCAN, SCAN_TURN), (0.02, ListPurpose.WINDOW, WINDOW_TURN)],
)
def test_neither_kind_of_call_starves(saved_lag_s: float, other: ListPurpose, turn: int) -> None:
    state, calls = ListState(), []
    for _ in range(10 * turn):
        call = choose(state, saved_lag_s, 1000)
        assert call is not None
        calls.append(call)
        state = state.after_page(DONE if call == ListPurpose.SCAN else PROCESSING, 100, 100, has_next=True)
    assert calls.count(other) == 10
    assert all(other in calls[n : n + turn] for n in range(9 * turn))


def test_a_call_that_fails_passes_the_turn_on() -> None:
    state = ListState(turn=SCAN_TURN - 1)
    assert choose(state, 1e9, 1000) == ListPurpose.SCAN
    state = state.after_failing(RecallTrouble(), NOW)
    assert choose(state, 1e9, 1000) == ListPurpose.WINDOW


def test_a_scan_pauses_after_its_end_unless_most_ids_are_new() -> None:
    state = ListState(scan_hits=3.0).after_scan_page(50, NOW, is_over=True)
    assert state.scan_hits == state.page_size
    just_before, then = NOW + SCAN_PAUSE - timedelta(milliseconds=1), NOW + SCAN_PAUSE
    assert choose(state, None, 1000, just_before) is None
    assert choose(state, 0.02, 1000, just_before, is_scanning=True) == ListPurpose.WINDOW
    assert choose(state, None, 1000, then) == ListPurpose.SCAN
    assert choose(state, None, 1000, just_before, are_new=True) == ListPurpose.SCAN


def test_a_scan_that_finds_nothing_any_more_pauses() -> None:
    state, page_count = ListState(), 0
    while state.scan_paused_until is None:
        state, page_count = state.after_scan_page(0, NOW, is_over=False), page_count + 1
    assert page_count == 24
    assert state.scan_paused_until == NOW + SCAN_PAUSE


def test_a_scan_that_finds_one_now_and_then_goes_on() -> None:
    state = ListState()
    for _ in range(1000):
        state = state.after_scan_page(1, NOW, is_over=False)
    assert state.scan_paused_until is None
    assert state.scan_hits == pytest.approx(1.0)
    assert state.scan_hits > LEAST_HITS


def test_a_scan_that_began_after_a_pause_goes_on() -> None:
    paused = ListState().after_scan_page(0, NOW, is_over=True)
    assert paused.after_scan_page(80, NOW + SCAN_PAUSE, is_over=False).scan_paused_until is None


@pytest.mark.parametrize(
    ("entry_count", "has_next", "size"),
    [
        pytest.param(20, True, 60, id="a full page is smaller than assumed"),
        pytest.param(250, True, 250, id="a full page is larger than assumed"),
        pytest.param(20, False, 100, id="a last page need not be full"),
        pytest.param(130, False, 130, id="a last page is larger than assumed"),
        pytest.param(90, False, 100 * GROWTH, id="a last page that was nearly full"),
        pytest.param(0, False, 100, id="an empty page"),
        pytest.param(0, True, 100, id="an empty page with a next one"),
    ],
)
def test_the_size_of_a_page_is_taken_from_pages(entry_count: int, has_next: bool, size: float) -> None:
    state = ListState().after_page(DONE, entry_count, entry_count, has_next=has_next)
    assert state.page_size == state.pages.size == size
    assert state.turn == 1


@pytest.mark.parametrize(
    ("entry_count", "ours_count", "share"),
    [
        pytest.param(100, 100, 0.0, id="all ours"),
        pytest.param(100, 50, 1.0, id="half ours"),
        pytest.param(100, 20, 4.0, id="a fifth ours"),
        pytest.param(3, 0, 6.0, id="three, none ours"),
        pytest.param(5000, 0, MOST_FOREIGN, id="none ours, by far"),
    ],
)
def test_the_share_of_others_is_an_average_over_pages(entry_count: int, ours_count: int, share: float) -> None:
    state = ListState()
    for page_count in (1, 2, 3):
        state = state.after_page(PROCESSING, entry_count, ours_count, has_next=False)
        assert state.foreign_processing == pytest.approx(share * (1 - 0.8**page_count))
    for _ in range(50):
        state = state.after_page(PROCESSING, entry_count, ours_count, has_next=False)
    assert state.foreign_processing == pytest.approx(share, rel=1e-4)
    assert state.foreign_done == 0.0
    assert state.pages.foreign_share == {PROCESSING: state.foreign_processing, DONE: 0.0}


def test_each_status_has_a_share_of_its_own_and_an_empty_page_says_nothing_of_it() -> None:
    state = ListState().after_page(DONE, 100, 50, has_next=False)
    assert state.foreign_processing == 0.0
    assert state.foreign_done == pytest.approx(0.2)
    assert state.after_page(DONE, 0, 0, has_next=False).foreign_done == state.foreign_done
    assert state.after_page("", 100, 0, has_next=False).pages.foreign_share == state.pages.foreign_share


@given(
    seen=st.lists(st.tuples(ANY_STATUS, st.integers(0, 10_000), st.floats(0, 1), st.booleans()), max_size=50),
    hits=st.integers(0, 10_000),
)
def test_whatever_pages_come_what_is_known_stays_within_reason(
    seen: list[tuple[str, int, float, bool]], hits: int
) -> None:
    state = ListState()
    for status, entry_count, ours_share, has_next in seen:
        state = state.after_page(status, entry_count, int(ours_share * entry_count), has_next=has_next)
        state = state.after_scan_page(hits, NOW, is_over=False)
        assert state.page_size >= 1
        assert 0.0 <= state.foreign_processing <= MOST_FOREIGN
        assert 0.0 <= state.foreign_done <= MOST_FOREIGN
    assert state.turn == len(seen)


def test_nothing_is_listed_for_longer_and_longer_after_failures_until_a_page_comes() -> None:
    state, pauses_s = ListState(), []
    for _ in range(12):
        state = state.after_failing(RecallTrouble("the list answered 500"), NOW)
        assert state.paused_until is not None
        pauses_s.append((state.paused_until - NOW).total_seconds())
    assert pauses_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert state.pause_reason == "the list answered 500 [SYNCD-API-AWAY]"
    answered = state.after_page(DONE, 0, 0, has_next=False)
    assert (answered.failure_count, answered.paused_until, answered.pause_reason) == (0, None, None)


def test_a_refused_list_pauses_for_an_hour() -> None:
    state = ListState().after_failing(Forbidden(), NOW)
    assert state.is_paused(after(REFUSED_PAUSE_S - 1))
    assert not state.is_paused(after(REFUSED_PAUSE_S))
    assert state.paused_until == after(REFUSED_PAUSE_S)
    assert state.page_size == FIRST_PAGE_SIZE


def test_the_true_size_of_a_page_is_found_from_below_and_from_above() -> None:
    small, large = ListState(), ListState(page_size=1.0)
    for _ in range(8):
        small = small.after_page(DONE, 20, 20, has_next=True)
    assert small.page_size == pytest.approx(20, rel=0.02)
    for _ in range(2_000):
        large = large.after_page(DONE, min(100, round(0.85 * large.page_size)), 1, has_next=large.page_size > 120)
    assert 90 < large.page_size < 125


def test_a_bad_answer_pauses_like_any_failure() -> None:
    state = ListState().after_failing(BadAnswer(), NOW)
    assert state.paused_until == after(1.0)
