"""The pool of connections: as many as it may have, or as many as the server, or a pooler before it, gives it."""

import contextlib
import threading
import time
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event, exc, pool
from sqlalchemy.util import queue

from syncd.db.refusal import ConnectRefused, NoAnswer
from syncd.errors import DatabaseStuck, NoConnectionFree

ASK_AGAIN_S = 5.0
"""So long after the server had no connection left it is not asked for another. A judgement: seldom enough to leave
others what becomes free, and more are seldom needed."""
ASK_SHARE = 0.1
"""Of its time, what is spent on asking in vain. A judgement: who asks is a thread that has work to do."""
LOOK_FOR_SLOT_S = 0.25
"""How often who waits for a connection of the pool looks whether another may be made. A judgement."""
_ASKED = "syncd_asked_s"


class Pool(pool.QueuePool):
    """Where the server has no connection left for it, whoever needs one waits for that of another thread.

    SQLAlchemy's own pool only knows the limit that it is made with: then it waits; what the server says is an error.
    While the pool has connections, one thread at a time asks for another: a pooler in session mode lets it wait, and
    says nothing.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:  # SQLAlchemy's own
        super().__init__(*arguments, **named)
        self._ask_at = 0.0
        self._asking = threading.Lock()
        self._count = threading.Lock()
        self._pending = 0
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
        while (left_s := until - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                return self._pool.get(False)
            if self.overflow() < 0 and (entry := self._ask()) is not None:
                return entry
            with contextlib.suppress(queue.Empty):
                return self._pool.get(True, min(left_s, LOOK_FOR_SLOT_S))
        raise exc.TimeoutError("no connection became free in time")

    def _ask(self) -> pool.ConnectionPoolEntry | None:
        """Another connection of the server; None where it has none, and those of the pool must do."""
        began_at, is_first = time.monotonic(), not self._has_any()
        if not is_first and (began_at < self._ask_at or not self._asking.acquire(blocking=False)):
            return None
        try:
            return super()._do_get()
        except ConnectRefused as error:
            if not self._must_do(error):
                raise
            now = time.monotonic()
            self._ask_at = now + max(ASK_AGAIN_S, (now - began_at) / ASK_SHARE)
            return None
        finally:
            if not is_first:
                self._asking.release()

    def _create_connection(self) -> pool.ConnectionPoolEntry:
        with self._count:
            self._pending += 1
        try:
            return super()._create_connection()
        finally:
            with self._count:
                self._pending -= 1

    def _has_any(self) -> bool:
        """Whether a connection is there already; one that is being made is not."""
        return self.checkedout() + self.checkedin() > self._pending

    def _must_do(self, error: ConnectRefused) -> bool:
        """Whether those that the pool has, or that others are making, must do."""
        if isinstance(error, NoAnswer):  # nobody says whether the others get one
            return self._has_any()
        return error.meaning.kind is NoConnectionFree and self.checkedout() + self.checkedin() > 0


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
