"""While most calls or downloads fail: few of them are made, nothing is lost, and soon after it all goes on."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from recall_emulator import Faults, Scenario
from syncd.core.queue.recognition import MOST_UNKNOWN
from syncd.core.rate_limit.circuit_breaker import OPENS_AT
from syncd.pipeline.list_plan import Discovery
from tests.pipeline.harness import Harness
from tests.pipeline.listing import Listed

MANY = 24
SLOTS = 8
"""Of the harness; so many calls may be in flight when the breaker opens."""
API_AWAY = Faults(error_every=1, listener="api")
STORE_AWAY = Faults(slow_down_every=1)


def turns(harness: Harness, count: int) -> None:
    for _ in range(count):
        harness.turn()


def calls(harness: Harness, route: str) -> int:
    return sum(request.route == route for request in harness.emulator.requests())


def probe(harness: Harness, what: str = "") -> None:
    """The pause is over for one turn, and whatever that comes to, it is long afterwards, so that no clock matters."""
    harness.change(f"update syncd.workspaces set {what}paused_until = clock_timestamp() - interval '1 second'")
    harness.turn()
    hold(harness, what)


def hold(harness: Harness, what: str = "") -> None:
    """An open breaker stays open."""
    harness.change(
        f"update syncd.workspaces set {what}paused_until = clock_timestamp() + interval '1 hour'"
        f" where {what}pause_reason is not null"
    )


def heal(harness: Harness, ids: list[UUID]) -> None:
    for id_ in ids:
        harness.emulator.change(id_, faults=None)


def test_an_outage_of_recall_costs_a_few_calls_and_no_row_its_place(harness: Harness) -> None:
    ids = harness.track(*(Scenario(faults=API_AWAY) for _ in range(MANY)))
    turns(harness, 2)
    hold(harness)
    turns(harness, 8)
    spent = calls(harness, "retrieve")
    assert OPENS_AT <= spent <= OPENS_AT + SLOTS
    row = harness.row("select * from syncd.workspaces")
    assert row["pause_reason"].startswith("Most calls fail. The last one: The Recall API answered 503.")
    for probes in range(1, 4):
        probe(harness)
        turns(harness, 2)
        assert calls(harness, "retrieve") == spent + probes
    assert harness.row("select max(attempts) from syncd.queue")["max"] <= 2
    heal(harness, ids)
    probe(harness)
    assert harness.turns() > 0
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    row = harness.row("select * from syncd.workspaces")
    assert (row["pause_reason"], row["failure_count"]) == (None, 0)


def test_a_few_rows_that_fail_do_not_hold_up_the_others(harness: Harness) -> None:
    broken = harness.track(*(Scenario(faults=API_AWAY) for _ in range(3)))
    turns(harness, 1)
    whole = harness.track(*(Scenario() for _ in range(20)))
    for _ in range(10):  # the broken ones wait longer each time
        harness.tick()
    assert {harness.transcript(id_)["payload_state"] for id_ in whole} == {"loaded"}
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None
    assert len(harness.rows("select from syncd.queue")) == len(broken)


def test_a_run_whose_two_files_fail_counts_once(harness: Harness) -> None:
    harness.track(Scenario(faults=STORE_AWAY))
    harness.turn()
    assert calls(harness, "file") == 2
    assert harness.row("select store_failure_count as count from syncd.workspaces")["count"] == 1


def test_an_outage_of_the_store_pays_for_a_probe_and_for_nothing_else(harness: Harness) -> None:
    ids = harness.track(*(Scenario(faults=STORE_AWAY) for _ in range(MANY)))
    turns(harness, 2)
    hold(harness, "store_")
    turns(harness, 8)
    row = harness.row("select * from syncd.workspaces")
    assert row["store_pause_reason"].startswith("Most calls fail. The last one: The file store answered 503")
    assert row["pause_reason"] is None
    assert calls(harness, "retrieve") <= MANY + 2 * OPENS_AT  # each once, and those that failed before it opened
    spent, tried = calls(harness, "retrieve"), calls(harness, "file")
    assert tried <= 2 * (OPENS_AT + 2 * SLOTS)
    turns(harness, 5)
    assert (calls(harness, "retrieve"), calls(harness, "file")) == (spent, tried)
    probe(harness, "store_")
    turns(harness, 2)
    assert (calls(harness, "retrieve"), calls(harness, "file")) == (spent + 1, tried + 2)
    waiting = harness.rows("select last_error, attempts, due_at - clock_timestamp() as wait from syncd.queue")
    assert max(each["attempts"] for each in waiting) <= 3
    assert all("SYNCD-FILE-" in each["last_error"] for each in waiting)
    heal(harness, ids)
    probe(harness, "store_")
    harness.turns()
    assert {harness.transcript(id_)["payload_state"] for id_ in ids} == {"loaded"}
    row = harness.row("select * from syncd.workspaces")
    assert (row["store_pause_reason"], row["store_failure_count"]) == (None, 0)


def test_what_recall_shows_meanwhile_is_kept_and_waits_for_the_store(harness: Harness) -> None:
    away = harness.track(*(Scenario(faults=STORE_AWAY) for _ in range(MANY)))
    turns(harness, 2)
    hold(harness, "store_")
    turns(harness, 4)
    (processing,) = harness.track(Scenario(finishes_after=None))
    turns(harness, 1)
    assert harness.transcript(processing)["status"] == "processing"
    assert all(harness.transcript(id_)["status"] == "done" for id_ in away)
    paused = harness.rows("select from syncd.queue where last_error like '%%SYNCD-FILE-PAUSED%%'")
    assert len(paused) > MANY / 2


def test_the_list_is_the_probe_where_no_row_is_due(listed: Listed) -> None:
    harness = listed(discovery=Discovery(is_on=True))
    harness.change(
        "update syncd.workspaces set pause_reason = 'Most calls fail', failure_count = %s,"
        " paused_until = clock_timestamp() + interval '1 hour'",
        OPENS_AT,
    )
    harness.page()
    assert harness.lists() == []
    harness.change("update syncd.workspaces set paused_until = clock_timestamp() - interval '1 second'")
    harness.page()
    assert len(harness.lists()) == 1
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


@pytest.mark.parametrize("what", ["", "store_"])
def test_one_that_somebody_asks_for_is_a_probe(make_harness: Callable[..., Harness], what: str) -> None:
    harness = make_harness()
    (id_,) = harness.track(Scenario())
    harness.change(
        f"update syncd.workspaces set {what}pause_reason = 'Most calls fail', {what}failure_count = %s,"
        f" {what}paused_until = clock_timestamp() + interval '1 hour'",
        OPENS_AT,
    )
    assert harness.worker.poll_now(id_) is None
    harness.until(lambda: harness.worker.in_flight_count == 0)
    assert harness.transcript(id_)["payload_state"] == "loaded"
    row = harness.row("select * from syncd.workspaces")
    assert (row["pause_reason"], row["store_pause_reason"]) == (None, None)


def test_where_recall_knows_none_that_it_has_shown_the_key_is_in_doubt_and_none_is_deleted(harness: Harness) -> None:
    harness.track(*(Scenario(transcript_id=uuid4(), end="not_found") for _ in range(2 * MOST_UNKNOWN)))
    harness.change("update syncd.queue set is_observed = true")
    for _ in range(6):
        harness.change("update syncd.workspaces set paused_until = clock_timestamp() - interval '1 s'")
        harness.turn()
    states = harness.row("select array_agg(distinct payload_state) as states from recall.transcripts")["states"]
    assert states == ["pending"]
    reason = harness.row("select pause_reason from syncd.workspaces")["pause_reason"]
    assert reason.endswith("[SYNCD-API-WORKSPACE]")
    harness.change("delete from syncd.queue")
    (known,) = harness.track(Scenario())  # as with the right key
    harness.change("update syncd.workspaces set paused_until = clock_timestamp() - interval '1 s'")
    harness.turns()
    assert harness.transcript(known)["payload_state"] == "loaded"
    assert harness.row("select pause_reason from syncd.workspaces")["pause_reason"] is None


def test_a_probe_that_never_comes_to_the_store_lets_another_row_try_at_once(harness: Harness) -> None:
    (id_,) = harness.track(Scenario(transcript_id=uuid4(), download_link_delay=3600.0))
    harness.change("update syncd.queue set stage = 'download'")
    harness.change(
        "update syncd.workspaces set store_failure_count = 9, store_pause_reason = 'away',"
        " store_paused_until = clock_timestamp() - interval '1 s'"
    )
    harness.turn()
    assert harness.retrieves(id_) == 1
    row = harness.row("select store_paused_until <= clock_timestamp() as is_over from syncd.workspaces")
    assert row["is_over"]
