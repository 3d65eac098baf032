"""List calls that are refused, fail, or are made by several processes."""

import contextlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults
from syncd.db.engine import Engine
from syncd.db.rate_limit import budgets
from tests.pipeline.harness import Harness
from tests.pipeline.listing import (
    BRIEF,
    IS_DONE,
    WAITS,
    Listed,
    before_the_answer,
    list_state,
    of,
    restarted,
    since,
)


def test_the_same_page_twice_is_harmless(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0), faults=Faults(looping_next=True))
    ids = [harness.emulator.add(scenario) for scenario in (*of(IS_DONE, 3), *of(WAITS, 2))]
    harness.pages(4)
    assert len([query for query in harness.lists() if "status_code" not in query]) == 2
    known = list_state(harness)
    assert (known["discovered_at"], known["discover_began_at"]) == (None, None)  # such a pass proves nothing
    assert known["discover_paused_until"] is not None
    assert harness.row("select count(*) from recall.transcripts")["count"] == 5
    assert harness.row("select count(*) from recall.payloads")["count"] == 6
    assert not any(harness.retrieves(id_) for id_ in ids)


# Refusals


def test_a_403_on_the_list_pauses_the_list_and_nothing_else(listed: Listed) -> None:
    harness = listed(list_refused=True)
    ids = harness.see(*of(IS_DONE, 3))
    assert harness.page() == 0
    row = list_state(harness)
    assert timedelta(minutes=59) < row["paused_until"] - datetime.now(UTC) < timedelta(minutes=61)
    assert "403" in row["pause_reason"]
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None
    assert harness.page() == 0
    assert len(harness.lists()) == 1
    harness.turns()
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_refused_key_pauses_the_whole_workspace(listed: Listed) -> None:
    harness = listed()
    harness.see(*of(IS_DONE, 3))
    harness.emulator.refuse_key("demo-key")
    harness.page()
    assert "401" in harness.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert harness.turn() == 0
    harness.change("update syncd.list_states set paused_until = null")
    harness.page()
    assert len(harness.emulator.requests()) == 1
    harness.emulator.accept_key("demo-key")
    harness.change("update syncd.workspaces set paused_until = clock_timestamp()")
    harness.page()
    assert len(harness.emulator.requests()) == 1  # the probe is a retrieve
    assert harness.turn() == 1
    harness.page()
    assert harness.rows("select * from syncd.queue") == []


def test_a_429_on_the_list_pauses_the_budget_of_the_list_alone(listed: Listed) -> None:
    harness = listed(faults=Faults(throttle_first=1, retry_after_seconds=40))
    harness.see(*of(replace(IS_DONE, faults=Faults()), 3))
    harness.page()
    pauses = (
        "select route, paused_until - clock_timestamp() as pause from syncd.budgets where paused_until is not null"
    )
    paused = harness.row(pauses)
    assert (paused["route"], 35 < paused["pause"].total_seconds() <= 40) == ("list", True)
    harness.change("update syncd.list_states set paused_until = null")
    harness.page()
    assert len(harness.lists()) == 1
    assert harness.turns() == 1


def test_a_429_on_a_retrieve_leaves_the_list_going(listed: Listed) -> None:
    harness = listed()
    (id_,) = harness.see(replace(IS_DONE, faults=Faults(throttle_first=1, retry_after_seconds=40)))
    harness.turn()
    (paused,) = harness.rows("select route from syncd.budgets where paused_until is not null")
    assert paused["route"] == "retrieve"
    (other,) = harness.see(*of(IS_DONE, 1))
    assert harness.page() == 1
    assert harness.transcript(other)["payload_state"] == "loaded"
    assert harness.transcript(id_)["payload_state"] == "pending"


def test_a_limit_of_nothing_makes_no_list_call(listed: Listed) -> None:
    harness = listed(list_limit=0, discovery=since(3600.0))
    harness.see(*of(IS_DONE, 3))
    harness.track(*of(BRIEF, 30))
    assert harness.page() == 0
    assert harness.lists() == []


