from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.list_state import (
    DISCOVER_OVERLAP,
    DISCOVER_S,
    FIRST_PAGE_SIZE,
    INCOMPLETE_PAUSE,
    LEAST_HITS,
    LONGEST_PASS,
    MOST_FOREIGN,
    OTHER_TURN,
    PROBE,
    REFUSED_PAUSE_S,
    SCAN_LEAST,
    SCAN_PAUSE,
    ListCursor,
    ListPurpose,
    ListState,
    is_ahead,
)
from syncd.core.polling.list_window import Window
from syncd.core.transcript import DONE, FAILED, PROCESSING
from syncd.errors import BadAnswer, Forbidden, RecallTrouble
from tests.core.samples import NOW

ANY_STATUS = st.sampled_from([PROCESSING, DONE, FAILED, ""])


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def window(worth_s: float) -> Window:
    return Window(PROCESSING, 0.0, 1.0, worth_s)


@pytest.mark.parametrize(
    ("worth_s", "unseen_count", "wait_s", "is_scanning", "call"),
    [
        pytest.param(None, 0, 0.0, False, None, id="nothing to do"),
        pytest.param(5.0, 0, 0.0, False, ListPurpose.WINDOW, id="only a window"),
        pytest.param(None, SCAN_LEAST, 0.0, False, ListPurpose.SCAN, id="only unseen ids"),
        pytest.param(None, SCAN_LEAST - 1, 1e6, False, None, id="too few unseen ids: retrieves see to them"),
        pytest.param(None, 1, 0.0, True, ListPurpose.SCAN, id="a scan goes on for the last one"),
        pytest.param(None, 0, 0.0, True, None, id="a scan for nobody does not go on"),
        pytest.param(5.0, 30, 1.0, False, ListPurpose.SCAN, id="a scan that is worth more"),
        pytest.param(500.0, 30, 1.0, False, ListPurpose.WINDOW, id="a window that is worth more"),
        pytest.param(150.0, 10_000, 1.0, False, ListPurpose.WINDOW, id="a page brings no more than a page"),
        pytest.param(0.01, 10_000, 0.0, False, ListPurpose.WINDOW, id="ids that were just handed in can wait"),
    ],
)
def test_a_call_goes_where_the_most_lag_is(
    worth_s: float | None, unseen_count: int, wait_s: float, is_scanning: bool, call: ListPurpose | None
) -> None:
    best = None if worth_s is None else window(worth_s)
    assert ListState().choose(best, unseen_count, wait_s, NOW, is_scanning=is_scanning) == call


@pytest.mark.parametrize(("worth_s", "better"), [(1e9, ListPurpose.WINDOW), (0.02, ListPurpose.SCAN)])
def test_neither_kind_of_call_starves(worth_s: float, better: ListPurpose) -> None:
    state, calls = ListState(), []
    for _ in range(10 * OTHER_TURN):
        call = state.choose(window(worth_s), 1000, 10.0, NOW, is_scanning=False)
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


def test_a_walk_rests_after_its_end() -> None:
    state = ListState(scan_hits=3.0).after_scan_page(50, NOW, is_over=True)
    assert state.scan_hits == state.page_size
    just_before, then = NOW + SCAN_PAUSE - timedelta(milliseconds=1), NOW + SCAN_PAUSE
    assert state.choose(None, 1000, 10.0, just_before, is_scanning=False) is None
    assert state.choose(window(0.02), 1000, 10.0, just_before, is_scanning=True) == ListPurpose.WINDOW
    assert state.choose(None, 1000, 10.0, then, is_scanning=False) == ListPurpose.SCAN


def test_a_walk_that_finds_nothing_any_more_rests() -> None:
    state, page_count = ListState(), 0
    while state.scan_paused_until is None:
        state, page_count = state.after_scan_page(0, NOW, is_over=False), page_count + 1
    assert page_count == 24
    assert state.scan_paused_until == NOW + SCAN_PAUSE


def test_a_walk_that_finds_now_and_then_one_goes_on() -> None:
    state = ListState()
    for _ in range(1000):
        state = state.after_scan_page(1, NOW, is_over=False)
    assert state.scan_paused_until is None
    assert state.scan_hits == pytest.approx(1.0)
    assert state.scan_hits > LEAST_HITS


