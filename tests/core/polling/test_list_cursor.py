"""How far scan and discovery have come."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.core.polling.list_cursor import (
    DISCOVER_OVERLAP,
    DISCOVER_S,
    ENDLESS,
    INCOMPLETE_PAUSE,
    LONGEST_PASS,
    LOST,
    ListCursor,
    ListPurpose,
    is_ahead,
)
from tests.core.samples import NOW


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("cursor", "until_s"),
    [
        pytest.param(ListCursor(), 0.0, id="never done"),
        pytest.param(ListCursor(discover_began_at=NOW), 0.0, id="the first pass is under way"),
        pytest.param(ListCursor(discovered_at=NOW), DISCOVER_S, id="just done"),
        pytest.param(ListCursor(discovered_at=after(-10)), DISCOVER_S - 10, id="done a moment ago"),
        pytest.param(ListCursor(discovered_at=after(10)), DISCOVER_S + 10, id="done before a clock was set back"),
        pytest.param(ListCursor(discovered_at=after(-DISCOVER_S)), 0.0, id="done some time ago"),
        pytest.param(ListCursor(discover_began_at=NOW, discovered_at=NOW), 0.0, id="another pass is under way"),
        pytest.param(ListCursor(discover_paused_until=after(70)), 70.0, id="after a pass that was not whole"),
        pytest.param(ListCursor(discovered_at=NOW, discover_paused_until=after(-1)), DISCOVER_S, id="long after one"),
    ],
)
def test_discovery_is_due_now_and_then_and_until_its_pass_is_over(cursor: ListCursor, until_s: float) -> None:
    assert cursor.until_discovery_s(NOW) == until_s
    assert cursor.is_discovery_due(NOW) is (until_s == 0.0)
    assert cursor.is_discovery_due(after(until_s))


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


def test_a_pass_of_discovery_that_goes_in_circles_comes_to_an_end() -> None:
    cursor = ListCursor().discovering(None, NOW)
    for turn in range(10):
        cursor = cursor.discovered(f"https://recall/{turn % 2}", after(60 * turn), flaw=None)
        assert cursor.discover_began_at == NOW
    later = NOW + LONGEST_PASS + timedelta(seconds=1)
    over = cursor.discovered("https://recall/0", later, flaw=None)
    assert (over.discovered_at, over.discover_began_at, over.discover_paused_until) == (
        None,
        None,
        later + INCOMPLETE_PAUSE,
    )
    assert over.discovery_flaw == ENDLESS


def test_a_pass_with_a_page_that_proves_nothing_is_made_again() -> None:
    cursor = ListCursor(discovered_at=after(-99)).discovering(None, NOW)
    cursor = cursor.discovered("https://recall/2", NOW, flaw="an entry").discovered(None, NOW, flaw=None)
    assert (cursor.discovered_at, cursor.discover_url, cursor.discover_began_at) == (after(-99), None, None)
    assert not cursor.is_discovery_due(NOW + INCOMPLETE_PAUSE - timedelta(seconds=1))
    assert cursor.is_discovery_due(NOW + INCOMPLETE_PAUSE)
    assert cursor.discovery_flaw == "an entry"
    assert cursor.discovering(None, NOW).discovery_flaw is None


@pytest.mark.parametrize(("ahead_s", "expected"), [(-1, False), (0, False), (1, True), (100, True), (101, False)])
def test_a_time_lies_ahead_unless_it_lies_further_ahead_than_it_ever_may(ahead_s: float, expected: bool) -> None:
    assert is_ahead(after(ahead_s), NOW, 100) is expected
    assert not is_ahead(None, NOW, 100)


def test_a_pass_of_discovery_follows_the_pages_to_the_last_one() -> None:
    begun = ListCursor().discovering(None, NOW)
    second = begun.discovered("https://recall/2", NOW, flaw=None)
    assert (second.discover_url, second.discover_began_at) == ("https://recall/2", NOW)
    over = second.discovered(None, NOW, flaw=None)
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
def test_a_next_page_that_recall_no_longer_knows_is_given_up(call: ListPurpose, remaining: dict[str, Any]) -> None:
    cursor = ListCursor(scan_url="w", discover_url="d").lost(call)
    assert {"scan_url": cursor.scan_url, "discover_url": cursor.discover_url} == remaining
    assert cursor.discovery_flaw == (LOST if call == ListPurpose.DISCOVER else None)
