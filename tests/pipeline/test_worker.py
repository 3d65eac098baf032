"""The worker: what it takes and pays for, and what a refusal or a crash does to it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from recall_emulator import Emulator, Faults, Scenario
from syncd.db.content import files, transcripts
from tests.pipeline.harness import Bench


def test_every_call_is_paid_for_and_nothing_else(bench: Bench) -> None:
    bench.track(*[Scenario(finishes_after=None) for _ in range(5)])
    bench.turn()
    assert bench.row("select call_count from syncd.budgets")["call_count"] == 5
    bench.turn()
    made = sum(request.route == "retrieve" for request in bench.emulator.requests())
    assert bench.row("select call_count from syncd.budgets")["call_count"] == made == 10


def test_no_more_is_taken_than_there_are_slots_or_tokens(bench: Bench) -> None:
    bench.track(*[Scenario(finishes_after=None) for _ in range(12)])
    assert bench.turn() == 8  # slots
    bench.rows("delete from syncd.calls returning 1")
    bench.rows("update syncd.budgets set tokens = 3, refreshed_at = clock_timestamp() returning 1")
    with_few_tokens = replace(bench.worker._limits, retrieve_limit=2)
    bench.worker._limits = with_few_tokens
    assert bench.turn() == 1  # the burst of a limit of two calls a minute
    assert bench.turn() == 0


@pytest.mark.parametrize(
    ("refuse", "words"),
    [
        (lambda emulator: emulator.refuse_key("demo-key"), "refused the API key (401)"),
    ],
    ids=["401"],
)
def test_a_refused_workspace_pauses_and_no_row_loses_an_attempt(
    bench: Bench, refuse: Callable[[Emulator], None], words: str
) -> None:
    refuse(bench.emulator)
    ids = bench.track(*[Scenario() for _ in range(3)])
    bench.turn()
    assert words in bench.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert {row["attempts"] for row in bench.rows("select attempts from syncd.queue")} == {0}
    asked = len(bench.emulator.requests())
    assert bench.turn() == 0
    assert len(bench.emulator.requests()) == asked
    bench.emulator.accept_key("demo-key")
    bench.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    assert bench.turn() == 1  # the probe
    assert bench.row("select pause_reason from syncd.workspaces")["pause_reason"] is None
    bench.turns()
    assert {bench.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


@pytest.mark.parametrize(
    "faults",
    [Faults(waf_first=1), Faults(payment_required_first=1)],
    ids=["403", "402"],
)
def test_a_firewall_or_a_bill_pauses_the_workspace_too(bench: Bench, faults: Faults) -> None:
    (id_,) = bench.track(Scenario(faults=faults))
    bench.turn()
    assert bench.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert bench.row("select attempts from syncd.queue")["attempts"] == 0
    bench.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_a_429_pauses_the_budget_for_everybody_and_costs_no_attempt(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(faults=Faults(throttle_first=1, retry_after_seconds=40)))
    bench.turn()
    budget = bench.row("select paused_until - clock_timestamp() as pause, throttled_count from syncd.budgets")
    assert 35 < budget["pause"].total_seconds() <= 40
    assert budget["throttled_count"] == 1
    assert bench.row("select attempts from syncd.queue")["attempts"] == 0
    assert bench.turn() == 0
    bench.rows("update syncd.budgets set paused_until = clock_timestamp() returning 1")
    assert bench.turns() >= 1
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_a_file_over_the_limit_ends_with_its_name_and_without_its_bytes(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(payload_limit=100_000)
    plain, bomb = bench.track(
        Scenario(hostile="huge", size=300_000, has_provider_data=False),
        Scenario(has_provider_data=False, faults=Faults(gzip_bomb_first=9)),
    )
    bench.turns()
    for id_ in (plain, bomb):
        row = bench.transcript(id_)
        assert row["payload_state"] == "too_large"
        assert "SYNCD_PAYLOAD_LIMIT" in row["payload_reason"]
    assert bench.rows("select * from recall.payloads") == []


def test_one_bad_file_does_not_hold_up_the_other(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(payload_limit=100_000)
    (id_,) = bench.track(Scenario(provider_data=b"[" + b" " * 200_000 + b"]"))
    bench.turns()
    row = bench.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "too_large")


def test_what_a_crash_left_on_the_shelf_is_loaded_without_a_call(bench: Bench) -> None:
    (id_,) = bench.track(Scenario())
    bench.turns()
    asked = len(bench.emulator.requests())
    bench.rows("delete from recall.utterances returning 1")
    bench.rows("update recall.transcripts set payload_state = 'shelved', utterance_count = null returning 1")
    bench.rows(
        "insert into syncd.queue (transcript_id, workspace, stage, due_at, tracked_at, pending_until, lease_token,"
        " lease_holder, lease_until) values (%s, 'default', 'load', now(), now(), now() + interval '1 day', 1,"
        " 'the one that crashed', now() - interval '1 second') returning 1",
        id_,
    )
    assert bench.turns() == 1
    assert bench.transcript(id_)["payload_state"] == "loaded"
    assert bench.row("select count(*) from recall.utterances")["count"] > 0
    assert len(bench.emulator.requests()) == asked


def test_a_worker_that_lost_its_lease_writes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease runs out while the file is being stored and another worker takes the row."""
    (id_,) = bench.track(Scenario())
    store = files.store

    def store_too_late(connection: Any, *arguments: Any) -> None:
        store(connection, *arguments)
        connection.exec_driver_sql("update syncd.queue set lease_token = lease_token + 1")

    monkeypatch.setattr(files, "store", store_too_late)
    bench.turn()
    assert bench.row("select count(*) from recall.utterances")["count"] == 0
    monkeypatch.undo()
    bench.rows("update syncd.queue set lease_until = now() - interval '1 second' returning 1")
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_a_fault_of_ours_costs_the_row_a_turn_and_not_the_worker_its_life(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id_,) = bench.track(Scenario())
    monkeypatch.setattr(transcripts, "observe", lambda *_: 1 / 0)
    bench.turn()
    row = bench.row("select attempts, last_error, lease_holder from syncd.queue")
    assert (row["attempts"], row["lease_holder"]) == (1, None)
    assert "ZeroDivisionError" in row["last_error"]
    monkeypatch.undo()
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_a_drain_gives_back_what_is_not_done_in_time(bench: Bench) -> None:
    bench.track(Scenario(faults=Faults(slow_headers_first=1, drip_seconds=0.2)))
    bench.worker.claim_due()
    assert bench.worker.drain(0.0) == 1
    assert bench.rows("select * from syncd.queue where lease_holder is not null") == []
    assert len(bench.rows("select * from syncd.queue")) == 1