def test_a_walk_that_began_after_a_rest_goes_on() -> None:
    rested = ListState().after_scan_page(0, NOW, is_over=True)
    assert rested.after_scan_page(80, NOW + SCAN_PAUSE, is_over=False).scan_paused_until is None


@pytest.mark.parametrize(
    ("entry_count", "has_next", "size"),
    [
        pytest.param(20, True, 60, id="a full page is smaller than assumed"),
        pytest.param(250, True, 250, id="a full page is larger than assumed"),
        pytest.param(20, False, 100, id="a last page need not be full"),
        pytest.param(130, False, 130, id="a last page is larger than assumed"),
        pytest.param(90, False, 100 * PROBE, id="a last page that was nearly full"),
        pytest.param(0, False, 100, id="an empty page"),
        pytest.param(0, True, 100, id="an empty page with a next one"),
    ],
)
def test_the_size_of_a_page_is_learned_from_pages(entry_count: int, has_next: bool, size: float) -> None:
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
def test_the_company_on_a_page_is_learned_on_average(entry_count: int, ours_count: int, share: float) -> None:
    state = ListState()
    for page_count in (1, 2, 3):
        state = state.after_page(PROCESSING, entry_count, ours_count, has_next=False)
        assert state.foreign_processing == pytest.approx(share * (1 - 0.8**page_count))
    for _ in range(50):
        state = state.after_page(PROCESSING, entry_count, ours_count, has_next=False)
    assert state.foreign_processing == pytest.approx(share, rel=1e-4)
    assert state.foreign_done == 0.0
    assert state.pages.foreign_share == {PROCESSING: state.foreign_processing, DONE: 0.0}


def test_each_status_has_company_of_its_own_and_an_empty_page_says_nothing_of_it() -> None:
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
    state, rests_s = ListState(), []
    for _ in range(12):
        state = state.after_failing(RecallTrouble("the list answered 500"), NOW)
        assert state.paused_until is not None
        rests_s.append((state.paused_until - NOW).total_seconds())
    assert rests_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert state.pause_reason == "the list answered 500"
    answered = state.after_page(DONE, 0, 0, has_next=False)
    assert (answered.failure_count, answered.paused_until, answered.pause_reason) == (0, None, None)


def test_a_refused_list_rests_for_an_hour() -> None:
    state = ListState().after_failing(Forbidden(), NOW)
    assert state.paused_until == after(REFUSED_PAUSE_S)
    assert state.page_size == FIRST_PAGE_SIZE


@pytest.mark.parametrize(
    ("cursor", "is_due"),
    [
        pytest.param(ListCursor(), True, id="never done"),
        pytest.param(ListCursor(discover_began_at=NOW), True, id="the first pass is under way"),
        pytest.param(ListCursor(discovered_at=NOW), False, id="just done"),
        pytest.param(ListCursor(discovered_at=after(-DISCOVER_S)), True, id="done some time ago"),
        pytest.param(ListCursor(discover_began_at=NOW, discovered_at=NOW), True, id="another pass is under way"),
    ],
)
def test_discovery_is_due_now_and_then_and_until_its_pass_is_over(cursor: ListCursor, is_due: bool) -> None:
    assert cursor.is_discovery_due(NOW) is is_due


@pytest.mark.parametrize(
    ("cursor", "created_after", "expected"),
    [
        pytest.param(ListCursor(), None, NOW, id="the first pass: from now on"),
        pytest.param(ListCursor(), after(-9000), after(-9000), id="the first pass: from where somebody says"),
        pytest.param(
            ListCursor(discover_after=after(-99), discover_floor=after(-9000), discovered_at=after(-30)),
            None,
            after(-30) - DISCOVER_OVERLAP,
            id="a later pass: from the last one on, and some more",
        ),
        pytest.param(
            ListCursor(discover_after=after(-60), discover_floor=after(-60), discovered_at=after(-30)),
            None,
            after(-60),
            id="a later pass: not further back than the first",
        ),
        pytest.param(
            ListCursor(discover_after=after(-60), discover_floor=after(-60), discovered_at=after(-30)),
            after(-9000),
            after(-9000),
            id="a later pass, when somebody says further back",
        ),
    ],
)
def test_a_pass_of_discovery_begins_where_the_last_one_left_off(
    cursor: ListCursor, created_after: datetime | None, expected: datetime
) -> None:
    begun = cursor.discovering(created_after, NOW)
    assert (begun.discover_after, begun.discover_began_at, begun.discover_url) == (expected, NOW, None)
    assert begun.discovering(created_after, after(100)) is begun


