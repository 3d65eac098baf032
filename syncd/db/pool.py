"""The pool of connections: as many as it may have, or as many as the server gives it."""

import time
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event, exc, pool
from sqlalchemy.util import queue

from syncd.db.refusal import ConnectRefused
from syncd.errors import DatabaseStuck, NoConnectionFree

ASK_AGAIN_S = 5.0
"""So long after the server had no connection left it is not asked for another. A judgement: seldom enough to leave
others what becomes free, and more are seldom needed."""
_ASKED = "syncd_asked_s"


class Pool(pool.QueuePool):
    """Where the server has no connection left for it, whoever needs one waits for that of another thread.

    SQLAlchemy's own pool only knows the limit that it is made with: then it waits; what the server says is an error.
    """

    _enough_until = 0.0

    def __init__(self, *args: Any, **options: Any) -> None:  # Any: what QueuePool takes
        super().__init__(*args, **options)
        self._in_use = dict[int, pool.ConnectionPoolEntry]()

    def unanswered_s(self) -> list[float]:
        """For each connection in use, for how long the server has owed it an answer; 0: it owes none."""
        now_s, entries = time.monotonic(), list(self._in_use.values())
        return [now_s - entry.info.get(_ASKED, now_s) if _is_asked(entry) else 0.0 for entry in entries]

    def _do_get(self) -> pool.ConnectionPoolEntry:
        try:
            entry = self._get_or_wait()
        except exc.TimeoutError:
            if min(self.unanswered_s(), default=0.0) >= self._timeout:  # more connections would not help
                raise DatabaseStuck from None
            raise
        entry.info[_ASKED] = time.monotonic()
        self._in_use[id(entry)] = entry
        return entry

    def _do_return_conn(self, record: pool.ConnectionPoolEntry) -> None:
        self._in_use.pop(id(record), None)
        super()._do_return_conn(record)

    def _get_or_wait(self) -> pool.ConnectionPoolEntry:
        until = time.monotonic() + self._timeout
        while (now := time.monotonic()) < until:
            if now < self._enough_until and self._has_any():
                try:
                    return self._pool.get(True, min(self._enough_until, until) - now)
                except queue.Empty:
                    continue
            try:
                return super()._do_get()
            except ConnectRefused as error:
                if error.meaning.kind is not NoConnectionFree or not self._has_any():
                    raise
                self._enough_until = time.monotonic() + ASK_AGAIN_S
        raise exc.TimeoutError("no connection became free in time")

    def _has_any(self) -> bool:
        return self.checkedout() + self.checkedin() > 0


def _is_asked(entry: pool.ConnectionPoolEntry) -> bool:
    driver = entry.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.info.transaction_status is TransactionStatus.ACTIVE


def note_statements(engine: Engine) -> None:
    """Let its pool know when each statement and each commit begins."""

    def asks(connection: Connection, *_: object) -> None:
        connection.info[_ASKED] = time.monotonic()

    event.listen(engine, "before_cursor_execute", asks)
    event.listen(engine, "commit", asks)


def longest_unanswered_s(engine: Engine) -> float:
    """For how long the server has owed an answer, in seconds; 0 where it owes none. Asks no server."""
    return max(engine.pool.unanswered_s(), default=0.0) if isinstance(engine.pool, Pool) else 0.0