def test_after_a_list_call_that_fails_there_is_a_pause_until_one_succeeds(listed: Listed) -> None:
    harness = listed(faults=Faults(error_first=3, listener="api"))
    harness.see(*of(replace(IS_DONE, faults=Faults()), 3))
    for count in range(1, 4):
        before = datetime.now(UTC)
        harness.page()
        row = list_state(harness)
        assert (row["failure_count"], row["paused_until"] > before) == (count, True)
        harness.change("update syncd.list_states set paused_until = clock_timestamp()")
    assert harness.page() == 3
    row = list_state(harness)
    assert (row["failure_count"], row["paused_until"], row["pause_reason"]) == (0, None, None)


def test_every_list_call_is_paid_for_and_noted_as_over(listed: Listed) -> None:
    harness = listed(page_size=7)
    harness.track(*of(BRIEF, 25))
    harness.pages(4)
    row = harness.row("select call_count from syncd.budgets where route = 'list'")
    calls = harness.rows("select * from syncd.calls where route = 'list'")
    assert len(harness.lists()) == row["call_count"] == len(calls) == 4
    assert all(call["over_at"] <= datetime.now(UTC) for call in calls)


# Several processes


def test_only_one_process_reads_a_page_at_a_time(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    harness.see(*of(IS_DONE, 3))
    with restarted(harness, engine) as another:
        found = []
        before_the_answer(harness, monkeypatch, lambda: found.append(another.page()))
        assert harness.page() == 3
    assert (found, len(harness.lists())) == ([0], 1)
    assert harness.row("select call_count from syncd.budgets where route = 'list'")["call_count"] == 1


def test_a_hold_that_ran_out_is_taken_over_and_the_late_one_changes_nothing(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed(page_size=7)
    ids = harness.track(*of(BRIEF, 28))
    states = []
    with restarted(harness, engine) as another:

        def take_over() -> None:
            harness.change("update syncd.list_states set held_until = clock_timestamp()")
            another.pages(2)
            states.append(list_state(harness))

        before_the_answer(harness, monkeypatch, take_over)
        assert harness.page() == 0  # the other one was faster
    assert list_state(harness) == states[0]
    assert states[0]["turn"] == 2
    harness.pages(3)
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert harness.row("select count(*) from recall.payloads")["count"] == 28


def test_who_planned_before_another_read_its_page_plans_again(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planning takes a while; by then, another process may have read the very page, or been refused."""
    harness = listed(page_size=7)
    harness.track(*of(BRIEF, 28))
    lock = budgets.lock
    states: list[dict[str, Any]] = []
    with restarted(harness, engine) as another:

        def lock_late(*arguments: Any) -> Any:
            if not states:
                states.append({})
                another.page()
                states.append(list_state(harness))
            return lock(*arguments)

        monkeypatch.setattr(budgets, "lock", lock_late)
        harness.page()
    assert list_state(harness) == states[1]
    assert len(harness.lists()) == 1


def test_many_processes_never_make_more_list_calls_than_the_limit(engine: Engine) -> None:
    count = 5
    discovery = since(3600.0)
    with (
        Emulator(EmulatorOptions(list_limit=count, page_size=1)) as emulator,
        contextlib.ExitStack() as stack,
    ):
        for scenario in of(WAITS, 30):
            emulator.add(scenario)
        harnesses = [
            stack.enter_context(Harness(engine, emulator, list_limit=count, discovery=discovery, holder=str(number)))
            for number in range(6)
        ]

        def read_pages(harness: Harness) -> None:
            for _ in range(12):
                # as if the bucket were always full: only the window is left to keep the limit
                harness.change("update syncd.budgets set refreshed_at = clock_timestamp() - interval '1 minute'")
                harness.page()

        threads = [threading.Thread(target=read_pages, args=(harness,)) for harness in harnesses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        read_pages(harnesses[0])  # whatever the others left over, as they waited for each other
        statuses = [request.status for request in emulator.requests() if request.route == "list"]
        assert set(statuses) == {200}  # the emulator answers 429 to every call over the limit
        assert len(statuses) >= count
