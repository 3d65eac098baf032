"""The heartbeat of a process: what it does, for the tables and for `systemctl status`."""

import math
import threading
import time

from syncd import systemd
from syncd.core.explain.daemon import daemon_state, former_settings, status_line
from syncd.db.engine import Engine, reaching_database
from syncd.db.queue import leases, processes
from syncd.db.queue.processes import Process
from syncd.db.reports.pauses import pauses
from syncd.errors import SyncdError


class Heartbeat:
    """Writes the row of the process, when it is time or its state has changed, and the status line."""

    def __init__(self, engine: Engine, process: Process, interval_s: float) -> None:
        self._engine = engine
        self._process = process
        self._interval_s = interval_s
        self._guard = threading.Lock()
        self._is_over = False
        self._written_s = -math.inf
        self._shown: tuple[str | None, int | None] = (None, None)
        """The reason and the listener's process that the row names."""
        self.unfinished: int | None = None
        """Transcripts of the workspace that have not reached their end, as last counted."""
        self.pauses: list[str] = []
        """Why no calls are made, as last read."""

    def beat(
        self,
        in_flight: int,
        *,
        reload_refusal: str | None,
        database_refusal: SyncdError | None,
        listener_pid: int | None,
        is_forced: bool,
    ) -> None:
        """Look how things stand, and tell. `reload_refusal`: why the last reload changed nothing.

        `database_refusal`: what the database refuses to runs, though it may take this row. `listener_pid`: the server
        process of the connection on which hints arrive. `is_forced` writes the row in any case. Raises DatabaseAway.
        """
        with self._guard:
            if self._is_over:
                return
            with reaching_database(), self._engine.begin() as connection:
                self.unfinished = leases.unfinished(connection, self._process.workspace)
                self.pauses = pauses(connection, self._process.workspace)
                stops = [*([] if database_refusal is None else [str(database_refusal)]), *self.pauses]
                former = former_settings(reload_refusal)
                reason = " ".join(stops if former is None else [*stops, former]) or None
                if is_forced or self._is_due((reason, listener_pid)):
                    state = daemon_state(in_flight, stops)
                    processes.beat(connection, self._process, state, reason, self._interval_s, listener_pid)
                    self._written_s, self._shown = time.monotonic(), (reason, listener_pid)
            systemd.notify("STATUS=" + status_line(self.unfinished or 0, in_flight, self.pauses, reload_refusal))

    def count(self) -> None:
        """Count the unfinished transcripts. Raises DatabaseAway."""
        with reaching_database(), self._engine.connect() as connection:
            self.unfinished = leases.unfinished(connection, self._process.workspace)

    def end(self) -> None:
        """The process ends cleanly; no heartbeat comes after this. Raises DatabaseAway."""
        with self._guard:
            self._is_over = True
            with reaching_database(), self._engine.begin() as connection:
                processes.leave(connection, self._process)

    def _is_due(self, shown: tuple[str | None, int | None]) -> bool:
        """Whether to write the row: it is old, or a pause, a refusal or listening has begun or ended."""
        return time.monotonic() - self._written_s >= self._interval_s or shown != self._shown
