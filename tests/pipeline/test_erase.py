"""What is erased is nowhere in the database, whatever a daemon was doing with it, and never comes back."""

import json
import threading
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import event

from recall_emulator import Scenario
from syncd.core.transcript import FileKind
from syncd.db.content.files import unpack
from syncd.db.engine import Engine, conninfo
from syncd.db.queue import tracking
from syncd.pipeline import load
from tests.pipeline.harness import Harness
from tests.pipeline.listing import Listed, since
from tests.pipeline.rereading import reading, reparse

CANARY = "quetzalcoatlus"
MOST_STATEMENTS = 200
"""More than any run has; the loop over its statements ends long before."""
BLOCKED = "select pid from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"


def scenario() -> Scenario:
    word = {"text": CANARY, "start_timestamp": {"relative": 1.0}, "end_timestamp": {"relative": 2.0}}
    said = [{"participant": {"id": 1, "name": CANARY, "email": f"{CANARY}@example.com"}, "words": [word]}]
    part = {"id": 1, "data": {"results": CANARY}}
    return Scenario(
        transcript_id=uuid4(),
        metadata={"deal": CANARY},
        recording_metadata={"owner": CANARY},
        payload=json.dumps(said).encode(),
        provider_data=json.dumps({"parts": [part]}).encode(),
    )


def dump(harness: Harness) -> str:
    """Every row of every table, and what is packed, as text."""
    texts = []
    tables = harness.rows(
        "select oid::regclass::text as name from pg_class"
        " where relkind = 'r' and relnamespace in ('recall'::regnamespace, 'syncd'::regnamespace)"
    )
    for table in tables:
        texts += [row["line"] for row in harness.rows(f"select t::text as line from {table['name']} as t")]
    texts += [unpack(row["content"]).decode() for row in harness.rows("select content from recall.payloads")]
    return "\n".join(texts)


class Eraser:
    """Erases a transcript from another session before a statement of the engine."""

    def __init__(self, engine: Engine, id_: UUID, before: int) -> None:
        self._engine, self._id, self._left = engine, id_, before
        self._worker = threading.Lock()
        self._thread = threading.Thread(target=self._erase)
        self._pid = threading.Event()
        event.listen(engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        with self._worker:
            self._left -= 1
            is_it = self._left == -1
        if is_it:
            self._thread.start()
            self._pid.wait()
            with psycopg.connect(conninfo(self._engine), autocommit=True) as connection:
                while self._thread.is_alive() and not connection.execute(BLOCKED, (self.pid,)).fetchone():
                    time.sleep(0.002)

    def _erase(self) -> None:
        with psycopg.connect(conninfo(self._engine), autocommit=True) as connection:
            self.pid = connection.info.backend_pid
            self._pid.set()
            connection.execute("select recall.erase(%s)", (self._id,))

    def end(self) -> bool:
        """Wait until it is erased; whether the engine came so far."""
        event.remove(self._engine, "before_cursor_execute", self._count)
        if self._thread.ident is None:
            return False
        self._thread.join()
        return True


def test_erased_before_any_statement_of_a_run_it_is_nowhere(harness: Harness) -> None:
    for statements in range(MOST_STATEMENTS):
        (id_,) = harness.track(scenario())
        harness.change("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        eraser = Eraser(harness.engine, id_, statements)
        harness.tick()
        if not eraser.end():
            assert statements > 10  # it is the run itself that was met, and not what comes before
            assert CANARY in dump(harness)
            return
        harness.turns()
        assert CANARY not in dump(harness), f"after {statements} statements"
        receipts = harness.rows("select selected_by from recall.erasures where transcript_id = %s", id_)
        assert receipts == [{"selected_by": "transcript"}]
    raise AssertionError(f"still not through after {MOST_STATEMENTS} statements")


def test_erased_while_it_is_read_again_it_is_nowhere(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    harness.track(scenario())
    harness.turns()
    read = load._READERS[FileKind.TRANSCRIPT]

    def erased(*arguments: object) -> load.ReadFile:
        harness.change("select recall.erase(variadic array(select transcript_id from recall.transcripts))")
        return read(*arguments)  # type: ignore[arg-type]  # whatever it is given

    monkeypatch.setattr(load, "_READERS", reading(FileKind.TRANSCRIPT, erased))
    reparse(harness)
    assert CANARY not in dump(harness)


def track(harness: Harness, id_: UUID) -> None:
    with harness.engine.begin() as connection:
        assert tracking.track(connection, [id_], "default") == 0


def poll(harness: Harness, id_: UUID) -> None:
    harness.worker.poll_now(id_)


@pytest.mark.parametrize("again", [track, poll])
def test_whoever_asks_for_it_again_it_stays_erased(harness: Harness, again: Callable[[Harness, UUID], None]) -> None:
    (id_,) = harness.track(scenario())
    harness.turns()
    harness.change("select recall.erase(%s)", id_)
    again(harness, id_)
    harness.turns()
    assert harness.rows("select from recall.transcripts") == harness.rows("select from syncd.queue") == []


def test_discovery_does_not_bring_it_back(listed: Listed) -> None:
    harness = listed(discovery=since(3600.0))
    erased, other = harness.emulator.add(scenario()), harness.emulator.add(Scenario())
    harness.change("select recall.erase(%s)", erased)  # before it was ever tracked
    harness.pages(4)
    assert [row["transcript_id"] for row in harness.rows("select transcript_id from recall.transcripts")] == [other]
