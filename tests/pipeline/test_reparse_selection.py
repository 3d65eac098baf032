"""Which files are read again, in which order, and beside whom."""

import threading
from typing import Any

import pytest

from recall_emulator import Scenario
from syncd.core.admin.reparse import RereadResult, RereadTotals, Selection
from syncd.core.transcript import FileKind
from syncd.db.admin import reparses
from syncd.db.engine import Connection, transact
from syncd.errors import StillWaiting
from syncd.pipeline import load
from syncd.pipeline import reparse as stage
from tests.pipeline.harness import Harness
from tests.pipeline.rereading import reading, refuse, reparse, tables
from tests.pipeline.test_path import assert_exact


@pytest.mark.parametrize("is_waiting", [True, False])
def test_one_that_is_tried_again_is_left_to_the_daemon_as_long_as_it_is_in_the_queue(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, is_waiting: bool
) -> None:
    (id_,) = harness.track(Scenario(has_provider_data=False))
    with monkeypatch.context() as older:
        older.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, refuse))
        harness.turns()
    assert harness.row("select recall.track(%s)", id_)["track"] is True
    if not is_waiting:
        harness.change("delete from syncd.queue")
    tally, _ = reparse(harness)
    assert tally.results[RereadResult.SKIPPED if is_waiting else RereadResult.READ] == 1
    assert harness.transcript(id_)["payload_state"] == ("pending" if is_waiting else "loaded")


@pytest.mark.parametrize("state", ["deleted", "missing", "unavailable", "failed"])
def test_no_other_end_comes_back_to_life(harness: Harness, state: str) -> None:
    harness.track(Scenario())
    harness.turns()
    harness.change("update recall.transcripts set payload_state = %s, provider_data_state = %s", state, state)
    before = tables(harness)
    tally, _ = reparse(harness)
    assert tally.results == {RereadResult.SKIPPED: 2}
    assert tables(harness) == before


def test_a_file_that_is_gone_meanwhile_is_passed_over(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted(harness.track(Scenario(has_provider_data=False), Scenario(has_provider_data=False)))
    harness.turns()
    read = load._READERS[FileKind.TRANSCRIPT]

    def erased(*arguments: Any) -> load.ReadFile:
        harness.change("delete from recall.transcripts where transcript_id in (%s, %s)", first, second)
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, erased))
    tally, ids = reparse(harness)
    assert (tally.results, ids) == ({RereadResult.SKIPPED: 2}, [first, second])
    assert harness.rows("select * from recall.transcripts") == []


def test_a_selection_is_narrowed_by_date_provider_and_parser(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "ROWS_AT_ONCE", 2)
    old, new, other = harness.track(Scenario(), Scenario(), Scenario(provider="rev_async"))
    harness.turns()
    harness.change("update recall.payloads set downloaded_at = '2026-01-01Z' where transcript_id = %s", old)
    harness.change("update recall.payloads set parser_version = null where transcript_id = %s", new)
    harness.change("update recall.payloads set parser_version = 5 where transcript_id = %s", other)
    since = harness.row("select min(first_seen_at) as since from recall.transcripts")["since"]
    assert reparse(harness, Selection(older_than=1))[1] == [new]
    assert set(reparse(harness, Selection(since=since))[1]) == {new, other}
    assert reparse(harness, Selection(provider="rev_async"))[1] == [other]
    assert reparse(harness, Selection(since=since, provider="deepgram_async"))[1] == [new]
    assert reparse(harness, Selection(provider="nobody"))[1] == []
    assert reparse(harness)[1] == sorted([old, new, other])


def test_only_the_files_of_a_selection_are_read(harness: Harness) -> None:
    harness.track(Scenario())
    harness.turns()
    harness.change("update recall.payloads set parser_version = 0 where kind = 'provider_data'")
    tally, _ = reparse(harness, Selection(older_than=1))
    assert tally.results == {RereadResult.READ: 1}
    assert reparse(harness, Selection(older_than=1))[1] == []


def test_a_count_says_what_there_is_by_provider_and_parser(harness: Harness) -> None:
    harness.track(Scenario(), Scenario(), Scenario(provider="rev_async"))
    harness.turns()
    harness.change("update recall.payloads set parser_version = null where kind = 'provider_data'")
    with harness.engine.connect() as connection:
        found = reparses.portions(connection, Selection(provider="deepgram_async"))
    sizes = harness.rows(
        "select sum(byte_count)::bigint as size from recall.payloads join recall.transcripts using (transcript_id)"
        " where provider = 'deepgram_async' group by kind order by kind desc"
    )
    assert [(p.provider, p.parser_version is None, p.file_count, p.byte_count) for p in found] == [
        ("deepgram_async", False, 2, sizes[0]["size"]),
        ("deepgram_async", True, 2, sizes[1]["size"]),
    ]


