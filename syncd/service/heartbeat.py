"""The heartbeat of a process: what it does, for the tables and for `systemctl status`."""

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
        self._written: tuple[float, object] | None = None
        self.unfinished: int | None = None
        """Transcripts of the workspace that have not reached their end, as last counted."""
        self.pauses: list[str] = []
        """Why no calls are made, as last read."""

    def beat(
        self,
        in_flight: int,
        refusal: str | None,
        refused: SyncdError | None = None,
        listener_pid: int | None = None,
        *,
        is_forced: bool = False,
    ) -> None:
        """Look how things stand, and tell. `refusal`: why the last reload changed nothing.

        `refused`: what the database refuses to runs, though it may take this row. `listener_pid`: the server process
        of the connection on which hints arrive. `is_forced` writes the row in any case. Raises DatabaseAway.
        """
        with self._guard:
            if self._is_over:
                return
            told = [] if refused is None else [str(refused)]
            self._beat(in_flight, told, former_settings(refusal), listener_pid, is_forced=is_forced)
            systemd.notify("STATUS=" + status_line(self.unfinished or 0, in_flight, self.pauses, refusal))

    def _beat(
        self, in_flight: int, refused: list[str], warnings: list[str], listener_pid: int | None, *, is_forced: bool
    ) -> None:
        with reaching_database(), self._engine.begin() as connection:
            self.unfinished = leases.unfinished(connection, self._process.workspace)
            self.pauses = pauses(connection, self._process.workspace)
            stops = [*refused, *self.pauses]
            reason = " ".join([*stops, *warnings]) or None
            now = reason, listener_pid
            if is_forced or self._is_due(now):
                state = daemon_state(in_flight, stops)
                processes.beat(connection, self._process, state, reason, self._interval_s, listener_pid)
                self._written = time.monotonic(), now

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

    def _is_due(self, now: object) -> bool:
        """Whether to write the row: it is old, or a pause, a refusal or listening has begun or ended."""
        if self._written is None:
            return True
        written_s, then = self._written
        return time.monotonic() - written_s >= self._interval_s or now != then
