"""Receipts of what was erased, by what it was chosen, and that it cannot be tracked again."""

import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from syncd.core.admin.erasure import Erasable, SelectedBy
from syncd.db.admin import erasures
from syncd.db.admin.erasures import Extent
from syncd.db.content import erasing
from syncd.db.engine import Connection, Engine
from syncd.db.queue import tracking
from syncd.pipeline.erase import erase_aged

RECORDING = uuid4()
PEOPLE = {
    "zoom": {"zoom": {"conf_user_id": "k1", "other": "k2"}},
    "teams": {"microsoft_teams": {"user_id": 7}},
    "nobody": {"zoom": "k1", "k1": {"name": "k1"}},
}


@pytest.fixture
def transcripts(connection: Connection) -> dict[str, UUID]:
    """A few, by name; each can be chosen in its own way."""
    ids = {name: uuid4() for name in ("one", "other", *PEOPLE)}
    tracking.track(connection, list(ids.values()), "acme")
    connection.exec_driver_sql(
        "update recall.transcripts set recording_id = %s, word_count = 5, metadata = %s where transcript_id = %s",
        (RECORDING, json.dumps({"deal": "4711"}), ids["one"]),
    )
    connection.exec_driver_sql(
        "update recall.transcripts set recording_metadata = %s where transcript_id = %s",
        (json.dumps({"deal": 4711}), ids["other"]),
    )
    connection.exec_driver_sql(
        "insert into recall.participants (transcript_id, position, email) values (%s, 0, 'Ana@Example.com')",
        (ids["one"],),
    )
    for name, extra_data in PEOPLE.items():
        connection.exec_driver_sql(
            "insert into recall.participants (transcript_id, position, extra_data) values (%s, 0, %s)",
            (ids[name], json.dumps(extra_data)),
        )
    connection.exec_driver_sql(
        "insert into recall.payloads (transcript_id, kind, sha256, byte_count, content, downloaded_at)"
        " values (%s, 'transcript', 'ab', 17, '', now())",
        (ids["one"],),
    )
    return ids


@pytest.mark.parametrize(
    ("by", "values", "names"),
    [
        (SelectedBy.RECORDING, (str(RECORDING),), ["one"]),
        (SelectedBy.PARTICIPANT_EMAIL, ("ana@example.com",), ["one"]),
        (SelectedBy.PERSON, ("k1",), ["zoom"]),
        (SelectedBy.PERSON, ("7",), ["teams"]),
        (SelectedBy.PERSON, ("k2",), []),
        (SelectedBy.METADATA, ('{"deal": "4711"}',), ["one"]),
        (SelectedBy.METADATA, ('{"deal": "4711"}', '{"deal": 4711}'), ["one", "other"]),
        (SelectedBy.METADATA, ('{"deal": "471"}',), []),
    ],
)
def test_who_is_chosen(
    connection: Connection, transcripts: dict[str, UUID], by: SelectedBy, values: tuple[str, ...], names: list[str]
) -> None:
    chosen = Erasable(by, values)
    assert erasures.find(connection, chosen, 10) == sorted(transcripts[name] for name in names)
    words = 5 if "one" in names else 0
    assert erasures.extent(connection, chosen) == Extent(len(names), words, 17 if "one" in names else 0)


def test_a_receipt_counts_what_went_and_holds_no_content(
    connection: Connection, transcripts: dict[str, UUID]
) -> None:
    (receipt,) = erasing.erase(connection, [transcripts["one"]], SelectedBy.PARTICIPANT_EMAIL, "asked to")
    # its own row, its place in the queue, one participant, one file
    assert (receipt.row_count, receipt.word_count, receipt.byte_count) == (4, 5, 17)
    assert receipt.digests == {"transcript": "ab"}
    row = connection.exec_driver_sql("select * from recall.erasures").mappings().one()
    assert (row["workspace"], row["recording_id"], row["selected_by"]) == ("acme", RECORDING, "participant_email")
    assert (row["reason"], row["erased_by"]) == ("asked to", connection.exec_driver_sql("select user").scalar_one())
    assert erasing.erase(connection, [transcripts["one"]], SelectedBy.TRANSCRIPT, None) == []
    assert "Ana" not in str(row)


