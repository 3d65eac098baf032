"""The outbox: events are the last statement of their transaction, numbered in the order of commits, without a gap."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import event

from syncd.core.queue.events import EventKind
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import CallEnd, FileState, Outcome, RowChange, Step
from syncd.core.transcript import ContentState, FileKind
from syncd.db import outcomes
from syncd.db.content import events
from syncd.db.engine import Connection, Engine
from tests.db.conftest import limits

DEADLINE_S = 90.0
Tracked = Callable[..., list[UUID]]
Claimed = Callable[..., list[Lease]]
Open = Callable[[], psycopg.Connection[Any]]


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


def change(connection: psycopg.Connection[Any], *ids: UUID) -> None:
    for id_ in ids:
        connection.execute("update recall.transcripts set payload_state = 'loaded' where transcript_id = %s", (id_,))


def tell(connection: psycopg.Connection[Any], *ids: UUID, kind: str = "ready") -> None:
    """What syncd does last before it commits."""
    for id_ in ids:
        connection.execute("select recall.write_events(%s, 'default', %s)", (id_, [kind]))


def told(connection: Connection, transcript_id: UUID | None = None) -> list[str]:
    rows = connection.exec_driver_sql(
        "select kind from recall.events where transcript_id = coalesce(%s, transcript_id) order by event_id",
        (transcript_id,),
    )
    return list(rows.scalars())


def in_order(connection: Connection) -> list[UUID]:
    return list(connection.exec_driver_sql("select transcript_id from recall.events order by event_id").scalars())


LOADED = Outcome(
    RowChange(Step.LEAVE),
    {FileKind.TRANSCRIPT: FileState(ContentState.LOADED)},
    call=CallEnd.CLOSED,
    resumes=True,
    events=(EventKind.READY, EventKind.DELETED),
)


def test_events_are_the_last_statement_of_their_outcome(
    engine: Engine, connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked(workspace="acme")
    (lease,) = claimed(workspace="acme")
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _d, statement, *_: statements.append(statement))
    event.listen(engine, "commit", lambda _: statements.append("commit"))
    outcomes.write(engine, lease, LOADED, limits(workspace="acme"))
    assert "recall.write_events" in statements[-2]
    assert statements[-1] == "commit"
    rows = connection.exec_driver_sql("select kind, workspace from recall.events order by event_id")
    assert [tuple(row) for row in rows] == [("ready", "acme"), ("deleted", "acme")]


def test_an_outcome_without_events_takes_no_turn(engine: Engine, tracked: Tracked, claimed: Claimed) -> None:
    tracked()
    (lease,) = claimed()
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _d, statement, *_: statements.append(statement))
    outcomes.write(engine, lease, Outcome(RowChange(Step.LEAVE)), limits())
    assert not any("event" in statement for statement in statements)


def test_a_transcript_that_is_gone_tells_nothing(connection: Connection) -> None:
    events.write(connection, uuid4(), [EventKind.READY])
    assert told(connection) == []


def test_erasing_is_told_once_and_outlives_the_rows(connection: Connection, tracked: Tracked) -> None:
    one, *others = tracked(4, workspace="acme")
    assert connection.exec_driver_sql("select recall.erase(%s, %s)", (one, uuid4())).scalar_one() == 1
    assert (told(connection, one), told(connection)) == (["erased"], ["erased"])
    erased = connection.exec_driver_sql("select recall.erase(variadic %s::uuid[])", (others,)).scalar_one()
    assert (erased, told(connection)) == (3, ["erased"] * 4)
    assert connection.exec_driver_sql("select recall.erase(%s)", (one,)).scalar_one() == 0
    assert set(connection.exec_driver_sql("select workspace from recall.events").scalars()) == {"acme"}
    for table in ("recall.transcripts", "syncd.queue"):
        assert connection.exec_driver_sql(f"select count(*) from {table}").scalar_one() == 0


def test_another_try_is_not_told(connection: Connection, tracked: Tracked) -> None:
    (id_,) = tracked()
    connection.exec_driver_sql("update recall.transcripts set payload_state = 'missing'")
    assert connection.exec_driver_sql("select recall.track(%s)", (id_,)).scalar_one()
    assert told(connection) == []


def test_what_is_rolled_back_is_not_told_and_gives_no_hint(open_: Open, tracked: Tracked) -> None:
    (id_,) = tracked()
    listener, writer = open_(), open_()
    listener.execute("listen recall_events")
    listener.commit()
    tell(writer, id_)
    writer.rollback()
    assert listener.execute("select * from recall.events").fetchall() == []
    tell(writer, id_)
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
    tell(writer, *ids)
    writer.commit()
    writer.execute("notify recall_events, 'the last'")
    writer.commit()
    assert [hint.payload for hint in listener.notifies(timeout=DEADLINE_S, stop_after=2)] == ["", "the last"]


def test_whoever_is_granted_the_function_may_write_events_and_nobody_else(
    connection: Connection, open_: Open, tracked: Tracked
) -> None:
    (id_,) = tracked()
    role = f"writer_{id_.hex}"
    connection.exec_driver_sql(f"create role {role}; grant usage on schema recall to {role}")
    try:
        writer = open_()
        writer.execute(f"set role {role}".encode())
        for statement in ("select recall.write_events(%s, 'default', '{ready}')", "select recall.erase(%s)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute(statement.encode(), (id_,))
            writer.rollback()
            writer.execute(f"set role {role}".encode())
        connection.exec_driver_sql(f"grant execute on function recall.write_events(uuid, text, text[]) to {role}")
        tell(writer, id_)
        writer.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute("select from recall.events")
        writer.close()
        assert told(connection) == ["ready"]
    finally:
        connection.exec_driver_sql(f"drop owned by {role}; drop role {role}")


def waiting_commits(connection: Connection) -> int:
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
    change(first, early)
    change(second, late)
    for writer, id_, expected in ((second, late, [late]), (first, early, [late, early])):
        tell(writer, id_)
        writer.commit()
        assert in_order(connection) == expected


def test_a_commit_waits_for_the_one_that_has_a_lower_id(
    open_: Open, connection: Connection, tracked: Tracked
) -> None:
    early, late = tracked(2)
    first, second = open_(), open_()
    tell(first, early)  # has its id now, and is not committed
    change(second, late)
    with ThreadPoolExecutor() as pool:
        told_second = pool.submit(tell, second, late)
        until(lambda: waiting_commits(connection) == 1)
        assert told(connection) == []
        first.commit()
        told_second.result(DEADLINE_S)
    second.commit()
    assert in_order(connection) == [early, late]


def test_who_waits_for_a_row_of_one_that_commits_is_no_deadlock(
    open_: Open, connection: Connection, tracked: Tracked
) -> None:
    ours, theirs = tracked(2)
    first, second = open_(), open_()
    change(first, ours)
    change(second, theirs)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(change, second, ours)
        until(
            lambda: connection.exec_driver_sql(
                "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'"
                " and datname = current_database()"
            ).scalar_one()
        )
        tell(first, ours)
        first.commit()
        waiting.result(DEADLINE_S)
    tell(second, theirs, ours)
    second.commit()
    assert in_order(connection) == [ours, theirs, ours]


WRITERS, ROUNDS = 6, 25


def write(connection: psycopg.Connection[Any], inbox: "queue.Queue[list[UUID]]", barrier: threading.Barrier) -> None:
    """Change rows in one order, so that only the events could bring about a deadlock; then all commit at once."""
    while ids := inbox.get(timeout=DEADLINE_S):
        change(connection, *sorted(ids))
        barrier.wait(DEADLINE_S)
        tell(connection, *ids)
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
