"""Pages of the list: what they bring, what they prove, and what they must never do."""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario
from syncd.core.reading.list_page import Page, Selection
from syncd.db.engine import Engine
from syncd.db.rate_limit import budgets
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery
from tests.pipeline.harness import Bench
from tests.pipeline.test_path import assert_exact

Listed = Callable[..., Bench]

WAITS = Scenario(created=-90.0, finishes_after=None, words=20)
DONE = Scenario(created=-90.0, finishes_after=60.0, words=20)
BRIEF = replace(DONE, has_provider_data=False)
FAILED = replace(DONE, end="failed", sub_code="no_audio")
DELETED = replace(DONE, end="deleted")


def of(script: Scenario, count: int) -> list[Scenario]:
    """The same life, lived by several."""
    return [replace(script, transcript_id=uuid.uuid4()) for _ in range(count)]


@pytest.fixture
def listed(engine: Engine) -> Iterator[Listed]:
    """Benches that read the list; what Recall is like, by keyword."""
    with contextlib.ExitStack() as stack:

        def make(*, discovery: Discovery = NO_DISCOVERY, list_limit: int = 60_000, **options: Any) -> Bench:
            limits = {"retrieve_limit": 100_000, "list_limit": 100_000}
            emulator = stack.enter_context(Emulator(EmulatorOptions(**limits | options)))
            return stack.enter_context(Bench(engine, emulator, list_limit=list_limit, discovery=discovery))

        yield make


def look_at_unfinished_ones(bench: Bench) -> None:
    """Pages of finished ones seem full of others, so the next window is one of unfinished ones."""
    bench.change(
        "insert into syncd.list_states (workspace, page_size, foreign_processing, foreign_done, turn, scan_hits,"
        " failure_count) values ('default', 100, 0, 1000, 0, 100, 0)"
        " on conflict (workspace) do update set foreign_done = 1000"
    )


def sweeps(bench: Bench) -> dict[str, Any]:
    """What is known about the list."""
    return bench.row("select * from syncd.list_states")


def restarted(bench: Bench, engine: Engine, discovery: Discovery = NO_DISCOVERY) -> Bench:
    """The same Recall and database, another process."""
    return Bench(engine, bench.emulator, list_limit=60_000, discovery=discovery, holder="another")


# What a page of finished ones brings


def test_a_finished_transcript_on_a_page_is_loaded_without_a_retrieve(listed: Listed) -> None:
    bench = listed()
    ids = bench.see(*of(DONE, 3))
    assert bench.page() == 3
    assert [query["status_code"] for query in bench.lists()] == ["done"]
    assert bench.rows("select * from syncd.queue") == []
    for id_ in ids:
        assert bench.transcript(id_)["payload_state"] == "loaded"
        assert bench.retrieves(id_) == 0
        assert_exact(bench, id_)
    history = bench.rows("select status from recall.status_history")
    assert [row["status"] for row in history] == ["done"] * 3


def test_a_page_of_finished_ones_passes_over_the_others_and_no_analyst_sees_a_difference(listed: Listed) -> None:
    bench = listed()
    ids = bench.see(*of(WAITS, 3))
    before = [bench.transcript(id_) for id_ in ids]
    queued = [bench.waiting(id_) for id_ in ids]
    assert bench.page() == 0
    assert [query["status_code"] for query in bench.lists()] == ["done"]
    assert [bench.transcript(id_) for id_ in ids] == before
    assert bench.rows("select * from recall.status_history") == []
    for id_, was in zip(ids, queued, strict=True):
        row = bench.waiting(id_)
        assert row["absent_from_done_at"] > row["last_seen_at"]
        assert row | {"absent_from_done_at": None} == was
    assert bench.page() == 0
    assert len(bench.lists()) == 1  # so soon after, another page is worth nothing


