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
    OTHER_TURN,
    REFUSED_PAUSE_S,
    SCAN_LEAST,
    SCAN_PAUSE,
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


@pytest.mark.parametrize(
    ("saved_lag_s", "unseen_count", "wait_s", "is_scanning", "call"),
    [
        pytest.param(None, 0, 0.0, False, None, id="nothing to do"),
        pytest.param(5.0, 0, 0.0, False, ListPurpose.WINDOW, id="only a window"),
        pytest.param(None, SCAN_LEAST, 0.0, False, ListPurpose.SCAN, id="only unseen ids"),
        pytest.param(None, SCAN_LEAST - 1, 1e6, False, None, id="too few unseen ids: retrieves see to them"),
        pytest.param(None, 1, 0.0, True, ListPurpose.SCAN, id="a scan goes on for the last one"),
        pytest.param(None, 0, 0.0, True, None, id="a scan for nobody does not go on"),
        pytest.param(5.0, 30, 1.0, False, ListPurpose.SCAN, id="a scan that ends more lag"),
        pytest.param(500.0, 30, 1.0, False, ListPurpose.WINDOW, id="a window that ends more lag"),
        pytest.param(150.0, 10_000, 1.0, False, ListPurpose.WINDOW, id="a page brings no more than a page"),
        pytest.param(0.01, 10_000, 0.0, False, ListPurpose.WINDOW, id="ids that were just handed in can wait"),
    ],
)
def test_a_call_goes_where_the_most_lag_is(
    saved_lag_s: float | None, unseen_count: int, wait_s: float, is_scanning: bool, call: ListPurpose | None
) -> None:
    best = None if saved_lag_s is None else window(saved_lag_s)
    assert ListState().choose(best, unseen_count, wait_s, NOW, is_scanning=is_scanning) == call


@pytest.mark.parametrize(("saved_lag_s", "better"), [(1e9, ListPurpose.WINDOW), (0.02, ListPurpose.SCAN)])
def test_neither_kind_of_call_starves(saved_lag_s: float, better: ListPurpose) -> None:
    state, calls = ListState(), []
    for _ in range(10 * OTHER_TURN):
        call = state.choose(window(saved_lag_s), 1000, 10.0, NOW, is_scanning=False)
        assert call is not None
        calls.append(call)
        state = state.after_page(DONE if call == ListPurpose.SCAN else PROCESSING, 100, 100, has_next=True)
    assert calls.count(better) == 9 * OTHER_TURN
    assert all(
        set(calls[n : n + OTHER_TURN]) == {ListPurpose.WINDOW, ListPurpose.SCAN} for n in range(9 * OTHER_TURN)
    )


def test_a_call_that_fails_passes_the_turn_on() -> None:
    state = ListState(turn=OTHER_TURN - 1)
    assert state.choose(window(1e9), 1000, 10.0, NOW, is_scanning=False) == ListPurpose.SCAN
    state = state.after_failing(RecallTrouble(), NOW)
    assert state.choose(window(1e9), 1000, 10.0, NOW, is_scanning=False) == ListPurpose.WINDOW


def test_a_scan_pauses_after_its_end() -> None:
    state = ListState(scan_hits=3.0).after_scan_page(50, NOW, is_over=True)
    assert state.scan_hits == state.page_size
    just_before, then = NOW + SCAN_PAUSE - timedelta(milliseconds=1), NOW + SCAN_PAUSE
    assert state.choose(None, 1000, 10.0, just_before, is_scanning=False) is None
    assert state.choose(window(0.02), 1000, 10.0, just_before, is_scanning=True) == ListPurpose.WINDOW
    assert state.choose(None, 1000, 10.0, then, is_scanning=False) == ListPurpose.SCAN


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
