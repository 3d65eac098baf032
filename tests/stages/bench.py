"""A worker on a real Postgres and an emulated Recall, moved forward turn by turn instead of by waiting."""

import threading
from typing import Any, Self
from uuid import UUID

from pydantic import SecretStr

from syncd.core.origin import read_origins
from syncd.core.terms import Terms
from syncd.db import intake, workspaces
from syncd.db.engine import Engine
from syncd.demo.emulator import Emulator, Script
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.worker import Worker

PATIENCE_S = 20.0


class Bench:
    """Everything a test of the path needs."""

    def __init__(self, engine: Engine, emulator: Emulator, *, payload_limit: int = 50_000_000) -> None:
        self.engine = engine
        self.emulator = emulator
        self._freed = threading.Condition()
        self._api = RecallApi(emulator.api_url, SecretStr("demo-key"), 5.0)
        self._store = FileStore(read_origins(emulator.files_url), payload_limit, 5.0)
        terms = Terms("default", 60_000, 0, 8, 60.0, 5.0, "bench")
        with engine.begin() as connection:
            workspaces.register(connection, "default")
        self.worker = Worker(engine, self._api, self._store, terms, on_slot_free=self._notice)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.drain(PATIENCE_S)
        self._api.close()
        self._store.close()

    def _notice(self) -> None:
        with self._freed:
            self._freed.notify_all()

    def track(self, *scripts: Script) -> list[UUID]:
        """Add scripts to Recall and track them."""
        ids = [self.emulator.add(script) for script in scripts]
        with self.engine.begin() as connection:
            intake.track(connection, ids, "default")
        return ids

    def turn(self) -> int:
        """Everything that waits is due now; the worker takes a turn; how many rows it took."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        taken = self.worker.tick()
        with self._freed:
            assert self._freed.wait_for(lambda: self.worker.in_hand == 0, PATIENCE_S)
        return taken

    def turns(self, most: int = 20) -> int:
        """Turns until nothing is left; how many it took."""
        for count in range(most):
            if self.turn() == 0:
                return count
        raise AssertionError(f"still not done after {most} turns: {self.rows('select * from syncd.queue')}")

    def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """The answer to a query."""
        with self.engine.begin() as connection:
            return [dict(row) for row in connection.exec_driver_sql(query, arguments).mappings()]

    def row(self, query: str, *arguments: Any) -> dict[str, Any]:
        """The only row of an answer."""
        (row,) = self.rows(query, *arguments)
        return row

    def transcript(self, transcript_id: UUID) -> dict[str, Any]:
        """A row of recall.transcripts."""
        return self.row("select * from recall.transcripts where transcript_id = %s", transcript_id)

    def retrieves(self, transcript_id: UUID) -> int:
        """How many retrieves a transcript has cost."""
        requests = self.emulator.requests()
        return sum(r.route == "retrieve" and r.transcript_id == transcript_id for r in requests)