def test_the_true_size_of_a_page_is_found_from_below_and_from_above() -> None:
    small, large = ListState(), ListState(page_size=1.0)
    for _ in range(8):
        small = small.after_page(DONE, 20, 20, has_next=True)
    assert small.page_size == pytest.approx(20, rel=0.02)
    for _ in range(2_000):
        large = large.after_page(DONE, min(100, round(0.85 * large.page_size)), 1, has_next=large.page_size > 120)
    assert 90 < large.page_size < 125


def test_a_pass_of_discovery_that_goes_in_circles_comes_to_an_end() -> None:
    cursor = ListCursor().discovering(None, NOW)
    for turn in range(10):
        cursor = cursor.discovered(f"https://recall/{turn % 2}", after(60 * turn), is_whole=True)
        assert cursor.discover_began_at == NOW
    later = NOW + LONGEST_PASS + timedelta(seconds=1)
    over = cursor.discovered("https://recall/0", later, is_whole=True)
    assert (over.discovered_at, over.discover_began_at, over.discover_paused_until) == (
        None,
        None,
        later + INCOMPLETE_PAUSE,
    )


def test_a_pass_with_a_page_that_proves_nothing_is_made_again() -> None:
    cursor = ListCursor(discovered_at=after(-99)).discovering(None, NOW)
    cursor = cursor.discovered("https://recall/2", NOW, is_whole=False).discovered(None, NOW, is_whole=True)
    assert (cursor.discovered_at, cursor.discover_url, cursor.discover_began_at) == (after(-99), None, None)
    assert not cursor.is_discovery_due(NOW + INCOMPLETE_PAUSE - timedelta(seconds=1))
    assert cursor.is_discovery_due(NOW + INCOMPLETE_PAUSE)
    assert not cursor.discovering(None, NOW).is_discovery_incomplete


@pytest.mark.parametrize(("ahead_s", "expected"), [(-1, False), (0, False), (1, True), (100, True), (101, False)])
def test_a_time_lies_ahead_unless_it_lies_further_ahead_than_it_ever_may(ahead_s: float, expected: bool) -> None:
    assert is_ahead(after(ahead_s), NOW, 100) is expected
    assert not is_ahead(None, NOW, 100)


def test_a_pass_of_discovery_follows_the_pages_to_the_last_one() -> None:
    begun = ListCursor().discovering(None, NOW)
    second = begun.discovered("https://recall/2", NOW, is_whole=True)
    assert (second.discover_url, second.discover_began_at) == ("https://recall/2", NOW)
    over = second.discovered(None, NOW, is_whole=True)
    assert (over.discover_url, over.discover_began_at, over.discovered_at) == (None, None, NOW)
    assert over.discover_floor == begun.discover_after
    assert not over.is_discovery_due(after(DISCOVER_S - 1))


@pytest.mark.parametrize(
    ("call", "remaining"),
    [
        (ListPurpose.SCAN, {"discover_url": "d", "scan_url": None}),
        (ListPurpose.DISCOVER, {"discover_url": None, "scan_url": "w"}),
    ],
)
def test_a_place_that_recall_does_not_know_any_more_is_given_up(call: ListPurpose, remaining: dict[str, Any]) -> None:
    cursor = ListCursor(scan_url="w", discover_url="d").lost(call)
    assert {"scan_url": cursor.scan_url, "discover_url": cursor.discover_url} == remaining


def test_a_bad_answer_rests_like_any_failure() -> None:
    state = ListState().after_failing(BadAnswer(), NOW)
    assert state.paused_until == after(1.0)
