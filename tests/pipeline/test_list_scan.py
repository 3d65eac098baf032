"""Scans: every page, for ids that Recall has never shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recall_emulator import Faults
from syncd.db.engine import Engine
from tests.pipeline.harness import DRAIN_S
from tests.pipeline.listing import BRIEF, IS_DONE, WAITS, Listed, list_state, of, restarted

# The scan


def test_a_scan_finds_what_was_never_seen_page_by_page_and_nothing_else(listed: Listed) -> None:
    harness = listed(page_size=7)
    foreign = [harness.emulator.add(scenario) for scenario in of(replace(BRIEF, created=-80.0), 10)]
    ids = harness.track(*of(BRIEF, 25))
    harness.pages(6)
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert not any(harness.retrieves(id_) for id_ in [*ids, *foreign])
    assert harness.row("select count(*) from recall.transcripts")["count"] == 25
    queries = harness.lists()
    assert [set(query) for query in queries] == [{"status_code"}, *[{"status_code", "cursor"}] * 4]
    assert len({query.get("cursor") for query in queries}) == 5


@pytest.mark.parametrize("order", ["newest", "random"])
def test_a_scan_goes_on_after_a_restart(listed: Listed, engine: Engine, order: str) -> None:
    harness = listed(page_size=7, page_order=order)
    ids = harness.track(*of(BRIEF, 21))
    harness.page()
    harness.worker.drain(DRAIN_S)
    with restarted(harness, engine) as another:
        another.pages(3)
    queries = harness.lists()
    assert len(queries) == len({query.get("cursor") for query in queries}) == 3
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_scan_that_has_found_all_begins_anew_for_the_next_ids(listed: Listed) -> None:
    harness = listed(page_size=7)
    for scenario in of(replace(BRIEF, created=-5000.0), 20):
        harness.emulator.add(scenario)
    for _ in range(2):
        harness.track(*of(BRIEF, 21))  # the newest, which the list shows first
        harness.pages(5)
        assert harness.rows("select * from syncd.queue") == []
    assert ["cursor" in query for query in harness.lists()] == [False, True, True] * 2
    harness.track(*of(BRIEF, 1))
    harness.pages(3)
    assert len(harness.lists()) == 6


def test_few_unseen_ids_are_left_to_retrieves(listed: Listed) -> None:
    harness = listed()
    harness.track(*of(IS_DONE, 19))
    assert harness.page() == 0
    assert harness.lists() == []


def test_a_scan_whose_pages_repeat_comes_to_its_end(listed: Listed) -> None:
    harness = listed(page_size=7, faults=Faults(looping_next=True))
    harness.track(*of(BRIEF, 30))
    harness.pages(6)
    assert len(harness.lists()) == 2
    row = list_state(harness)
    assert row["scan_url"] is None
    assert row["scan_paused_until"] > datetime.now(UTC) + timedelta(minutes=10)
    harness.change("update syncd.list_states set scan_paused_until = clock_timestamp()")
    harness.page()
    assert "cursor" not in harness.lists()[2]


def test_a_scan_that_finds_nothing_of_ours_pauses(listed: Listed) -> None:
    harness = listed(page_size=2)
    for scenario in of(IS_DONE, 60):
        harness.emulator.add(scenario)
    harness.track(*of(WAITS, 20))
    harness.pages(30)
    assert 20 <= len(harness.lists()) <= 26  # of thirty pages of others
    row = list_state(harness)
    assert (row["scan_url"], row["scan_paused_until"] > datetime.now(UTC)) == (None, True)


def test_a_scan_whose_cursor_is_unknown_begins_anew(listed: Listed) -> None:
    harness = listed(page_size=7)
    ids = harness.track(*of(BRIEF, 28))
    harness.page()
    harness.change("update syncd.list_states set scan_url = scan_url || 'gone'")
    harness.page()
    row = list_state(harness)
    assert (row["scan_url"], row["failure_count"], row["holder"]) == (None, 1, None)
    assert "does not know this page" in row["pause_reason"]
    harness.page()
    assert len(harness.lists()) == 2  # a moment's rest
    harness.change("update syncd.list_states set paused_until = clock_timestamp()")
    harness.pages(4)
    assert "cursor" not in harness.lists()[2]
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert list_state(harness)["pause_reason"] is None
