"""Reading stored files again: what changes, and what stays."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import Scenario
from syncd.core.admin.reparse import RereadResult, Selection
from syncd.core.reading.document import Unreadable
from syncd.core.reading.fingerprint import fingerprint, former_fingerprint
from syncd.core.reading.payload import Payload
from syncd.core.reading.transcript_file import read_transcript_file
from syncd.core.transcript import FileKind
from syncd.db.content import files, transcripts
from syncd.db.engine import Connection, database_now
from syncd.pipeline import load
from tests.pipeline.harness import Harness
from tests.pipeline.rereading import reading, refuse, reparse, tables
from tests.pipeline.test_path import assert_exact

STATES = {FileKind.TRANSCRIPT: "payload_state", FileKind.PROVIDER_DATA: "provider_data_state"}


def one_of_each(harness: Harness) -> list[UUID]:
    ids = harness.track(
        *(Scenario(provider=provider) for provider in ("deepgram_async", "aws_transcribe_async", "rev_async")),
        *(Scenario(variant=variant) for variant in ("L", "1", "2", "mixed")),
        *(Scenario(hostile=kind) for kind in ("nul", "nan", "null_participant", "not_json")),
        *(
            Scenario(is_empty=True),
            Scenario(end="failed"),
            Scenario(end="deleted"),
            Scenario(has_provider_data=False),
            Scenario(payload=b'[{"words": [{"text": "Hi."}]}, {"utterance": "lost"}]'),
        ),
    )
    harness.turns()
    return ids


def test_reading_again_changes_nothing_and_makes_no_call(harness: Harness) -> None:
    one_of_each(harness)
    before, calls = tables(harness), len(harness.emulator.requests())
    tally, ids = reparse(harness)
    assert tables(harness) == before
    assert len(harness.emulator.requests()) == calls
    assert tally.results[RereadResult.UNREADABLE] == 1
    assert tally.results[RereadResult.READ] + 1 == len(before["payloads"])
    assert tally.byte_count == sum(
        row["byte_count"] for row in harness.rows("select byte_count from recall.payloads")
    )
    assert ids == sorted({row[0] for row in before["payloads"]})
    assert harness.rows("select * from syncd.reparses") == []


def test_rows_that_were_lost_come_back_exactly(harness: Harness) -> None:
    one_of_each(harness)
    before = tables(harness)
    assert before["utterance_data"]
    assert before["provider_parts"]
    harness.change("delete from recall.utterance_data")
    harness.change("update recall.participants set name = 'nobody', email = 'wrong@example.com'")
    harness.change("delete from recall.provider_parts where position = 0")
    harness.change("update recall.transcripts set options = null where observed_at is not null and word_count > 0")
    harness.change("update recall.payloads set parser_version = null, has_replaced_characters = false")
    reparse(harness)
    assert {**tables(harness), "events": []} == {**before, "events": []}


@pytest.mark.parametrize("kind", FileKind)
def test_what_an_older_parser_could_not_read_is_loaded(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, kind: FileKind
) -> None:
    (id_,) = harness.track(Scenario())
    with monkeypatch.context() as older:
        older.setattr(load, "_READERS", reading(kind, refuse))
        harness.turns()
    row = harness.transcript(id_)
    assert row[STATES[kind]] == "unreadable"
    tally, _ = reparse(harness, Selection(older_than=1))
    assert (tally.results[RereadResult.RECOVERED], tally.results[RereadResult.READ]) == (1, 0)
    now = harness.transcript(id_)
    assert (now["payload_state"], now["provider_data_state"]) == ("loaded", "loaded")
    assert (now["payload_reason"], now["provider_data_reason"]) == (None, None)
    assert now["loaded_at"] is not None
    assert_exact(harness, id_)
    assert harness.row("select count(*) from recall.provider_parts")["count"] > 0


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("error", [Unreadable("the parser does not like it"), KeyError("a fault of ours")])
def test_what_the_new_parser_cannot_read_keeps_its_rows_and_its_state(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, kind: FileKind, error: Exception
) -> None:
    harness.track(Scenario(), Scenario())
    harness.turns()
    before = tables(harness)
    read, seen = load._READERS[kind], list[object]()

    def worse(*arguments: Any) -> load.ReadFile:
        seen.append(arguments)
        if len(seen) == 1:
            raise error
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(kind, worse))
    tally, _ = reparse(harness)
    assert (tally.results[RereadResult.LOST], tally.results[RereadResult.READ]) == (1, 3)
    assert tables(harness) == before


def fault_of_ours(_: Connection) -> None:
    raise KeyError("a fault of ours")


def fault_of_the_database(connection: Connection) -> None:
    connection.exec_driver_sql("do $$begin raise 'a trigger, for instance'; end$$")


@pytest.mark.parametrize("fails", [fault_of_ours, fault_of_the_database])
def test_a_file_that_fails_while_it_is_written_leaves_nothing_half_done(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, fails: Callable[[Connection], None]
) -> None:
    harness.track(Scenario())
    harness.turns()
    before = tables(harness)

    def half(connection: Connection, _now: datetime) -> None:
        connection.exec_driver_sql("delete from recall.utterance_data")
        fails(connection)

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, lambda *_: load.ReadFile(half)))
    tally, _ = reparse(harness)
    assert tally.results[RereadResult.LOST] == 1
    assert tables(harness) == before


@pytest.mark.parametrize("fails", [fault_of_ours, fault_of_the_database])
def test_settings_that_cannot_be_read_do_not_hold_up_the_others(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, fails: Callable[[Connection], None]
) -> None:
    ids = sorted(harness.track(Scenario(), Scenario()))
    harness.turns()
    before = tables(harness)
    tried: list[UUID] = []

    def fail(connection: Connection, transcript_id: UUID) -> None:
        tried.append(transcript_id)
        fails(connection)

    monkeypatch.setattr(transcripts, "reread_options", fail)
    assert reparse(harness)[1] == tried == ids
    assert tables(harness) == before


def test_damaged_bytes_on_the_shelf_cost_their_own_file_only(harness: Harness) -> None:
    harness.track(Scenario())
    harness.turns()
    harness.change("update recall.payloads set content = substr(content, 1, 40) where kind = 'transcript'")
    before = tables(harness)
    tally, _ = reparse(harness)
    assert (tally.results[RereadResult.LOST], tally.results[RereadResult.READ]) == (1, 1)
    assert tables(harness) == before


def test_newer_bytes_that_come_meanwhile_are_left_to_who_brought_them(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id_,) = harness.track(Scenario(has_provider_data=False))
    harness.turns()
    before = tables(harness)
    read = load._READERS[FileKind.TRANSCRIPT]

    def overtaken(*arguments: Any) -> load.ReadFile:
        with harness.engine.begin() as connection:
            files.store(connection, id_, FileKind.TRANSCRIPT, files.pack(b"[]"), database_now(connection))
        return read(*arguments)

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, overtaken))
    tally, _ = reparse(harness)
    assert tally.results[RereadResult.SKIPPED] == 1
    assert {**tables(harness), "payloads": []} == {**before, "payloads": []}
    assert harness.row("select parser_version from recall.payloads")["parser_version"] is None


def test_the_digest_of_an_earlier_version_is_no_change_and_is_taken_before_any_lock(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    (id_,) = harness.track(Scenario(has_provider_data=False))
    harness.turns()

    def unlocked(payload: Payload) -> str:
        harness.rows("select from recall.transcripts for update nowait")
        return former_fingerprint(payload)

    monkeypatch.setattr(load, "former_fingerprint", unlocked)
    payload, _ = read_transcript_file(harness.emulator.expected(id_).transcript or b"")
    for digest, kinds in ((former_fingerprint(payload), ["ready"]), ("0" * 64, ["ready", "changed"])):
        harness.change(f"update recall.transcripts set content_sha256 = '{digest}'")
        reparse(harness)
        assert harness.transcript(id_)["content_sha256"] == fingerprint(payload)
        assert [row["kind"] for row in harness.rows("select kind from recall.events order by event_id")] == kinds
