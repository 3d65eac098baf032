"""The outbox: one event for each thing that becomes true of a transcript, in the order of commits, never a gap."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import Participant, Payload, Utterance, Word
from syncd.core.transcript import ContentState
from syncd.db.content import transcripts
from syncd.db.engine import Connection, Engine

DEADLINE_S = 90.0
Tracked = Callable[..., list[UUID]]
Open = Callable[[], psycopg.Connection[Any]]
HELLO = Payload((Participant("1", "Ann"),), (Utterance(0, (Word("hello", 0.5, 1.0),), "en", None, None),))


@pytest.fixture
def open_(database_url: str) -> Iterator[Open]:
    """Opens connections that begin a transaction with their first statement."""
    connections: list[psycopg.Connection[Any]] = []

    def open_one() -> psycopg.Connection[Any]:
        connections.append(psycopg.connect(database_url, options="-c statement_timeout=60s"))
        return connections[-1]

    yield open_one
    for connection in connections:
        connection.close()


def become(connection: psycopg.Connection[Any], *ids: UUID, state: str = "loaded") -> None:
    for id_ in ids:
        connection.execute("update recall.transcripts set payload_state = %s where transcript_id = %s", (state, id_))


def told(connection: Connection, transcript_id: UUID | None = None) -> list[str]:
    rows = connection.exec_driver_sql(
        "select kind from recall.events where transcript_id = coalesce(%s, transcript_id) order by event_id",
        (transcript_id,),
    )
    return list(rows.scalars())


def in_one_transaction(engine: Engine, *assignments: str) -> None:
    with engine.begin() as connection:
        for assignment in assignments:
            connection.exec_driver_sql(f"update recall.transcripts set {assignment}")


def load(engine: Engine, transcript_id: UUID, payload: Payload) -> None:
    with engine.begin() as connection:
        transcripts.loaded(connection, transcript_id, payload, reckon(payload), fingerprint(payload))


_KINDS = {"pending": [], "shelved": [], "loaded": ["ready"], "empty": ["ready"], "deleted": ["deleted"]}


@pytest.mark.parametrize("state", [state for state in ContentState if state != ContentState.NONE])
def test_every_end_of_a_transcript_is_told_once(
    engine: Engine, connection: Connection, tracked: Tracked, state: ContentState
) -> None:
    (id_,) = tracked(workspace="acme")
    in_one_transaction(engine, f"payload_state = '{state}'")
    in_one_transaction(engine, "payload_reason = 'more words'", "observed_at = clock_timestamp()")
    assert told(connection, id_) == _KINDS.get(state, ["failed"])
    assert set(connection.exec_driver_sql("select workspace from recall.events").scalars()) <= {"acme"}


@pytest.mark.parametrize(
    ("before", "assignments", "kinds"),
    [
        ("loaded", ["status = 'deleted', metadata = null"], ["deleted"]),
        ("empty", ["status = 'deleted'"], ["deleted"]),
        ("pending", ["status = 'deleted'"], []),
        ("pending", ["status = 'deleted'", "payload_state = 'deleted'"], ["deleted"]),
        ("shelved", ["status = 'deleted'", "payload_state = 'loaded'"], ["ready", "deleted"]),
        ("loaded", ["payload_state = 'deleted'"], ["deleted"]),
        ("loaded", ["status = 'quarantined'"], []),
        ("loaded", ["payload_state = 'empty'"], ["changed"]),
        ("loaded", ["word_count = 7"], ["changed"]),
        ("loaded", ["""metadata = '{"a": 1}'"""], ["changed"]),
        ("loaded", ["""recording_metadata = '{"a": 1}'"""], ["changed"]),
        ("loaded", ["""metadata = '{"a": 1}'""", """recording_metadata = '{"a": 1}'"""], ["changed"]),
        ("pending", ["""metadata = '{"a": 1}'"""], []),
        ("failed", ["""metadata = '{"a": 1}'"""], []),
        ("loaded", ["loaded_at = clock_timestamp(), payload_state = 'loaded'"], []),
        ("loaded", ["payload_state = 'unreadable'"], ["failed"]),
        ("unreadable", ["payload_state = 'loaded'"], ["ready"]),
        ("unavailable", ["payload_state = 'missing'"], ["failed"]),
        ("loaded", ["payload_state = 'pending'"], []),
        ("loaded", ["provider_data_state = 'loaded'"], []),
    ],
)
def test_each_kind_is_told_when_it_becomes_true(
    engine: Engine, connection: Connection, tracked: Tracked, before: str, assignments: list[str], kinds: list[str]
) -> None:
    tracked()
    in_one_transaction(engine, f"payload_state = '{before}', word_count = 5")
    earlier = told(connection)
    in_one_transaction(engine, *assignments)
    assert told(connection) == earlier + kinds


@pytest.mark.parametrize(
    ("before", "assignments", "kinds"),
    [
        ("pending", ["payload_state = 'shelved'", "payload_state = 'loaded'", "word_count = 9"], ["ready"]),
        ("pending", ["payload_state = 'loaded'", "payload_state = 'pending'"], []),
        ("pending", ["payload_state = 'loaded'", "payload_state = 'failed'"], ["failed"]),
        ("loaded", ["payload_state = 'pending'", "payload_state = 'loaded'"], []),
        ("loaded", ["payload_state = 'pending'", "payload_state = 'loaded', word_count = 9"], ["changed"]),
        ("loaded", ["payload_state = 'pending'", "payload_state = 'missing'", "payload_state = 'loaded'"], []),
        ("loaded", ["""metadata = '{"a": 1}'""", "metadata = null"], []),
        ("missing", ["payload_state = 'pending'", "payload_state = 'missing'"], []),
    ],
)
def test_there_and_back_within_one_transaction_is_told_by_what_came_of_it(
    engine: Engine, connection: Connection, tracked: Tracked, before: str, assignments: list[str], kinds: list[str]
) -> None:
    tracked(2)
    in_one_transaction(engine, f"payload_state = '{before}', word_count = 5")
    earlier = told(connection)
    in_one_transaction(engine, *assignments)
    assert told(connection) == earlier + kinds * 2
    in_one_transaction(engine, "payload_state = 'deleted'")
    assert told(connection) == earlier + kinds * 2 + ["deleted"] * 2


def test_erasing_is_told_once_and_outlives_the_row(engine: Engine, connection: Connection, tracked: Tracked) -> None:
    pending, loaded = tracked(2, workspace="acme")
    with engine.begin() as transaction:
        transaction.exec_driver_sql(
            "update recall.transcripts set payload_state = 'loaded' where transcript_id = %s", (loaded,)
        )
        transaction.exec_driver_sql("delete from recall.transcripts")
    assert (told(connection, pending), told(connection, loaded)) == (["erased"], ["erased"])
    assert set(connection.exec_driver_sql("select workspace from recall.events").scalars()) == {"acme"}


def test_a_row_that_arrives_finished_is_told_too(engine: Engine, connection: Connection, tracked: Tracked) -> None:
    insert = (
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at, payload_state)"
        " select gen_random_uuid(), 'acme', clock_timestamp(), unnest(array['loaded', 'missing', 'pending'])"
    )
    connection.exec_driver_sql(insert)
    assert told(connection) == ["ready", "failed"]
    with engine.begin() as transaction:  # replaced by its like; and one that nobody ever saw
        transaction.exec_driver_sql(
            "create temporary table kept on commit drop as select * from recall.transcripts"
            " where payload_state = 'loaded'"
        )
        transaction.exec_driver_sql("delete from recall.transcripts where payload_state = 'loaded'")
        transaction.exec_driver_sql("insert into recall.transcripts select * from kept")
        transaction.exec_driver_sql(insert)
        transaction.exec_driver_sql("delete from recall.transcripts where payload_state = 'missing'")
    assert told(connection) == ["ready", "failed", "ready", "erased"]


def test_reading_the_same_again_is_not_told_and_reading_something_else_is(
    engine: Engine, connection: Connection, tracked: Tracked
) -> None:
    (id_,) = tracked()
    for payload in (HELLO, HELLO, replace(HELLO)):
        load(engine, id_, payload)
    assert told(connection) == ["ready"]
    in_one_transaction(engine, "content_sha256 = null")  # as if it had been loaded before there were digests
    load(engine, id_, HELLO)
    assert told(connection) == ["ready"]
    load(engine, id_, replace(HELLO, participants=(Participant("1", "Anne"),)))
    assert told(connection) == ["ready", "changed"]


def test_another_try_is_not_told_but_its_end_is(engine: Engine, connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    in_one_transaction(engine, "payload_state = 'missing'")
    connection.exec_driver_sql("select recall.track(%s)", (id_,))
    assert told(connection) == ["failed"]
    in_one_transaction(engine, "payload_state = 'missing'")
    connection.exec_driver_sql("select recall.track(%s)", (id_,))
    in_one_transaction(engine, "payload_state = 'loaded'")
    assert told(connection) == ["failed", "failed", "ready"]


def test_what_is_rolled_back_is_not_told_and_gives_no_hint(open_: Open, tracked: Tracked) -> None:
    (id_,) = tracked()
    listener, writer = open_(), open_()
    listener.execute("listen recall_events")
    listener.commit()
    become(writer, id_)
    writer.rollback()
    assert listener.execute("select * from recall.events").fetchall() == []
    become(writer, id_)
    writer.commit()
    listener.commit()
    hints = list(listener.notifies(timeout=DEADLINE_S, stop_after=1))
    assert [(hint.channel, hint.payload) for hint in hints] == [("recall_events", "")]
    assert len(listener.execute("select * from recall.events").fetchall()) == 1


def test_one_transaction_gives_one_hint_however_much_it_tells(open_: Open, tracked: Tracked) -> None:
    ids = tracked(20)
    listener, writer = open_(), open_()
    listener.execute("listen recall_events")
    listener.commit()
    become(writer, *ids)
    writer.commit()
    writer.execute("notify recall_events, 'the last'")
    writer.commit()
    assert [hint.payload for hint in listener.notifies(timeout=DEADLINE_S, stop_after=2)] == ["", "the last"]


def test_whoever_may_write_a_transcript_needs_no_right_on_the_events(
    connection: Connection, open_: Open, tracked: Tracked
) -> None:
    (id_,) = tracked()
    role = f"writer_{id_.hex}"
    connection.exec_driver_sql(
        f"create role {role}; grant usage on schema recall to {role};"
        f" grant select, update on recall.transcripts to {role}"
    )
    try:
        writer = open_()
        writer.execute(f"set role {role}".encode())
        become(writer, id_)
        writer.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute("select from recall.events")
        writer.close()
        assert told(connection) == ["ready"]
    finally:
        connection.exec_driver_sql(f"drop owned by {role}; drop role {role}")


def commits_that_wait(connection: Connection) -> int:
    count: int = connection.exec_driver_sql(
        "select count(*) from pg_locks where relation = 'syncd.event_order'::regclass and not granted"
        " and database = (select oid from pg_database where datname = current_database())"
    ).scalar_one()
    return count


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; fail by the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition never came true"


def test_who_commits_last_comes_last_even_if_it_wrote_first(
    open_: Open, connection: Connection, tracked: Tracked
) -> None:
    early, late = tracked(2)
    first, second = open_(), open_()
    become(first, early)
    become(second, late)
    second.commit()
    rows = "select transcript_id from recall.events order by event_id"
    assert list(connection.exec_driver_sql(rows).scalars()) == [late]
    first.commit()
    assert list(connection.exec_driver_sql(rows).scalars()) == [late, early]


def test_a_commit_waits_for_the_one_that_has_a_lower_id(
    open_: Open, connection: Connection, tracked: Tracked
) -> None:
    early, late = tracked(2)
    first, second = open_(), open_()
    become(first, early)
    first.execute("set constraints all immediate")  # has its id now, and is not committed
    become(second, late)
    with ThreadPoolExecutor() as pool:
        committed = pool.submit(second.commit)
        until(lambda: commits_that_wait(connection) == 1)
        assert told(connection) == []
        first.commit()
        committed.result(DEADLINE_S)
    rows = connection.exec_driver_sql("select transcript_id from recall.events order by event_id")
    assert list(rows.scalars()) == [early, late]


def test_who_waits_for_a_row_of_one_that_commits_is_no_deadlock(
    open_: Open, connection: Connection, tracked: Tracked
) -> None:
    ours, theirs = tracked(2)
    first, second = open_(), open_()
    become(first, ours)
    become(second, theirs)  # a lock taken here would be in the way of first.commit(), and this one waits for that
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(become, second, ours, state="deleted")
        until(
            lambda: connection.exec_driver_sql(
                "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'"
                " and datname = current_database()"
            ).scalar_one()
        )
        first.commit()
        waiting.result(DEADLINE_S)
    second.commit()
    assert (told(connection, ours), told(connection, theirs)) == (["ready", "deleted"], ["ready"])


WRITERS, ROUNDS = 6, 25


def write(connection: psycopg.Connection[Any], inbox: "queue.Queue[list[UUID]]", barrier: threading.Barrier) -> None:
    """Change rows in one order, so that only the events could bring about a deadlock; then all commit at once."""
    while ids := inbox.get(timeout=DEADLINE_S):
        become(connection, *sorted(ids))
        barrier.wait(DEADLINE_S)
        connection.commit()


def follow(connection: psycopg.Connection[Any], count: int) -> list[tuple[int, UUID]]:
    """Read on from the last event seen, as a consumer does, until so many have been seen."""
    seen: list[tuple[int, UUID]] = []
    end = time.monotonic() + DEADLINE_S
    while len(seen) < count and time.monotonic() < end:
        cursor = seen[-1][0] if seen else 0
        rows = connection.execute(
            "select event_id, transcript_id from recall.events where event_id > %s order by event_id limit 7",
            (cursor,),
        )
        seen += rows.fetchall()
        connection.commit()
    return seen


def test_a_reader_sees_every_event_of_many_writers_once_and_in_order(open_: Open, tracked: Tracked) -> None:
    ids = tracked(WRITERS * ROUNDS * 2)
    inbox: queue.Queue[list[UUID]] = queue.Queue()
    for start in range(0, len(ids), 2):
        inbox.put(ids[start : start + 2])
    for _ in range(WRITERS):
        inbox.put([])
    barrier = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(follow, open_(), len(ids))
        writers = [pool.submit(write, open_(), inbox, barrier) for _ in range(WRITERS)]
        for writer in writers:
            writer.result(DEADLINE_S)
        seen = reader.result(DEADLINE_S)
    assert sorted(id_ for _, id_ in seen) == sorted(ids)
    assert [event_id for event_id, _ in seen] == sorted({event_id for event_id, _ in seen})
