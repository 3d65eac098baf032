"""A consumer of recall.events: keeps a table of texts up to date, exactly once in effect.

Needs psycopg 3. Run it with the name of the consumer; PGHOST, PGDATABASE and so on say where the database is.
"""

import signal
import sys
import threading
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

BATCH = 100
WAIT_S = 1.0  # looks at least so often, for a hint may be lost; and so long may a stop take

TABLES = """
create table if not exists recall_cursors (consumer text primary key, event_id bigint not null default 0);
create table if not exists meeting_texts (transcript_id uuid primary key, content text not null);
"""
TEXT = """
insert into meeting_texts (transcript_id, content)
select transcript_id, string_agg(concat_ws(': ', speaker, text), E'\n' order by position)
from recall.utterances where transcript_id = %s group by transcript_id
"""


def handle(connection: psycopg.Connection[Any], event: Any) -> None:
    """Your work. What it writes through this connection is committed together with the cursor, or not at all."""
    connection.execute("delete from meeting_texts where transcript_id = %s", (event.transcript_id,))
    if event.kind in ("ready", "changed"):
        connection.execute(TEXT, (event.transcript_id,))


def handle_batch(connection: psycopg.Connection[Any], consumer: str) -> int:
    """The next events, in one transaction with the cursor; how many. A second process waits for the first."""
    with connection.transaction():
        cursor = "select event_id from recall_cursors where consumer = %s for update"
        (seen,) = connection.execute(cursor, (consumer,)).fetchone() or (0,)
        after = "select * from recall.events where event_id > %s order by event_id limit %s"
        events = connection.execute(after, (seen, BATCH)).fetchall()
        for event in events:
            handle(connection, event)
        if events:
            moved = "update recall_cursors set event_id = %s where consumer = %s"
            connection.execute(moved, (events[-1].event_id, consumer))
    return len(events)


def run(consumer: str, stop: threading.Event) -> None:
    """Handle what there is, then wait for a hint or a second, until told to stop."""
    with psycopg.connect(autocommit=True, row_factory=namedtuple_row) as connection:
        connection.execute(TABLES)
        connection.execute("insert into recall_cursors (consumer) values (%s) on conflict do nothing", (consumer,))
        connection.execute("listen recall_events")
        while not stop.is_set():
            if handle_batch(connection, consumer) < BATCH:
                for _ in connection.notifies(timeout=WAIT_S, stop_after=1):
                    pass


if __name__ == "__main__":
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(sys.argv[1], stop)
