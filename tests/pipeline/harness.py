"""A worker on a real Postgres and an emulated Recall, moved forward turn by turn instead of by waiting."""

import threading
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qsl
from uuid import UUID

from recall_emulator import Emulator, Scenario
from syncd.core.queue.limits import WorkerLimits
from syncd.core.reading.origin import read_origins
from syncd.db.engine import Engine
from syncd.db.queue import tracking
from syncd.db.rate_limit import workspaces
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.settings.secret import Secret
from syncd.worker.worker import Worker

DRAIN_S = 60.0
"""What takes longer is broken."""


class Harness:
    """Everything a test of the path needs."""

    def __init__(
        self,
        engine: Engine,
        emulator: Emulator,
        *,
        payload_limit: int = 50_000_000,
        list_limit: int = 0,
        discovery: Discovery = NO_DISCOVERY,
        holder: str = "harness",
        erases_deleted: bool = False,
    ) -> None:
        self.engine = engine
        self.emulator = emulator
        self._freed = threading.Condition()
        self.api = RecallApi(emulator.api_url, Secret("demo-key"), DRAIN_S)
        self._store = FileStore(read_origins(emulator.files_url), payload_limit, DRAIN_S)
        limits = WorkerLimits("default", 60_000, list_limit, 8, 60.0, 5.0, holder, erases_deleted)
        with engine.begin() as connection:
            workspaces.register(connection, "default")
        self.worker = Worker(engine, self.api, self._store, limits, discovery, on_slot_free=self._notice)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.drain(DRAIN_S)
        self.api.close()
        self._store.close()

    def _notice(self) -> None:
        with self._freed:
            self._freed.notify_all()

    def track(self, *scenarios: Scenario) -> list[UUID]:
        """Add scenarios to Recall and track them."""
        ids = [self.emulator.add(scenario) for scenario in scenarios]
        with self.engine.begin() as connection:
            tracking.track(connection, ids, "default")
        return ids

    def see(self, *scenarios: Scenario, ago_s: float = 60.0) -> list[UUID]:
        """Add scenarios to Recall and track them; as if each had been shown, unfinished, some time ago."""
        ids = self.track(*scenarios)
        for id_, scenario in zip(ids, scenarios, strict=True):
            self.change(
                "update recall.transcripts set status = 'processing', provider = %s, observed_at = first_seen_at,"
                " created_at = %s, status_updated_at = %s where transcript_id = %s",
                *(scenario.provider, *[self.emulator.expected(id_).artifact["created_at"]] * 2, id_),
            )
        self.change(
            "update syncd.queue as waiting set is_observed = true, threshold_s = 1, created_at = known.created_at,"
            " last_seen_at = clock_timestamp() - %s * interval '1 s', listed_at = clock_timestamp(),"
            " due_at = clock_timestamp() + interval '1 hour',"
            " provider = known.provider from recall.transcripts as known"
            " where known.transcript_id = waiting.transcript_id and known.transcript_id = any(%s)",
            *(ago_s, ids),
        )
        return ids

    def turn(self) -> int:
        """Everything that waits is due now; the worker takes a turn; how many rows it took."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("update syncd.queue set due_at = clock_timestamp() - interval '1 second'")
        return self.tick()

    def tick(self) -> int:
        """The worker takes what is due as it is, and comes to the end of it; how many rows that were."""
        taken = self.worker.claim_due()
        self._rest()
        return taken

    def page(self) -> int:
        """The worker reads a page of the list, if one is worth a call; how many files that brought, now fetched."""
        self.worker._planner._not_before = 0.0  # what it waits for after a plan that came to nothing
        found = self.worker.read_list_page()
        self._rest()
        return found

    def pages(self, count: int) -> None:
        """So many pages, as far as they are worth a call."""
        for _ in range(count):
            self.page()

    def _rest(self) -> None:
        self.until(lambda: self.worker.in_flight_count == 0)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what is true after a run."""
        with self._freed:
            assert self._freed.wait_for(condition, DRAIN_S)

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

    def change(self, statement: str, *arguments: Any) -> None:
        """Change the database behind the worker's back; a time that has passed, for instance."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement, arguments)

    def row(self, query: str, *arguments: Any) -> dict[str, Any]:
        """The only row of an answer."""
        (row,) = self.rows(query, *arguments)
        return row

    def transcript(self, transcript_id: UUID) -> dict[str, Any]:
        """A row of recall.transcripts."""
        return self.row("select * from recall.transcripts where transcript_id = %s", transcript_id)

    def waiting(self, transcript_id: UUID) -> dict[str, Any]:
        """A row of the queue."""
        return self.row("select * from syncd.queue where transcript_id = %s", transcript_id)

    def lists(self) -> list[dict[str, str]]:
        """The queries of all list calls, oldest first."""
        return [dict(parse_qsl(request.query)) for request in self.emulator.requests() if request.route == "list"]

    def retrieves(self, transcript_id: UUID) -> int:
        """How many retrieves a transcript has cost."""
        requests = self.emulator.requests()
        return sum(r.route == "retrieve" and r.transcript_id == transcript_id for r in requests)
