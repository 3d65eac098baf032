"""The pool of connections: as many as it may have, or as many as the server, or a pooler before it, gives it."""

import contextlib
import threading
import time
from typing import Any

from sqlalchemy import exc, pool
from sqlalchemy.util import queue

from syncd.db.refusal import ConnectRefused, NoAnswer
from syncd.errors import NoConnectionFree

ASK_AGAIN_S = 5.0
"""So long after the server had no connection left it is not asked for another. A judgement: seldom enough to leave
others what becomes free, and more are seldom needed."""
ASK_SHARE = 0.1
"""Of its time, what is spent on asking in vain. A judgement: who asks is a thread that has work to do."""
LOOK_FOR_SLOT_S = 0.25
"""How often who waits for a connection of the pool looks whether another may be made. A judgement."""


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

    def _do_get(self) -> pool.ConnectionPoolEntry:
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