def test_a_finished_transcript_without_a_link_waits_for_it_and_its_retrieve_brings_it(listed: Listed) -> None:
    bench = listed()
    (id_,) = bench.see(replace(DONE, download_link_delay=31.0))
    bench.page()
    row = bench.waiting(id_)
    assert (row["stage"], row["lease_holder"], "no link" in row["last_error"]) == ("download", None, True)
    while bench.turn():
        pass
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_a_page_does_not_touch_what_a_worker_has_in_hand(listed: Listed) -> None:
    bench = listed()
    held, free = bench.see(*of(DONE, 2))
    bench.change(
        "update syncd.queue set lease_token = 7, lease_holder = 'other', lease_until = clock_timestamp() + interval"
        " '1 minute' where transcript_id = %s",
        held,
    )
    before = bench.waiting(held)
    assert bench.page() == 1
    assert bench.waiting(held) == before
    assert bench.transcript(free)["payload_state"] == "loaded"


# What a page of unfinished ones proves


@pytest.mark.parametrize(
    ("script", "end"), [(DONE, "loaded"), (FAILED, "failed"), (DELETED, "deleted")], ids=["done", "failed", "deleted"]
)
def test_one_that_left_is_asked_about_first_and_once(listed: Listed, script: Scenario, end: str) -> None:
    bench = listed()
    look_at_unfinished_ones(bench)
    stays = bench.see(*of(WAITS, 3))
    (gone,) = bench.see(replace(script, transcript_id=uuid.uuid4()))
    assert bench.page() == 0
    assert [query["status_code"] for query in bench.lists()] == ["processing"]
    assert bench.waiting(gone)["absent_at"] is not None
    assert bench.transcript(gone)["payload_state"] == "pending"  # absence is a hint and no end
    assert bench.tick() == 1
    assert (bench.transcript(gone)["payload_state"], bench.retrieves(gone)) == (end, 1)
    for id_ in stays:
        row = bench.waiting(id_)
        assert (row["absent_at"], bench.retrieves(id_)) == (None, 0)
        assert row["last_seen_at"] > row["tracked_at"]  # the page counts like a look
        assert row["due_at"] > row["last_seen_at"]


def test_one_that_left_and_is_unfinished_after_all_waits_like_any_other(listed: Listed) -> None:
    bench = listed()
    (id_,) = bench.see(WAITS)
    bench.change("update syncd.queue set absent_at = clock_timestamp()")
    assert bench.tick() == 1
    row = bench.waiting(id_)
    assert (row["absent_at"], row["stage"], row["due_at"] > row["last_seen_at"]) == (None, "poll", True)
    assert bench.tick() == 0


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
    bench = listed(**options)
    look_at_unfinished_ones(bench)
    bench.see(*of(WAITS, 3), *of(DONE, 1))
    bench.page()
    assert [query["status_code"] for query in bench.lists()] == ["processing"]
    assert (
        bench.rows("select * from syncd.queue where absent_at is not null or absent_from_done_at is not null") == []
    )
    assert len(bench.rows("select * from syncd.queue where lease_token is null")) == 4
    assert bench.rows("select * from syncd.list_states where holder is not null") == []


