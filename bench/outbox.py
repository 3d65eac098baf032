"""What events cost: `python -m bench.outbox [writers] [seconds]`.

Writers change a transcript each and commit, as fast as they can, on the embedded Postgres with its own durability:
without an event, with an event as the last statement before the commit (as syncd writes it), and with the constraint
triggers that revision 0003 had. Prints one line of JSON, with commits a second of each; compare their ratios only.
"""

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.db.queue import tracking
from syncd.embedded import running

WRITERS, SECONDS = 8, 10.0
Commit = Callable[["psycopg.Connection[tuple[object, ...]]", UUID, int], None]


def change(connection: "psycopg.Connection[tuple[object, ...]]", id_: UUID, turn: int) -> None:
    """A write that makes another thing true of a loaded transcript, not yet committed."""
    statement = "update recall.transcripts set payload_state = 'loaded', word_count = %s where transcript_id = %s"
    connection.execute(statement, (turn, id_))


def without_event(connection: "psycopg.Connection[tuple[object, ...]]", id_: UUID, turn: int) -> None:
    """The change alone, or with whatever triggers there are."""
    change(connection, id_, turn)
    connection.commit()


def with_event(connection: "psycopg.Connection[tuple[object, ...]]", id_: UUID, turn: int) -> None:
    """As db/outcomes.py does it."""
    change(connection, id_, turn)
    connection.execute("select recall.write_events(%s, 'default', array['changed'])", (id_,))
    connection.commit()


def commits_a_second(url: str, ids: Sequence[UUID], seconds: float, commit: Commit) -> float:
    """A writer for each of these transcripts, all together."""
    start = threading.Barrier(len(ids))

    def write(id_: UUID) -> int:
        with psycopg.connect(url) as connection:
            start.wait()
            until, turn = time.monotonic() + seconds, 0
            while time.monotonic() < until:
                turn += 1
                commit(connection, id_, turn)
            return turn

    with ThreadPoolExecutor(len(ids)) as pool:
        return sum(pool.map(write, ids)) / seconds


def main(writers: int, seconds: float) -> dict[str, object]:
    """Measure all three; what to print."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        running(Path(directory) / "postgres") as url,
    ):
        engine = make_engine(url)
        schema.migrate(engine)
        ids = [[uuid4() for _ in range(writers)] for _ in range(3)]
        with engine.begin() as connection:
            tracking.track(connection, [id_ for each in ids for id_ in each], "default")
        none = commits_a_second(url, ids[0], seconds, without_event)
        last = commits_a_second(url, ids[1], seconds, with_event)
        schema.migrate(engine, "-1")  # down to revision 0003, which had triggers
        triggers = commits_a_second(url, ids[2], seconds, without_event)
        engine.dispose()
    rates = {"no_event": none, "event_before_commit": last, "event_by_triggers": triggers}
    return {
        "bench": "outbox",
        "writers": writers,
        "commits_per_s": {name: round(rate) for name, rate in rates.items()},
        "share_of_those_without": {name: round(rate / none, 2) for name, rate in rates.items()},
    }


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    print(json.dumps(main(*((int(given[0]), given[1]) if len(given) > 1 else (WRITERS, SECONDS)))))
