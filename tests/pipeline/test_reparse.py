"""Reading the shelf again: the same rows, without a call, beside a worker, and on from where it stopped."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import Scenario
from syncd.core.admin.reparse import Reread, RereadResult, RereadTotals, Selection
from syncd.core.reading.document import Unreadable
from syncd.core.transcript import FileKind
from syncd.db.admin import reparses
from syncd.db.content import files, transcripts
from syncd.db.engine import Connection, database_now
from syncd.db.tables import metadata
from syncd.errors import StillWaiting
from syncd.pipeline import load
from syncd.pipeline import reparse as stage
from tests.pipeline.harness import Bench
from tests.pipeline.test_path import assert_exact

EVERYTHING = Selection()
TABLES = [table for table in metadata.sorted_tables if table.schema == "recall"]
STATES = {FileKind.TRANSCRIPT: "payload_state", FileKind.PROVIDER_DATA: "provider_data_state"}


def tables(bench: Bench) -> dict[str, list[tuple[Any, ...]]]:
    """Everything an analyst can see."""
    with bench.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in TABLES
        }


def reparse(
    bench: Bench,
    selection: Selection = EVERYTHING,
    *,
    is_afresh: bool = False,
    stop_after: int | None = None,
) -> tuple[RereadTotals, list[UUID]]:
    """Read again; the tally and the transcripts in their order."""
    tally, ids, stop = RereadTotals(), list[UUID](), threading.Event()

    def tell(transcript_id: UUID, rereads: list[Reread]) -> None:
        tally.add(rereads)
        ids.append(transcript_id)
        if len(ids) == stop_after:
            stop.set()

    progress, absent_count = stage.begin(bench.engine, selection, is_afresh=is_afresh)
    is_through = stage.reparse(bench.engine, selection, progress, stop, tell)
    assert is_through is not stop.is_set()
    assert stop.is_set() or absent_count <= len(ids)  # a worker may bring more meanwhile
    return tally, ids


def reading(kind: FileKind, reader: Callable[..., load.ReadFile]) -> dict[FileKind, Callable[..., load.ReadFile]]:
    """The readers, one of them another one."""
    return dict(load._READERS) | {kind: reader}


def refuse(*_: object) -> load.ReadFile:
    raise Unreadable("the parser does not like it")


def one_of_each(bench: Bench) -> list[UUID]:
    ids = bench.track(
        *(Scenario(provider=provider) for provider in ("deepgram_async", "aws_transcribe_async", "rev_async")),
        *(Scenario(variant=variant) for variant in ("L", "1", "2", "mixed")),
        *(Scenario(hostile=kind) for kind in ("nul", "nan", "null_participant", "not_json")),
        *(
            Scenario(is_empty=True),
            Scenario(end="failed"),
            Scenario(end="deleted"),
            Scenario(has_provider_data=False),
        ),
    )
    bench.turns()
    return ids


def test_reading_again_changes_nothing_and_makes_no_call(bench: Bench) -> None:
    one_of_each(bench)
    before, calls = tables(bench), len(bench.emulator.requests())
    tally, ids = reparse(bench)
    assert tables(bench) == before
    assert len(bench.emulator.requests()) == calls
    assert tally.results[RereadResult.UNREADABLE] == 1
    assert tally.results[RereadResult.READ] + 1 == len(before["payloads"])
    assert tally.byte_count == sum(row["byte_count"] for row in bench.rows("select byte_count from recall.payloads"))
    assert ids == sorted({row[0] for row in before["payloads"]})
    assert bench.rows("select * from syncd.reparses") == []


def test_rows_that_were_lost_come_back_exactly(bench: Bench) -> None:
    one_of_each(bench)
    before = tables(bench)
    assert before["utterances"]
    assert before["provider_parts"]
    bench.change("delete from recall.utterances")
    bench.change("update recall.participants set name = 'nobody', email = 'wrong@example.com'")
    bench.change("delete from recall.provider_parts where position = 0")
    bench.change("update recall.transcripts set options = null where observed_at is not null and word_count > 0")
    bench.change("update recall.payloads set parser_version = null, has_replaced_characters = false")
    reparse(bench)
    assert {**tables(bench), "events": []} == {**before, "events": []}


@pytest.mark.parametrize("kind", FileKind)
def test_what_an_older_parser_could_not_read_is_loaded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: FileKind
) -> None:
    (id_,) = bench.track(Scenario())
    with monkeypatch.context() as older:
        older.setattr(load, "_READERS", reading(kind, refuse))
        bench.turns()
    row = bench.transcript(id_)
    assert row[STATES[kind]] == "unreadable"
    tally, _ = reparse(bench, Selection(older_than=1))
    assert (tally.results[RereadResult.RECOVERED], tally.results[RereadResult.READ]) == (1, 0)
    now = bench.transcript(id_)
    assert (now["payload_state"], now["provider_data_state"]) == ("loaded", "loaded")
    assert (now["payload_reason"], now["provider_data_reason"]) == (None, None)
    assert now["loaded_at"] is not None
    assert_exact(bench, id_)
    assert bench.row("select count(*) from recall.provider_parts")["count"] > 0


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("error", [Unreadable("the parser does not like it"), KeyError("a fault of ours")])
def test_what_the_new_parser_cannot_read_keeps_its_rows_and_its_state(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: FileKind, error: Exception
) -> None:
    bench.track(Scenario(), Scenario())
    bench.turns()
    before = tables(bench)
    read, seen = load._READERS[kind], list[object]()

    def worse(*arguments: Any) -> load.ReadFile:
        seen.append(arguments)
        if len(seen) == 1:
            raise error
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(kind, worse))
    tally, _ = reparse(bench)
    assert (tally.results[RereadResult.LOST], tally.results[RereadResult.READ]) == (1, 3)
    assert tables(bench) == before


def test_a_file_that_fails_while_it_is_written_leaves_nothing_half_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.track(Scenario())
    bench.turns()
    before = tables(bench)

    def half(connection: Connection, _now: datetime) -> None:
        connection.exec_driver_sql("delete from recall.utterances")
        raise IndexError("in the middle")

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, lambda *_: load.ReadFile(half)))
    tally, _ = reparse(bench)
    assert tally.results[RereadResult.LOST] == 1
    assert tables(bench) == before


def test_settings_that_cannot_be_read_do_not_hold_up_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(bench.track(Scenario(), Scenario()))
    bench.turns()
    before = tables(bench)
    tried: list[UUID] = []

    def fail(_: Connection, transcript_id: UUID) -> None:
        tried.append(transcript_id)
        raise KeyError("a fault of ours")

    monkeypatch.setattr(transcripts, "reread_options", fail)
    assert reparse(bench)[1] == tried == ids
    assert tables(bench) == before


def test_damaged_bytes_on_the_shelf_cost_their_own_file_only(bench: Bench) -> None:
    bench.track(Scenario())
    bench.turns()
    bench.change("update recall.payloads set content = substr(content, 1, 40) where kind = 'transcript'")
    before = tables(bench)
    tally, _ = reparse(bench)
    assert (tally.results[RereadResult.LOST], tally.results[RereadResult.READ]) == (1, 1)
    assert tables(bench) == before


def test_newer_bytes_that_come_meanwhile_are_left_to_who_brought_them(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id_,) = bench.track(Scenario(has_provider_data=False))
    bench.turns()
    before = tables(bench)
    read = load._READERS[FileKind.TRANSCRIPT]

    def overtaken(*arguments: Any) -> load.ReadFile:
        with bench.engine.begin() as connection:
            files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(b"[]"), database_now(connection))
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, overtaken))
    tally, _ = reparse(bench)
    assert tally.results[RereadResult.SKIPPED] == 1
    assert {**tables(bench), "payloads": []} == {**before, "payloads": []}
    assert bench.row("select parser_version from recall.payloads")["parser_version"] is None


@pytest.mark.parametrize("is_waiting", [True, False])
def test_one_that_is_tried_again_is_left_to_the_daemon_as_long_as_it_is_in_the_queue(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, is_waiting: bool
) -> None:
    (id_,) = bench.track(Scenario(has_provider_data=False))
    with monkeypatch.context() as older:
        older.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, refuse))
        bench.turns()
    assert bench.row("select recall.track(%s)", id_)["track"] is True
    if not is_waiting:
        bench.change("delete from syncd.queue")
    tally, _ = reparse(bench)
    assert tally.results[RereadResult.SKIPPED if is_waiting else RereadResult.READ] == 1
    assert bench.transcript(id_)["payload_state"] == ("pending" if is_waiting else "loaded")


@pytest.mark.parametrize("state", ["deleted", "missing", "unavailable", "failed"])
def test_no_other_end_comes_back_to_life(bench: Bench, state: str) -> None:
    bench.track(Scenario())
    bench.turns()
    bench.change("update recall.transcripts set payload_state = %s, provider_data_state = %s", state, state)
    before = tables(bench)
    tally, _ = reparse(bench)
    assert tally.results == {RereadResult.SKIPPED: 2}
    assert tables(bench) == before


def test_a_file_that_is_gone_meanwhile_is_passed_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted(bench.track(Scenario(has_provider_data=False), Scenario(has_provider_data=False)))
    bench.turns()
    read = load._READERS[FileKind.TRANSCRIPT]

    def erased(*arguments: Any) -> load.ReadFile:
        bench.change("delete from recall.transcripts where transcript_id in (%s, %s)", first, second)
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, erased))
    tally, ids = reparse(bench)
    assert (tally.results, ids) == ({RereadResult.SKIPPED: 2}, [first, second])
    assert bench.rows("select * from recall.transcripts") == []


def test_a_selection_is_narrowed_by_date_provider_and_parser(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PAGE", 2)
    old, new, other = bench.track(Scenario(), Scenario(), Scenario(provider="rev_async"))
    bench.turns()
    bench.change("update recall.payloads set downloaded_at = '2026-01-01Z' where transcript_id = %s", old)
    bench.change("update recall.payloads set parser_version = null where transcript_id = %s", new)
    bench.change("update recall.payloads set parser_version = 5 where transcript_id = %s", other)
    since = bench.row("select min(first_seen_at) as since from recall.transcripts")["since"]
    assert reparse(bench, Selection(older_than=1))[1] == [new]
    assert set(reparse(bench, Selection(since=since))[1]) == {new, other}
    assert reparse(bench, Selection(provider="rev_async"))[1] == [other]
    assert reparse(bench, Selection(since=since, provider="deepgram_async"))[1] == [new]
    assert reparse(bench, Selection(provider="nobody"))[1] == []
    assert reparse(bench)[1] == sorted([old, new, other])


def test_only_the_files_of_a_selection_are_read(bench: Bench) -> None:
    bench.track(Scenario())
    bench.turns()
    bench.change("update recall.payloads set parser_version = 0 where kind = 'provider_data'")
    tally, _ = reparse(bench, Selection(older_than=1))
    assert tally.results == {RereadResult.READ: 1}
    assert reparse(bench, Selection(older_than=1))[1] == []


def test_a_count_says_what_there_is_by_provider_and_parser(bench: Bench) -> None:
    bench.track(Scenario(), Scenario(), Scenario(provider="rev_async"))
    bench.turns()
    bench.change("update recall.payloads set parser_version = null where kind = 'provider_data'")
    with bench.engine.connect() as connection:
        found = reparses.portions(connection, Selection(provider="deepgram_async"))
    sizes = bench.rows(
        "select sum(byte_count)::bigint as size from recall.payloads join recall.transcripts using (transcript_id)"
        " where provider = 'deepgram_async' group by kind order by kind desc"
    )
    assert [(p.provider, p.parser_version is None, p.file_count, p.byte_count) for p in found] == [
        ("deepgram_async", False, 2, sizes[0]["size"]),
        ("deepgram_async", True, 2, sizes[1]["size"]),
    ]


def test_one_that_was_stopped_goes_on_after_the_last_that_was_done(bench: Bench) -> None:
    ids = sorted(bench.track(*(Scenario() for _ in range(5))))
    bench.turns()
    before = tables(bench)
    assert reparse(bench, stop_after=2)[1] == ids[:2]
    kept = bench.row("select * from syncd.reparses")
    assert (kept["selection"], kept["last_transcript_id"], kept["done_count"]) == ("everything", ids[1], 2)
    assert reparse(bench, Selection(older_than=99), stop_after=1)[1] == ids[:1]  # another selection, by itself
    assert reparse(bench, stop_after=1)[1] == ids[2:3]
    assert reparse(bench)[1] == ids[3:]
    assert [row["selection"] for row in bench.rows("select * from syncd.reparses")] == ["--older-than-parser 99"]
    assert tables(bench) == before


@pytest.mark.parametrize("is_asked", [True, False])
def test_it_begins_afresh_where_that_is_asked_for_or_another_parser_had_begun(bench: Bench, is_asked: bool) -> None:
    ids = sorted(bench.track(*(Scenario() for _ in range(3))))
    bench.turns()
    reparse(bench, stop_after=2)
    if not is_asked:
        bench.change("update syncd.reparses set parser_version = parser_version - 1")
    assert reparse(bench, is_afresh=is_asked)[1] == ids


def test_beside_a_worker_every_transcript_comes_out_whole(bench: Bench) -> None:
    ids = bench.track(*(Scenario(words=600) for _ in range(40)))
    seen = RereadTotals()
    for _ in range(20):
        bench.change("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        if bench.worker.claim_due() == 0 and bench.worker.in_hand == 0:
            break
        seen.results += reparse(bench)[0].results
    bench.turns()
    assert seen.results[RereadResult.READ] > 0
    assert bench.rows("select * from syncd.queue") == []
    states = bench.rows("select distinct payload_state, provider_data_state from recall.transcripts")
    assert states == [{"payload_state": "loaded", "provider_data_state": "loaded"}]
    for id_ in ids:
        assert_exact(bench, id_)


def test_one_that_stands_in_the_way_is_waited_for_and_the_work_done_once_more(bench: Bench) -> None:
    (id_,) = bench.track(Scenario())
    bench.turns()
    lock = "select from recall.transcripts where transcript_id = %s for update"
    tries = 0

    with bench.engine.connect() as other:
        other.exec_driver_sql(lock, (id_,))

        def work(connection: Connection) -> str:
            nonlocal tries
            tries += 1
            if tries == 3:
                other.rollback()
            connection.exec_driver_sql("set local lock_timeout = '20ms'")
            connection.exec_driver_sql(lock, (id_,))
            return "done"

        assert reparses.transact(bench.engine, work) == "done"
    assert tries == 3


def test_two_at_once_do_not_get_in_each_others_way(bench: Bench) -> None:
    with (
        reparses.only_one(bench.engine),
        pytest.raises(StillWaiting, match="Another reparse of this database is at work"),
        reparses.only_one(bench.engine),
    ):
        pass
    with reparses.only_one(bench.engine):
        assert bench.rows("select pid from pg_locks where locktype = 'advisory'") != []
    assert bench.rows("select pid from pg_stat_activity where state = 'idle in transaction'") == []