def test_one_that_was_asked_about_after_the_page_was_is_not_missed(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = listed()
    look_at_unfinished_ones(bench)
    gone, *_ = bench.see(*of(DONE, 1), *of(WAITS, 3))
    before_the_answer(
        bench,
        monkeypatch,
        lambda: bench.change(
            "update syncd.queue set last_seen_at = clock_timestamp() where transcript_id = %s", gone
        ),
    )
    bench.page()
    assert bench.waiting(gone)["absent_at"] is None


def test_a_status_that_no_page_is_asked_for_is_asked_about_once_a_minute_and_not_after_every_page(
    listed: Listed,
) -> None:
    bench = listed()
    strange, *_ = bench.track(replace(DONE, end="quarantined"), *of(WAITS, 3))
    bench.turn()
    look_at_unfinished_ones(bench)
    for _ in range(3):
        bench.change("update syncd.queue set last_seen_at = last_seen_at - interval '30 s'")
        bench.page()
        bench.tick()
    assert bench.lists()
    assert bench.retrieves(strange) == 1


# A list that is not up to date


def test_a_list_that_lags_never_turns_a_transcript_back(listed: Listed) -> None:
    bench = listed(list_lag_seconds=60.0)
    look_at_unfinished_ones(bench)
    ids = bench.see(*of(DONE, 3))  # for the list, they wait for half a minute more
    bench.page()
    assert bench.rows("select * from syncd.queue where absent_at is not null") == []
    bench.turns()
    assert {bench.transcript(id_)["status"] for id_ in ids} == {"done"}
    before = [bench.transcript(id_) for id_ in ids]
    bench.see(*of(WAITS, 3))
    bench.page()
    assert len(bench.lists()) == 2
    assert [bench.transcript(id_) for id_ in ids] == before


def test_a_page_from_before_a_retrieve_changes_nothing_that_the_retrieve_has_written(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = listed(discovery=Discovery(True, datetime.now(UTC) - timedelta(days=1)), list_lag_seconds=60.0)
    (id_,) = bench.track(replace(DONE, download_link_delay=1000.0))
    before_the_answer(bench, monkeypatch, bench.turn)
    bench.page()
    row = bench.transcript(id_)
    assert (row["status"], bench.waiting(id_)["stage"]) == ("done", "download")
    assert [row["status"] for row in bench.rows("select status from recall.status_history")] == ["done"]


def before_the_answer(bench: Bench, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between the list call and what is made of its answer, once."""
    ask, acts = bench.api.list, [act]

    def asked(selection: Selection, next_url: str | None = None, send_by: float | None = None) -> Page:
        page = ask(selection, next_url, send_by)
        while acts:
            acts.pop()()
        return page

    monkeypatch.setattr(bench.api, "list", asked)


# The walk


def test_a_walk_finds_what_was_never_seen_page_by_page_and_nothing_else(listed: Listed) -> None:
    bench = listed(page_size=7)
    foreign = [bench.emulator.add(script) for script in of(replace(BRIEF, created=-80.0), 10)]
    ids = bench.track(*of(BRIEF, 25))
    bench.pages(6)
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert not any(bench.retrieves(id_) for id_ in [*ids, *foreign])
    assert bench.row("select count(*) from recall.transcripts")["count"] == 25
    queries = bench.lists()
    assert [set(query) for query in queries] == [{"status_code"}, *[{"status_code", "cursor"}] * 4]
    assert len({query.get("cursor") for query in queries}) == 5


@pytest.mark.parametrize("order", ["newest", "random"])
def test_a_walk_goes_on_after_a_restart(listed: Listed, engine: Engine, order: str) -> None:
    bench = listed(page_size=7, page_order=order)
    ids = bench.track(*of(BRIEF, 21))
    bench.page()
    bench.worker.drain(20.0)
    with restarted(bench, engine) as another:
        another.pages(3)
    queries = bench.lists()
    assert len(queries) == len({query.get("cursor") for query in queries}) == 3
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_walk_that_has_found_everybody_begins_anew_for_the_next_flood(listed: Listed) -> None:
    bench = listed(page_size=7)
    for script in of(replace(BRIEF, created=-5000.0), 20):
        bench.emulator.add(script)
    for _ in range(2):
        bench.track(*of(BRIEF, 21))  # the newest, which the list shows first
        bench.pages(5)
        assert bench.rows("select * from syncd.queue") == []
    assert ["cursor" in query for query in bench.lists()] == [False, True, True] * 2
    bench.track(*of(BRIEF, 1))
    bench.pages(3)
    assert len(bench.lists()) == 6


def test_few_unseen_ids_are_left_to_retrieves(listed: Listed) -> None:
    bench = listed()
    bench.track(*of(DONE, 19))
    assert bench.page() == 0
    assert bench.lists() == []


def test_a_walk_in_circles_comes_to_its_end(listed: Listed) -> None:
    bench = listed(page_size=7, faults=Faults(looping_next=True))
    bench.track(*of(BRIEF, 30))
    bench.pages(6)
    assert len(bench.lists()) == 2
    row = sweeps(bench)
    assert row["scan_url"] is None
    assert row["scan_paused_until"] > datetime.now(UTC) + timedelta(minutes=10)
    bench.change("update syncd.list_states set scan_paused_until = clock_timestamp()")
    bench.page()
    assert "cursor" not in bench.lists()[2]


def test_a_walk_that_finds_nothing_of_ours_rests(listed: Listed) -> None:
    bench = listed(page_size=2)
    for script in of(DONE, 60):
        bench.emulator.add(script)
    bench.track(*of(WAITS, 20))
    bench.pages(30)
    assert 20 <= len(bench.lists()) <= 26  # of thirty pages of others
    row = sweeps(bench)
    assert (row["scan_url"], row["scan_paused_until"] > datetime.now(UTC)) == (None, True)


def test_a_walk_whose_place_is_unknown_begins_anew(listed: Listed) -> None:
    bench = listed(page_size=7)
    ids = bench.track(*of(BRIEF, 28))
    bench.page()
    bench.change("update syncd.list_states set scan_url = scan_url || 'gone'")
    bench.page()
    row = sweeps(bench)
    assert (row["scan_url"], row["failure_count"], row["holder"]) == (None, 1, None)
    assert "does not know this page" in row["pause_reason"]
    bench.page()
    assert len(bench.lists()) == 2  # a moment's rest
    bench.change("update syncd.list_states set paused_until = clock_timestamp()")
    bench.pages(4)
    assert "cursor" not in bench.lists()[2]
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert sweeps(bench)["pause_reason"] is None


# Discovery


def since(seconds: float) -> Discovery:
    return Discovery(True, datetime.now(UTC) - timedelta(seconds=seconds))


def test_nobody_is_discovered_unless_that_is_wanted(listed: Listed) -> None:
    bench = listed()
    for script in (*of(DONE, 3), *of(WAITS, 3)):
        bench.emulator.add(script)
    bench.pages(2)
    assert bench.lists() == []
    bench.see(*of(DONE, 2))
    bench.page()
    assert len(bench.lists()) == 1
    assert bench.row("select count(*) from recall.transcripts")["count"] == 2


def test_those_created_after_the_given_time_are_discovered_and_no_others(listed: Listed) -> None:
    bench = listed(discovery=since(3600.0))
    scripts = {
        name: replace(script, transcript_id=uuid.uuid4())
        for name, script in {"loaded": DONE, "failed": FAILED, "deleted": DELETED, "pending": WAITS}.items()
    }
    for script in (*scripts.values(), *of(replace(DONE, created=-7200.0), 3)):
        bench.emulator.add(script)
    bench.page()
    assert bench.row("select count(*) from recall.transcripts")["count"] == 4
    for state, script in scripts.items():
        row = bench.transcript(script.transcript_id)
        assert (row["payload_state"], bench.retrieves(script.transcript_id)) == (state, 0)
        assert row["provider"] == "deepgram_async"
    assert bench.waiting(scripts["pending"].transcript_id)["is_observed"] is True
    assert [set(query) for query in bench.lists()] == [{"created_at_after"}]


def test_without_a_given_time_only_what_comes_after_the_first_start_is_discovered(
    listed: Listed, engine: Engine
) -> None:
    bench = listed(discovery=Discovery(True))
    bench.emulator.add(DONE)
    bench.page()
    assert bench.rows("select * from recall.transcripts") == []
    later = bench.emulator.add(Scenario())
    bench.change("update syncd.list_states set discovered_at = discovered_at - interval '31 s'")
    with restarted(bench, engine, Discovery(True)) as another:
        another.page()
    assert [row["transcript_id"] for row in bench.rows("select transcript_id from recall.transcripts")] == [later]


def test_discovery_goes_on_after_a_restart(listed: Listed, engine: Engine) -> None:
    discovery = since(3600.0)
    bench = listed(discovery=discovery, page_size=2)
    ids = [bench.emulator.add(script) for script in of(BRIEF, 5)]
    bench.page()
    bench.worker.drain(20.0)
    with restarted(bench, engine, discovery) as another:
        another.pages(4)
    queries = bench.lists()
    assert len(queries) == len({query.get("cursor") for query in queries}) == 3
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_later_pass_discovers_later_ones_and_looks_back_a_little(listed: Listed) -> None:
    bench = listed(discovery=since(3600.0))
    bench.page()
    assert bench.page() == 0
    assert len(bench.lists()) == 1  # a pass every half a minute
    bench.change("update syncd.list_states set discovered_at = discovered_at - interval '31 s'")
    began_at = sweeps(bench)["discovered_at"]
    late = bench.emulator.add(DONE)  # created before the first pass, and shown by the list only now
    assert bench.page() == 1
    assert bench.transcript(late)["payload_state"] == "loaded"
    after = datetime.fromisoformat(bench.lists()[1]["created_at_after"])
    assert after == began_at - timedelta(minutes=10)


def test_discovery_whose_place_is_unknown_begins_anew_and_misses_nobody(listed: Listed) -> None:
    bench = listed(discovery=since(3600.0), page_size=2)
    ids = [bench.emulator.add(script) for script in of(BRIEF, 5)]
    bench.page()
    bench.change("update syncd.list_states set discover_url = discover_url || 'gone'")
    bench.page()
    bench.change("update syncd.list_states set paused_until = clock_timestamp()")
    bench.pages(4)
    queries = bench.lists()
    assert ["cursor" in query for query in queries] == [False, True, False, True, True]
    assert len({query["created_at_after"] for query in queries}) == 1
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_the_same_page_twice_is_harmless(listed: Listed) -> None:
    bench = listed(discovery=since(3600.0), faults=Faults(looping_next=True))
    ids = [bench.emulator.add(script) for script in (*of(DONE, 3), *of(WAITS, 2))]
    bench.pages(4)
    assert len(bench.lists()) == 2
    known = sweeps(bench)
    assert (known["discovered_at"], known["discover_began_at"]) == (None, None)  # such a pass proves nothing
    assert known["discover_paused_until"] is not None
    assert bench.row("select count(*) from recall.transcripts")["count"] == 5
    assert bench.row("select count(*) from recall.payloads")["count"] == 6
    assert not any(bench.retrieves(id_) for id_ in ids)


# Refusals


def test_a_403_on_the_list_rests_the_list_and_nothing_else(listed: Listed) -> None:
    bench = listed(list_refused=True)
    ids = bench.see(*of(DONE, 3))
    assert bench.page() == 0
    row = sweeps(bench)
    assert timedelta(minutes=59) < row["paused_until"] - datetime.now(UTC) < timedelta(minutes=61)
    assert "403" in row["pause_reason"]
    assert bench.row("select pause_reason from syncd.workspaces")["pause_reason"] is None
    assert bench.page() == 0
    assert len(bench.lists()) == 1
    bench.turns()
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


def test_a_refused_key_pauses_the_whole_workspace(listed: Listed) -> None:
    bench = listed()
    bench.see(*of(DONE, 3))
    bench.emulator.refuse_key("demo-key")
    bench.page()
    assert "401" in bench.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert bench.turn() == 0
    bench.change("update syncd.list_states set paused_until = null")
    bench.page()
    assert len(bench.emulator.requests()) == 1
    bench.emulator.accept_key("demo-key")
    bench.change("update syncd.workspaces set paused_until = clock_timestamp()")
    bench.page()
    assert len(bench.emulator.requests()) == 1  # the probe is a retrieve
    assert bench.turn() == 1
    bench.page()
    assert bench.rows("select * from syncd.queue") == []


def test_a_429_on_the_list_pauses_the_budget_of_the_list_alone(listed: Listed) -> None:
    bench = listed(faults=Faults(throttle_first=1, retry_after_seconds=40))
    bench.see(*of(replace(DONE, faults=Faults()), 3))
    bench.page()
    pauses = (
        "select route, paused_until - clock_timestamp() as pause from syncd.budgets where paused_until is not null"
    )
    paused = bench.row(pauses)
    assert (paused["route"], 35 < paused["pause"].total_seconds() <= 40) == ("list", True)
    bench.change("update syncd.list_states set paused_until = null")
    bench.page()
    assert len(bench.lists()) == 1
    assert bench.turns() == 1


def test_a_429_on_a_retrieve_leaves_the_list_going(listed: Listed) -> None:
    bench = listed()
    (id_,) = bench.see(replace(DONE, faults=Faults(throttle_first=1, retry_after_seconds=40)))
    bench.turn()
    (paused,) = bench.rows("select route from syncd.budgets where paused_until is not null")
    assert paused["route"] == "retrieve"
    (other,) = bench.see(*of(DONE, 1))
    assert bench.page() == 1
    assert bench.transcript(other)["payload_state"] == "loaded"
    assert bench.transcript(id_)["payload_state"] == "pending"


def test_a_limit_of_nothing_makes_no_list_call(listed: Listed) -> None:
    bench = listed(list_limit=0, discovery=since(3600.0))
    bench.see(*of(DONE, 3))
    bench.track(*of(BRIEF, 30))
    assert bench.page() == 0
    assert bench.lists() == []


def test_a_list_call_that_fails_is_tried_again_after_ever_longer_rests(listed: Listed) -> None:
    bench = listed(faults=Faults(error_first=3, listener="api"))
    bench.see(*of(replace(DONE, faults=Faults()), 3))
    rests = []
    for _ in range(3):
        bench.page()
        rests.append((sweeps(bench)["paused_until"] - datetime.now(UTC)).total_seconds())
        bench.change("update syncd.list_states set paused_until = clock_timestamp()")
    assert 0 < rests[0] <= 1 < rests[1] <= 2 < rests[2] <= 4
    assert bench.page() == 3
    row = sweeps(bench)
    assert (row["failure_count"], row["paused_until"], row["pause_reason"]) == (0, None, None)


def test_every_list_call_is_paid_for_and_noted_as_over(listed: Listed) -> None:
    bench = listed(page_size=7)
    bench.track(*of(BRIEF, 25))
    bench.pages(4)
    row = bench.row("select call_count from syncd.budgets where route = 'list'")
    calls = bench.rows("select * from syncd.calls where route = 'list'")
    assert len(bench.lists()) == row["call_count"] == len(calls) == 4
    assert all(call["over_at"] <= datetime.now(UTC) for call in calls)


# Several processes


def test_only_one_process_reads_a_page_at_a_time(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = listed()
    bench.see(*of(DONE, 3))
    with restarted(bench, engine) as another:
        found = []
        before_the_answer(bench, monkeypatch, lambda: found.append(another.page()))
        assert bench.page() == 3
    assert (found, len(bench.lists())) == ([0], 1)
    assert bench.row("select call_count from syncd.budgets where route = 'list'")["call_count"] == 1


def test_a_hold_that_ran_out_is_taken_over_and_the_late_one_changes_nothing(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = listed(page_size=7)
    ids = bench.track(*of(BRIEF, 28))
    states = []
    with restarted(bench, engine) as another:

        def take_over() -> None:
            bench.change("update syncd.list_states set held_until = clock_timestamp()")
            another.pages(2)
            states.append(sweeps(bench))

        before_the_answer(bench, monkeypatch, take_over)
        assert bench.page() == 0  # the other one was faster
    assert sweeps(bench) == states[0]
    assert states[0]["turn"] == 2
    bench.pages(3)
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    assert bench.row("select count(*) from recall.payloads")["count"] == 28


def test_who_planned_before_another_read_its_page_plans_again(
    listed: Listed, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planning takes a while; by then, another process may have read the very page, or been refused."""
    bench = listed(page_size=7)
    bench.track(*of(BRIEF, 28))
    lock = budgets.lock
    states: list[dict[str, Any]] = []
    with restarted(bench, engine) as another:

        def lock_late(*arguments: Any) -> Any:
            if not states:
                states.append({})
                another.page()
                states.append(sweeps(bench))
            return lock(*arguments)

        monkeypatch.setattr(budgets, "lock", lock_late)
        bench.page()
    assert sweeps(bench) == states[1]
    assert len(bench.lists()) == 1


def test_many_processes_never_make_more_list_calls_than_the_limit(engine: Engine) -> None:
    count = 5
    discovery = since(3600.0)
    with (
        Emulator(EmulatorOptions(list_limit=count, page_size=1)) as emulator,
        contextlib.ExitStack() as stack,
    ):
        for script in of(WAITS, 30):
            emulator.add(script)
        benches = [
            stack.enter_context(Bench(engine, emulator, list_limit=count, discovery=discovery, holder=str(number)))
            for number in range(6)
        ]

        def state(bench: Bench) -> None:
            for _ in range(12):
                # as if the bucket were always full: only the window is left to keep the limit
                bench.change("update syncd.budgets set refreshed_at = clock_timestamp() - interval '1 minute'")
                bench.page()

        threads = [threading.Thread(target=state, args=(bench,)) for bench in benches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [request.status for request in emulator.requests() if request.route == "list"] == [200] * count
