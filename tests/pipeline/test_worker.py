"""The worker: what it claims and pays for, and what a refusal or a crash does to it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from recall_emulator import Emulator, Faults, Scenario
from syncd.db.content import files, transcripts
from syncd.recall import body
from tests.pipeline.harness import Harness


def test_every_call_is_paid_for_and_nothing_else(harness: Harness) -> None:
    harness.track(*[Scenario(finishes_after=None) for _ in range(5)])
    harness.turn()
    assert harness.row("select call_count from syncd.budgets")["call_count"] == 5
    harness.turn()
    made = sum(request.route == "retrieve" for request in harness.emulator.requests())
    assert harness.row("select call_count from syncd.budgets")["call_count"] == made == 10


def test_no_more_is_claimed_than_there_are_slots_or_tokens(harness: Harness) -> None:
    harness.track(*[Scenario(finishes_after=None) for _ in range(12)])
    assert harness.turn() == 8  # slots
    harness.rows("delete from syncd.calls returning 1")
    harness.rows("update syncd.budgets set tokens = 3, refreshed_at = clock_timestamp() returning 1")
    with_few_tokens = replace(harness.worker._limits, retrieve_limit=2)
    harness.worker._limits = with_few_tokens
    assert harness.turn() == 1  # the burst of a limit of two calls a minute
    assert harness.turn() == 0


@pytest.mark.parametrize(
    ("refuse", "words"),
    [
        (lambda emulator: emulator.refuse_key("demo-key"), "refused the API key (401)"),
    ],
    ids=["401"],
)
def test_a_refused_workspace_pauses_and_no_row_loses_an_attempt(
    harness: Harness, refuse: Callable[[Emulator], None], words: str
) -> None:
    refuse(harness.emulator)
    ids = harness.track(*[Scenario() for _ in range(3)])
    harness.turn()
    assert words in harness.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert {row["attempts"] for row in harness.rows("select attempts from syncd.queue")} == {0}
    asked = len(harness.emulator.requests())
    assert harness.turn() == 0
    assert len(harness.emulator.requests()) == asked
    harness.emulator.accept_key("demo-key")
    harness.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    assert harness.turn() == 1  # the probe
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None
    harness.turns()
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}


@pytest.mark.parametrize(
    "faults",
    [Faults(waf_first=1), Faults(payment_required_first=1)],
    ids=["403", "402"],
)
def test_a_firewall_or_a_bill_pauses_the_workspace_too(harness: Harness, faults: Faults) -> None:
    (id_,) = harness.track(Scenario(faults=faults))
    harness.turn()
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert harness.row("select attempts from syncd.queue")["attempts"] == 0
    harness.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_a_429_pauses_the_budget_for_everybody_and_costs_no_attempt(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(faults=Faults(throttle_first=1, retry_after_seconds=600)))
    harness.turn()
    budget = harness.row("select paused_until - clock_timestamp() as pause, throttled_count from syncd.budgets")
    assert 300 < budget["pause"].total_seconds() <= 600
    assert budget["throttled_count"] == 1
    assert harness.row("select attempts from syncd.queue")["attempts"] == 0
    assert harness.turn() == 0
    harness.rows("update syncd.budgets set paused_until = clock_timestamp() returning 1")
    assert harness.turns() >= 1
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_a_file_over_the_limit_ends_with_its_name_and_without_its_bytes(make_harness: Callable[..., Harness]) -> None:
    harness = make_harness(payload_limit=100_000)
    plain, bomb = harness.track(
        Scenario(hostile="huge", size=300_000, has_provider_data=False),
        Scenario(has_provider_data=False, faults=Faults(gzip_bomb_first=9)),
    )
    harness.turns()
    for id_ in (plain, bomb):
        row = harness.transcript(id_)
        assert row["payload_state"] == "too_large"
        assert "SYNCD_PAYLOAD_LIMIT" in row["payload_reason"]
    assert harness.rows("select * from recall.payloads") == []


def test_one_bad_file_does_not_hold_up_the_other(make_harness: Callable[..., Harness]) -> None:
    harness = make_harness(payload_limit=100_000)
    (id_,) = harness.track(Scenario(provider_data=b"[" + b" " * 200_000 + b"]"))
    harness.turns()
    row = harness.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "too_large")


def test_what_a_crash_left_on_the_shelf_is_loaded_without_a_call(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.turns()
    asked = len(harness.emulator.requests())
    harness.rows("delete from recall.utterance_data returning 1")
    harness.rows("update recall.transcripts set payload_state = 'stored', utterance_count = null returning 1")
    harness.rows(
        "insert into syncd.queue (transcript_id, workspace, stage, due_at, tracked_at, pending_until, lease_token,"
        " lease_holder, lease_until) values (%s, 'default', 'load', now(), now(), now() + interval '1 day', 1,"
        " 'the one that crashed', now() - interval '1 second') returning 1",
        id_,
    )
    assert harness.turns() == 1
    assert harness.transcript(id_)["payload_state"] == "loaded"
    assert harness.row("select count(*) from recall.utterances")["count"] > 0
    assert len(harness.emulator.requests()) == asked


def test_a_worker_that_lost_its_lease_writes_nothing(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease runs out while the file is compressed, and another worker claims the row."""
    (id_,) = harness.track(Scenario())
    pack = files.pack

    def pack_too_long(content: bytes) -> files.CompressedFile:
        harness.change("update syncd.queue set lease_token = lease_token + 1")
        return pack(content)

    monkeypatch.setattr(files, "pack", pack_too_long)
    harness.turn()
    assert harness.row("select count(*) from recall.utterances")["count"] == 0
    monkeypatch.undo()
    harness.rows("update syncd.queue set lease_until = now() - interval '1 second' returning 1")
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_a_fault_of_ours_costs_the_row_a_turn_and_not_the_worker_its_life(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id_,) = harness.track(Scenario())
    monkeypatch.setattr(transcripts, "observe_artifact", lambda *_: 1 / 0)
    harness.turn()
    row = harness.row("select attempts, last_error, lease_holder from syncd.queue")
    assert (row["attempts"], row["lease_holder"]) == (1, None)
    assert "ZeroDivisionError" in row["last_error"]
    monkeypatch.undo()
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_a_drain_gives_back_what_is_not_done_in_time(harness: Harness) -> None:
    harness.track(Scenario(faults=Faults(slow_headers_first=1, drip_seconds=0.2)))
    harness.worker.claim_due()
    assert harness.worker.drain(0.0) == 1
    assert harness.rows("select * from syncd.queue where lease_holder is not null") == []
    assert len(harness.rows("select * from syncd.queue")) == 1
    harness.worker.close()
    assert not harness.api._client.is_closed  # to cut the call off would count as a failure
    harness.emulator.stop()  # which ends the call


