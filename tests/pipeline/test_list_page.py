"""A page of a window: what it shows, and what it proves by absence."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from recall_emulator import Faults, Scenario
from syncd.core.rate_limit.budget import Budget
from syncd.db.engine import conninfo, database_now
from syncd.pipeline.list_plan import Discovery
from tests.pipeline.harness import Harness
from tests.pipeline.listing import HAS_FAILED, IS_DELETED, IS_DONE, WAITS, Listed, before_the_answer, of
from tests.pipeline.test_path import assert_exact


def read_unfinished_ones_next(harness: Harness) -> None:
    """Pages of finished ones seem full of others, so the next window is one of unfinished ones."""
    harness.change(
        "insert into syncd.list_states (workspace, page_size, foreign_processing, foreign_done, turn, scan_hits,"
        " failure_count) values ('default', 100, 0, 1000, 0, 100, 0)"
        " on conflict (workspace) do update set foreign_done = 1000"
    )


# What a page of finished ones brings


def test_a_finished_transcript_on_a_page_is_loaded_without_a_retrieve(listed: Listed) -> None:
    harness = listed()
    ids = harness.see(*of(IS_DONE, 3))
    assert harness.page() == 3
    assert [query["status_code"] for query in harness.lists()] == ["done"]
    assert harness.rows("select * from syncd.queue") == []
    for id_ in ids:
        assert harness.transcript(id_)["payload_state"] == "loaded"
        assert harness.retrieves(id_) == 0
        assert_exact(harness, id_)
    history = harness.rows("select status from recall.status_history")
    assert [row["status"] for row in history] == ["done"] * 3


def test_others_are_told_to_watch_what_a_page_leases_before_it_is_due(listed: Listed) -> None:
    harness = listed()
    harness.see(IS_DONE)
    with psycopg.connect(conninfo(harness.engine), autocommit=True) as listener:
        listener.execute("listen syncd_wake")
        assert harness.page() == 1
        assert [hint.payload for hint in listener.notifies(timeout=60, stop_after=1)] == ["default"]


def test_a_page_of_finished_ones_says_that_the_others_are_unfinished(listed: Listed) -> None:
    harness = listed()
    ids = harness.see(*of(WAITS, 3))
    before = [harness.transcript(id_) for id_ in ids]
    queued = [harness.waiting(id_) for id_ in ids]
    assert harness.page() == 0
    assert [query["status_code"] for query in harness.lists()] == ["done"]
    assert [harness.transcript(id_) for id_ in ids] == before
    assert harness.rows("select * from recall.status_history") == []
    for id_, was in zip(ids, queued, strict=True):
        row = harness.waiting(id_)
        assert row["absent_from_done_at"] > row["last_seen_at"]
        assert row | {"absent_from_done_at": None} == was
    assert harness.page() == 0
    assert len(harness.lists()) == 1  # so soon after, another page is worth nothing


def test_a_finished_transcript_without_a_link_waits_for_it_and_its_retrieve_brings_it(listed: Listed) -> None:
    harness = listed()
    (id_,) = harness.see(replace(IS_DONE, download_link_delay=3600.0))
    harness.page()
    row = harness.waiting(id_)
    assert (row["stage"], row["lease_holder"], "no link" in row["last_error"]) == ("download", None, True)
    harness.emulator.change(id_, download_link_delay=0.0)
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_a_page_does_not_touch_what_a_worker_works_on(listed: Listed) -> None:
    harness = listed()
    held, free = harness.see(*of(IS_DONE, 2))
    harness.change(
        "update syncd.queue set lease_token = 7, lease_holder = 'other', lease_until = clock_timestamp() + interval"
        " '1 minute' where transcript_id = %s",
        held,
    )
    before = harness.waiting(held)
    assert harness.page() == 1
    assert harness.waiting(held) == before
    assert harness.transcript(free)["payload_state"] == "loaded"


# What a page of unfinished ones proves


@pytest.mark.parametrize(
    ("scenario", "end"),
    [(IS_DONE, "loaded"), (HAS_FAILED, "failed"), (IS_DELETED, "deleted")],
    ids=["done", "failed", "deleted"],
)
def test_one_missing_from_a_page_is_polled_first_and_once(listed: Listed, scenario: Scenario, end: str) -> None:
    harness = listed()
    read_unfinished_ones_next(harness)
    stays = harness.see(*of(WAITS, 3))
    (gone,) = harness.see(replace(scenario, transcript_id=uuid.uuid4()))
    assert harness.page() == 0
    assert [query["status_code"] for query in harness.lists()] == ["processing"]
    assert harness.waiting(gone)["absent_at"] is not None
    assert harness.transcript(gone)["payload_state"] == "pending"  # absence is a hint and no end
    assert harness.tick() == 1
    assert (harness.transcript(gone)["payload_state"], harness.retrieves(gone)) == (end, 1)
    for id_ in stays:
        row = harness.waiting(id_)
        assert (row["absent_at"], harness.retrieves(id_)) == (None, 0)
        assert row["last_seen_at"] > row["tracked_at"]  # the page counts like a poll
        assert row["due_at"] > row["last_seen_at"]


def test_one_missing_from_a_page_and_unfinished_after_all_waits_like_any_other(listed: Listed) -> None:
    harness = listed()
    (id_,) = harness.see(WAITS)
    harness.change("update syncd.queue set absent_at = clock_timestamp()")
    assert harness.tick() == 1
    row = harness.waiting(id_)
    assert (row["absent_at"], row["stage"], row["due_at"] > row["last_seen_at"]) == (None, "poll", True)
    assert harness.tick() == 0


@pytest.mark.parametrize(
    "options",
    [
        {"page_size": 2},
        {"faults": Faults(odd_entry_first=1)},
        {"faults": Faults(double_entry_first=1)},
        {"faults": Faults(truncate_first=1, truncate_how="close")},
        {"faults": Faults(truncate_first=1, truncate_how="chunked")},
        {"faults": Faults(foreign_next="http://127.0.0.1:9", looping_next=True)},
        {"faults": Faults(looping_next=True)},
        {"faults": Faults(html_first=1)},
        {"faults": Faults(wrong_json_shape_first=1)},
        {"faults": Faults(reset_first=1)},
    ],
    ids=[
        "a next page",
        "an odd entry",
        "a double entry",
        "cut off",
        "cut off in chunks",
        "a foreign next",
        "a looping next",
        "a login page",
        "another shape",
        "no answer",
    ],
)
def test_a_page_that_may_not_be_all_proves_nothing_by_absence(listed: Listed, options: dict[str, Any]) -> None:
    harness = listed(**options)
    read_unfinished_ones_next(harness)
    harness.see(*of(WAITS, 3), *of(IS_DONE, 1))
    harness.page()
    assert [query["status_code"] for query in harness.lists()] == ["processing"]
    assert (
        harness.rows("select * from syncd.queue where absent_at is not null or absent_from_done_at is not null") == []
    )
    assert len(harness.rows("select * from syncd.queue where lease_token is null")) == 4
    assert harness.rows("select * from syncd.list_states where holder is not null") == []


def test_one_that_was_asked_about_after_the_page_was_is_not_missed(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    read_unfinished_ones_next(harness)
    gone, *_ = harness.see(*of(IS_DONE, 1), *of(WAITS, 3))
    before_the_answer(
        harness,
        monkeypatch,
        lambda: harness.change(
            "update syncd.queue set last_seen_at = clock_timestamp() where transcript_id = %s", gone
        ),
    )
    harness.page()
    assert harness.waiting(gone)["absent_at"] is None


def test_a_status_that_no_page_is_asked_for_is_asked_about_once_a_minute_and_not_after_every_page(
    listed: Listed,
) -> None:
    harness = listed()
    strange, *_ = harness.track(replace(IS_DONE, end="quarantined"), *of(WAITS, 3))
    harness.turn()
    read_unfinished_ones_next(harness)
    for _ in range(3):
        harness.change("update syncd.queue set last_seen_at = last_seen_at - interval '30 s'")
        harness.page()
        harness.tick()
    assert harness.lists()
    assert harness.retrieves(strange) == 1


# A list that is not up to date


def test_a_list_that_lags_never_turns_a_transcript_back(listed: Listed) -> None:
    harness = listed(list_lag_seconds=60.0)
    read_unfinished_ones_next(harness)
    ids = harness.see(*of(IS_DONE, 3))  # for the list, they wait for half a minute more
    harness.page()
    assert harness.rows("select * from syncd.queue where absent_at is not null") == []
    harness.turns()
    assert {harness.transcript(id_)["status"] for id_ in ids} == {"done"}
    before = [harness.transcript(id_) for id_ in ids]
    harness.see(*of(WAITS, 3))
    harness.page()
    assert len(harness.lists()) == 2
    assert [harness.transcript(id_) for id_ in ids] == before


def test_a_page_from_before_a_retrieve_changes_nothing_that_the_retrieve_has_written(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed(discovery=Discovery(True, datetime.now(UTC) - timedelta(days=1)), list_lag_seconds=60.0)
    (id_,) = harness.track(replace(IS_DONE, download_link_delay=1000.0))
    before_the_answer(harness, monkeypatch, harness.turn)
    harness.page()
    row = harness.transcript(id_)
    assert (row["status"], harness.waiting(id_)["stage"]) == ("done", "download")
    assert [row["status"] for row in harness.rows("select status from recall.status_history")] == ["done"]


def test_retrieves_that_absent_rows_wait_for_are_not_planned_with(listed: Listed) -> None:
    harness = listed()
    absent = harness.see(*of(WAITS, 3))[1:]
    harness.change("update syncd.queue set absent_at = clock_timestamp() where transcript_id = any(%s)", absent)
    with harness.engine.begin() as connection:
        view = harness.worker._planner._view(connection, database_now(connection))
    full = Budget(limit=60_000, tokens=0.0, refreshed_at=datetime.now(UTC)).burst
    assert (len(view.seen), view.retrieves) == (1, full - 2)