def test_one_that_was_never_known_is_kept_from_being_tracked(connection: Connection) -> None:
    wanted = Erasable(SelectedBy.TRANSCRIPT, (str(id_ := uuid4()),))
    assert erasures.extent(connection, wanted) == Extent(0, 0, 0)
    assert erasures.find(connection, wanted, 10) == [id_]
    (receipt,) = erasing.erase(connection, [id_], SelectedBy.TRANSCRIPT, None)
    assert receipt.row_count == 0
    assert tracking.track(connection, [id_], "default") == 0
    assert tracking.erased(connection, [id_, uuid4()]) == [id_]
    assert erasures.find(connection, wanted, 10) == []
    assert connection.exec_driver_sql("select count(*) from recall.events").scalar_one() == 0


@pytest.mark.parametrize("is_known", [True, False])
def test_whoever_tracks_it_while_it_is_erased_waits_and_does_not(
    engine: Engine, connection: Connection, database_url: str, is_known: bool
) -> None:
    id_ = uuid4()
    if is_known:
        tracking.track(connection, [id_], "default")
    with psycopg.connect(database_url) as eraser, psycopg.connect(database_url, autocommit=True) as tracker:
        eraser.execute("select recall.erase(%s)", (id_,))
        with psycopg.connect(database_url, autocommit=True) as watcher, tracker.pipeline():
            answer: psycopg.Cursor[Any] = tracker.execute("select recall.track(%s)", (id_,))
            tracker.pgconn.flush()
            waits = "select pid from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
            while watcher.execute(waits, (tracker.info.backend_pid,)).fetchone() is None:
                pass
            eraser.commit()
        assert answer.fetchone() == (False,)
    for table in ("recall.transcripts", "syncd.queue"):
        assert connection.exec_driver_sql(f"select count(*) from {table}").scalar_one() == 0


@pytest.mark.parametrize("state", ["pending", "loaded"])
def test_untracked_it_waits_no_more_and_keeps_what_is_here(connection: Connection, state: str) -> None:
    id_ = uuid4()
    tracking.track(connection, [id_], "default")
    connection.exec_driver_sql("update recall.transcripts set payload_state = %s", (state,))
    assert tracking.untrack(connection, [id_, uuid4()]) == 1
    assert connection.exec_driver_sql("select count(*) from syncd.queue").scalar_one() == 0
    row = connection.exec_driver_sql("select * from recall.transcripts").mappings().one()
    is_open = state == "pending"
    assert row["payload_state"] == ("abandoned" if is_open else "loaded")
    assert row["provider_data_state"] == "abandoned"
    told = list(connection.exec_driver_sql("select kind from recall.events").scalars())
    assert told == (["failed"] if is_open else [])
    assert tracking.untrack(connection, [id_]) == 0
    assert tracking.track(connection, [id_], "default") == is_open


def test_by_age_the_oldest_of_a_workspace_go_first(engine: Engine, connection: Connection) -> None:
    ids = [uuid4() for _ in range(4)]
    tracking.track(connection, ids[:3], "acme")
    tracking.track(connection, ids[3:], "other")
    connection.exec_driver_sql("update recall.transcripts set created_at = now() - interval '40 days'")
    connection.exec_driver_sql("update recall.transcripts set created_at = now() where transcript_id = %s", (ids[1],))
    connection.exec_driver_sql(
        "update recall.transcripts set created_at = null, first_seen_at = now() - interval '35 days'"
        " where transcript_id = %s",
        (ids[2],),
    )
    assert erasures.find_aged(connection, "acme", 38, 10) == [ids[0]]
    assert erase_aged(engine, "acme", 30) == 2
    assert erase_aged(engine, "acme", 30) == 0
    kept = connection.exec_driver_sql("select transcript_id from recall.transcripts").scalars()
    assert set(kept) == {ids[1], ids[3]}
    assert set(connection.exec_driver_sql("select selected_by from recall.erasures").scalars()) == {"age"}