def test_one_that_was_stopped_goes_on_after_the_last_that_was_done(harness: Harness) -> None:
    ids = sorted(harness.track(*(Scenario() for _ in range(5))))
    harness.turns()
    before = tables(harness)
    assert reparse(harness, stop_after=2)[1] == ids[:2]
    kept = harness.row("select * from syncd.reparses")
    assert (kept["selection"], kept["last_transcript_id"], kept["done_count"]) == ("everything", ids[1], 2)
    assert reparse(harness, Selection(older_than=99), stop_after=1)[1] == ids[:1]  # another selection, by itself
    assert reparse(harness, stop_after=1)[1] == ids[2:3]
    assert reparse(harness)[1] == ids[3:]
    assert [row["selection"] for row in harness.rows("select * from syncd.reparses")] == ["--older-than-parser 99"]
    assert tables(harness) == before


@pytest.mark.parametrize("is_asked", [True, False])
def test_it_begins_afresh_where_that_is_asked_for_or_another_parser_had_begun(
    harness: Harness, is_asked: bool
) -> None:
    ids = sorted(harness.track(*(Scenario() for _ in range(3))))
    harness.turns()
    reparse(harness, stop_after=2)
    if not is_asked:
        harness.change("update syncd.reparses set parser_version = parser_version - 1")
    assert reparse(harness, is_afresh=is_asked)[1] == ids


def test_beside_a_worker_every_transcript_comes_out_whole(harness: Harness) -> None:
    ids = harness.track(*(Scenario(words=300) for _ in range(16)))
    seen = RereadTotals()
    for _ in range(20):
        harness.change("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        if harness.worker.claim_due() == 0 and harness.worker.in_flight_count == 0:
            break
        seen.results += reparse(harness)[0].results
    harness.turns()
    assert seen.results[RereadResult.READ] > 0
    assert harness.rows("select * from syncd.queue") == []
    states = harness.rows("select distinct payload_state, provider_data_state from recall.transcripts")
    assert states == [{"payload_state": "loaded", "provider_data_state": "loaded"}]
    for id_ in ids:
        assert_exact(harness, id_)


def test_one_that_stands_in_the_way_is_waited_for_and_the_work_done_once_more(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.turns()
    lock = "select from recall.transcripts where transcript_id = %s for update"
    tries = 0

    with harness.engine.connect() as other:
        other.exec_driver_sql(lock, (id_,))

        def work(connection: Connection) -> str:
            nonlocal tries
            tries += 1
            if tries == 3:
                other.rollback()
            connection.exec_driver_sql("set local lock_timeout = '20ms'")
            connection.exec_driver_sql(lock, (id_,))
            return "done"

        assert transact(harness.engine, work) == "done"
    assert tries == 3


def test_two_at_once_do_not_get_in_each_others_way(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reparses, "RENEW_S", 0.05)
    other = threading.Event()
    with (
        reparses.only_one(harness.engine, threading.Event()),
        pytest.raises(StillWaiting, match="Another reparse of this database is at work"),
        reparses.only_one(harness.engine, other),
    ):
        pass
    with reparses.only_one(harness.engine, other):
        assert harness.rows("select count(*) from syncd.reparse_lease") == [{"count": 1}]
        assert harness.rows("select pid from pg_locks where locktype = 'advisory'") == []
    assert harness.rows("select count(*) from syncd.reparse_lease") == [{"count": 0}]
    assert not other.is_set()


def test_one_that_was_too_slow_to_renew_is_told_that_another_has_begun(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reparses, "RENEW_S", 0.05)
    stop = threading.Event()
    with reparses.only_one(harness.engine, stop):
        with harness.engine.begin() as connection:
            connection.exec_driver_sql("update syncd.reparse_lease set token = gen_random_uuid()")
        assert stop.wait(60)
    assert harness.rows("select count(*) from syncd.reparse_lease") == [{"count": 1}]


def test_after_a_kill_the_next_one_waits_for_the_end_of_the_lease(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reparses, "RENEW_S", 0.05)
    with harness.engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into syncd.reparse_lease values (1, gen_random_uuid(), clock_timestamp() + interval '0.3 s')"
        )
    with reparses.only_one(harness.engine, threading.Event()):
        pass
