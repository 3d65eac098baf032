"""Which list call is made next, and what its page changes."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.core.polling.list_cursor import DISCOVER_S, ListCursor, ListPurpose
from syncd.core.polling.list_plan import (
    LEAST_PLAN_PAUSE_S,
    LONGEST_FORECAST_S,
    MOST_DONE,
    MOST_FORECAST,
    MOST_ROWS,
    NO_DISCOVERY,
    ROWS_A_SECOND,
    Discovery,
    ListCall,
    ListPlan,
    ListRequest,
    PageFacts,
    QueueView,
    Seen,
    Unseen,
    after_list_page,
    next_list_call,
    next_share,
    window_for,
)
from syncd.core.polling.list_state import SCAN_PAUSE, ListState
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import Stratum, SurvivalCurves
from syncd.core.polling.survival import BINS, SurvivalCurve
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE
from tests.core.samples import NOW

NOW_S = NOW.timestamp()
CURVE = SurvivalCurve((0.01,) * BINS)
NEVER = SurvivalCurve((1e-12,) * BINS)
CURVES = SurvivalCurves({Stratum("x_async"): CURVE}, {})
ON = Discovery(is_on=True)
IDLE = ListCursor(discovered_at=NOW)


def waiting(count: int) -> list[Seen]:
    return [Seen(Stratum("x_async"), NOW_S - 60.0 + n, NOW_S - 30.0) for n in range(count)]


def view(seen: Sequence[Seen] = (), unseen_count: int = 0, share: float = 1.0) -> QueueView:
    return QueueView(seen, share, [], Unseen(unseen_count, 10.0), 10.0)


def plan(known: QueueView, cursor: ListCursor = IDLE, discovery: Discovery = NO_DISCOVERY, turn: int = 1) -> ListPlan:
    state = ListState(turn=turn)
    return next_list_call(CURVES, state, cursor, discovery, known.share, NOW, lambda: known)


def purpose(planned: ListPlan) -> ListPurpose | None:
    return None if planned.call is None else planned.call.purpose


def test_a_window_holds_those_that_wait() -> None:
    planned = plan(view(waiting(5)))
    assert planned.call is not None
    selection = planned.call.selection
    assert (planned.call.purpose, selection.status, planned.call.next_url) == (ListPurpose.WINDOW, DONE, None)
    assert selection.created_after is not None
    assert selection.created_before is not None
    assert selection.created_after.timestamp() == pytest.approx(NOW_S - 60, abs=0.01)
    assert selection.created_before.timestamp() == pytest.approx(NOW_S - 56, abs=0.01)
    assert (planned.share, planned.pause_s) == (1.0, 0.0)


def test_a_scan_goes_on_where_it_was() -> None:
    planned = plan(view(unseen_count=100), ListCursor(scan_url="next"))
    assert planned.call is not None
    assert planned.call.selection == Selection(DONE)
    assert (planned.call.purpose, planned.call.next_url) == (ListPurpose.SCAN, "next")


@pytest.mark.parametrize(
    ("turn", "count", "expected"), [(0, 5, ListPurpose.WINDOW), (0, 0, None), (9, 5, ListPurpose.WINDOW)]
)
def test_where_there_is_no_room_for_the_backlog_only_windows_are_read(
    turn: int, count: int, expected: ListPurpose | None
) -> None:
    known, cursor = view(waiting(count), unseen_count=1000), ListCursor(scan_url="next", discover_url="next")
    state = ListState(turn=turn)
    planned = next_list_call(CURVES, state, cursor, ON, 1.0, NOW, lambda: known, takes_backlog=False)
    assert purpose(planned) is expected


@pytest.mark.parametrize("count", [0, int(ROWS_A_SECOND)])
def test_a_plan_that_comes_to_nothing_pauses_the_longer_the_more_it_read(count: int) -> None:
    just_seen = [replace(each, seen_s=NOW_S) for each in waiting(count)]
    planned = plan(view(just_seen))
    assert planned.call is None
    assert planned.pause_s == max(LEAST_PLAN_PAUSE_S, count / ROWS_A_SECOND)


@pytest.mark.parametrize(
    ("share", "row_count", "expected"),
    [
        (1.0, MOST_ROWS, 1.0),
        (1.0, MOST_ROWS + 1, 0.5),
        (0.5, MOST_ROWS // 2, 0.5),
        (0.25, MOST_ROWS // 4 - 1, 0.5),
        (1.0, 0, 1.0),
    ],
)
def test_many_rows_are_planned_with_by_a_sample(share: float, row_count: int, expected: float) -> None:
    assert next_share(share, row_count) == expected


SLOW = SurvivalCurves({Stratum("x_async"): SurvivalCurve((1e-6,) * BINS)}, {})


def quiet_s(known: QueueView, curves: SurvivalCurves = SLOW, **changes: Any) -> float:
    state = ListState(scan_paused_until=changes.get("scan_paused_until"))
    discovery = changes.get("discovery", NO_DISCOVERY)
    return Policy(curves).until_list_call(state, changes.get("cursor", IDLE), discovery, NOW, known)


@pytest.mark.parametrize("count", [1, 30])
def test_while_rows_stay_as_they_are_no_call_is_worth_it_before_it_is_said_to_be(count: int) -> None:
    just_seen = view([replace(each, seen_s=NOW_S) for each in waiting(count)])
    seconds = quiet_s(just_seen)
    assert LEAST_PLAN_PAUSE_S < seconds < LONGEST_FORECAST_S
    assert window_for(SLOW, ListState(), just_seen, NOW_S + seconds) is None
    assert window_for(SLOW, ListState(), just_seen, NOW_S + 2 * seconds) is not None


@pytest.mark.parametrize(
    ("known", "changes", "expected"),
    [
        (view(), {}, math.inf),
        (view(unseen_count=50), {"scan_paused_until": NOW + timedelta(seconds=40)}, 40.0),
        (view(unseen_count=50), {"scan_paused_until": NOW - timedelta(seconds=40)}, 0.0),
        (view(unseen_count=1), {"scan_paused_until": NOW + timedelta(seconds=40)}, math.inf),
        (view(), {"discovery": ON}, DISCOVER_S),
        (view(), {"discovery": ON, "cursor": ListCursor(discover_began_at=NOW)}, 0.0),
        (view(waiting(MOST_FORECAST + 1)), {}, 0.0),
        (view(waiting(1)), {"curves": SurvivalCurves({Stratum("x_async"): NEVER}, {})}, LONGEST_FORECAST_S),
    ],
)
def test_without_rows_it_is_the_scan_or_discovery_that_comes_next(
    known: QueueView, changes: dict[str, Any], expected: float
) -> None:
    assert quiet_s(known, **changes) == expected


def test_discovery_gets_every_other_call_while_a_pass_is_due() -> None:
    due = ListCursor(discovered_at=NOW - timedelta(seconds=DISCOVER_S))
    assert purpose(plan(view(waiting(5)), due, ON, turn=0)) is ListPurpose.DISCOVER
    assert purpose(plan(view(waiting(5)), due, ON, turn=1)) is ListPurpose.WINDOW
    assert purpose(plan(view(), due, ON, turn=1)) is ListPurpose.DISCOVER
    assert purpose(plan(view(waiting(5)), IDLE, ON, turn=0)) is ListPurpose.WINDOW
    assert purpose(plan(view(waiting(5)), due, NO_DISCOVERY, turn=0)) is ListPurpose.WINDOW


def test_a_pass_of_discovery_begins_where_it_should() -> None:
    call = plan(view(), ListCursor(), Discovery(is_on=True, created_after=NOW - timedelta(days=1))).call
    assert call is not None
    assert call.selection == Selection(None, NOW - timedelta(days=1))
    assert call.cursor.discover_began_at == NOW
    assert ListCall(ListPurpose.DISCOVER, call.selection, replace(call.cursor, discover_url="u")).next_url == "u"


@pytest.mark.parametrize(("count", "since_s"), [(MOST_DONE, 7.0), (MOST_DONE - 1, 0.0), (0, 0.0)])
def test_it_is_known_from_when_on_all_that_are_done_are_known(count: int, since_s: float) -> None:
    assert replace(view(), done_s=[7.0] * count).done_since_s == since_s


def request(
    purpose: ListPurpose, next_url: str | None = None, cursor: ListCursor = IDLE, state: ListState | None = None
) -> ListRequest:
    status = None if purpose is ListPurpose.DISCOVER else DONE
    return ListRequest(purpose, Selection(status), next_url, 1, NOW, 0.0, state or ListState(), cursor)


def test_a_window_changes_what_is_known_about_pages_and_no_cursor() -> None:
    state, cursor = after_list_page(request(ListPurpose.WINDOW), PageFacts(40, 20, 0, "more"))
    assert (state.page_size, state.turn, cursor) == (70.0, 1, IDLE)
    assert state.foreign_done > 0


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        pytest.param(PageFacts(100, 100, 5, "b"), "b", id="goes on"),
        pytest.param(PageFacts(100, 100, 5, None), None, id="the last page"),
        pytest.param(PageFacts(100, 100, 5, "a"), None, id="a page that follows itself"),
        pytest.param(PageFacts(100, 100, 5, "b", has_unseen=False), None, id="nobody left to look for"),
    ],
)
def test_a_scan_follows_the_pages(facts: PageFacts, url: str | None) -> None:
    _, cursor = after_list_page(request(ListPurpose.SCAN, "a"), facts)
    assert cursor.scan_url == url


def test_a_scan_that_finds_nothing_pauses_and_begins_anew() -> None:
    state, cursor = after_list_page(
        request(ListPurpose.SCAN, "a", state=ListState(scan_hits=0.1)), PageFacts(100, 100, 0, "b")
    )
    assert (state.scan_paused_until, cursor.scan_url) == (NOW + SCAN_PAUSE, None)


@pytest.mark.parametrize(
    ("facts", "is_over"),
    [
        pytest.param(PageFacts(1, 1, 0, "b"), False, id="goes on"),
        pytest.param(PageFacts(1, 1, 0, None), True, id="the last page"),
        pytest.param(PageFacts(1, 1, 0, None, flaw="an entry"), False, id="a page that proves nothing"),
        pytest.param(PageFacts(1, 1, 0, "a"), False, id="a page that follows itself"),
    ],
)
def test_a_pass_counts_where_every_page_could_be_trusted(facts: PageFacts, is_over: bool) -> None:
    begun = ListCursor().discovering(None, NOW)
    _, cursor = after_list_page(request(ListPurpose.DISCOVER, "a", begun), facts)
    assert (cursor.discovered_at == NOW) is is_over