def test_the_key_never_reaches_the_file_store(bench: Bench) -> None:
    bench.track(*[Scenario() for _ in range(4)])
    bench.turns()
    files = [request for request in bench.emulator.requests() if request.listener == "files"]
    assert len(files) == 8
    assert not any(request.has_authorization for request in files)
    assert all(request.has_authorization for request in bench.emulator.requests() if request.listener == "api")


def test_a_fault_after_the_transcript_was_finished_leaves_it_at_the_stage_it_had_come_to(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.track(Scenario())
    monkeypatch.setattr(files, "pack", lambda _: 1 / 0)
    for attempts in (1, 2):
        bench.turn()
        row = bench.row("select stage, attempts, pending_until - clock_timestamp() as left from syncd.queue")
        assert (row["stage"], row["attempts"]) == ("download", attempts)
    deadline = bench.row("select pending_until from syncd.queue")
    bench.turn()
    assert bench.row("select pending_until from syncd.queue") == deadline


def test_a_row_that_lost_three_workers_is_put_off_without_a_call(bench: Bench) -> None:
    (id_,) = bench.track(Scenario())
    bench.rows(
        "update syncd.queue set lease_token = 1, lease_holder = 'lost', expired_lease_count = 2,"
        " lease_until = now() - interval '1 second' returning 1"
    )
    bench.turn()
    assert bench.retrieves(id_) == 0
    row = bench.row("select due_at - last_error_at as wait, last_error, expired_lease_count from syncd.queue")
    assert 50 < row["wait"].total_seconds() < 70
    assert "3 leases in a row ran out" in row["last_error"]
    bench.turns()
    assert bench.transcript(id_)["payload_state"] == "loaded"


def test_one_id_that_is_always_refused_does_not_stop_the_others(bench: Bench) -> None:
    refused, fine = bench.track(Scenario(faults=Faults(waf_first=99)), Scenario(finishes_after=None))
    bench.rows("update syncd.queue set forbidden_count = 1 returning 1")  # not the first time
    bench.turn()
    bench.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    wait = "select due_at - clock_timestamp() as wait from syncd.queue where transcript_id = %s"
    assert bench.row(wait, refused)["wait"].total_seconds() > 500
    bench.rows("update syncd.queue set due_at = clock_timestamp() where transcript_id = %s returning 1", fine)
    assert bench.tick() == 1
    assert bench.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


def test_a_404_is_an_answer_and_ends_a_pause(bench: Bench) -> None:
    bench.track(Scenario(end="not_found"))
    bench.rows("update syncd.workspaces set pause_reason = 'refused', paused_until = clock_timestamp() returning 1")
    bench.turn()
    assert bench.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


def test_tracking_again_what_was_given_up_brings_both_files(bench: Bench) -> None:
    (id_,) = bench.track(Scenario(created=-5.0))
    bench.rows("update recall.transcripts set payload_state = 'missing', provider_data_state = 'missing' returning 1")
    bench.rows("delete from syncd.queue returning 1")
    bench.rows("select recall.track(%s)", id_)
    bench.turns()
    row = bench.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "loaded")


def test_large_files_are_held_one_at_a_time_and_all_arrive(bench: Bench) -> None:
    big = b'[{"participant":{"id":1,"name":"A"},"words":[' + b'{"text":"word"},' * 500_000 + b'{"text":"end"}]}]'
    ids = bench.track(*[Scenario(payload=big, has_provider_data=False) for _ in range(2)])
    bench.turns()
    assert [bench.transcript(id_)["word_count"] for id_ in ids] == [500_001] * 2