def test_after_a_drain_the_connections_can_be_closed(harness: Harness) -> None:
    harness.track(Scenario())
    harness.turns()
    assert harness.worker.drain(0.0) == 0
    harness.worker.close()
    assert harness.api._client.is_closed
    assert harness._store._client.is_closed


def test_the_key_never_reaches_the_file_store(harness: Harness) -> None:
    harness.track(*[Scenario() for _ in range(4)])
    harness.turns()
    files = [request for request in harness.emulator.requests() if request.listener == "files"]
    assert len(files) == 8
    assert not any(request.has_authorization for request in files)
    assert all(request.has_authorization for request in harness.emulator.requests() if request.listener == "api")


def test_a_fault_after_the_transcript_was_finished_leaves_it_at_the_stage_it_had_come_to(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.track(Scenario())
    monkeypatch.setattr(files, "pack", lambda _: 1 / 0)
    for attempts in (1, 2):
        harness.turn()
        row = harness.row("select stage, attempts, pending_until - clock_timestamp() as left from syncd.queue")
        assert (row["stage"], row["attempts"]) == ("download", attempts)
    deadline = harness.row("select pending_until from syncd.queue")
    harness.turn()
    assert harness.row("select pending_until from syncd.queue") == deadline


def test_a_row_that_lost_three_workers_is_put_off_without_a_call(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.rows(
        "update syncd.queue set lease_token = 1, lease_holder = 'lost', expired_lease_count = 2,"
        " lease_until = now() - interval '1 second' returning 1"
    )
    harness.turn()
    assert harness.retrieves(id_) == 0
    row = harness.row("select due_at - last_error_at as wait, last_error, expired_lease_count from syncd.queue")
    assert 50 < row["wait"].total_seconds() < 70
    assert "3 leases in a row ran out" in row["last_error"]
    harness.turns()
    assert harness.transcript(id_)["payload_state"] == "loaded"


def test_one_id_that_is_always_refused_does_not_stop_the_others(harness: Harness) -> None:
    refused, fine = harness.track(Scenario(faults=Faults(waf_first=99)), Scenario(finishes_after=None))
    harness.rows("update syncd.queue set forbidden_count = 1 returning 1")  # not the first time
    harness.turn()
    harness.rows("update syncd.workspaces set paused_until = clock_timestamp() returning 1")
    wait = "select due_at - clock_timestamp() as wait from syncd.queue where transcript_id = %s"
    assert harness.row(wait, refused)["wait"].total_seconds() > 500
    harness.rows("update syncd.queue set due_at = clock_timestamp() where transcript_id = %s returning 1", fine)
    assert harness.tick() == 1
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


def test_a_404_is_an_answer_and_ends_a_pause(harness: Harness) -> None:
    harness.track(Scenario(end="not_found"))
    harness.rows("update syncd.workspaces set pause_reason = 'refused', paused_until = clock_timestamp() returning 1")
    harness.turn()
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


def test_tracking_again_what_was_given_up_brings_both_files(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(created=-5.0))
    harness.rows(
        "update recall.transcripts set payload_state = 'missing', provider_data_state = 'missing' returning 1"
    )
    harness.rows("delete from syncd.queue returning 1")
    harness.rows("select recall.track(%s)", id_)
    harness.turns()
    row = harness.transcript(id_)
    assert (row["payload_state"], row["provider_data_state"]) == ("loaded", "loaded")


def test_large_files_are_held_one_at_a_time_and_all_arrive(harness: Harness) -> None:
    big = b'[{"participant":{"id":1,"name":"A"},"words":[' + b'{"text":"word"},' * 500_000 + b'{"text":"end"}]}]'
    ids = harness.track(*[Scenario(payload=big, has_provider_data=False) for _ in range(2)])
    harness.turns()
    assert [harness.transcript(id_)["word_count"] for id_ in ids] == [500_001] * 2


def test_small_files_flow_past_large_ones_that_wait_for_memory(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "LARGE_BYTES", 100_000)
    held = harness.worker._large_files
    held.wait()  # this thread holds a large file
    large = harness.track(*[Scenario(words=3000, has_provider_data=False) for _ in range(8)])  # as many as slots
    assert harness.worker.claim_due() == 8
    harness.until(lambda: len(harness.worker._pools.large) == harness.worker.in_flight_count == 8)
    small = harness.track(*[Scenario(words=50, has_provider_data=False) for _ in range(2)])
    assert harness.worker.claim_due() == 2
    harness.until(lambda: len(harness.worker._pools.large) == harness.worker.in_flight_count == 8)
    assert {harness.transcript(id_)["payload_state"] for id_ in small} == {"loaded"}
    assert {harness.transcript(id_)["payload_state"] for id_ in large} == {"pending"}
    assert harness.worker.in_flight_count == 8  # their leases are kept
    held.release()
    harness.until(lambda: harness.worker.in_flight_count == 0)
    assert {harness.transcript(id_)["payload_state"] for id_ in large} == {"loaded"}
    assert sum(harness.retrieves(id_) for id_ in large) == 8
