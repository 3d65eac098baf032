"""The pool of connections: as many as it may have, or as many as the server gives it."""

import time

from sqlalchemy import exc, pool
from sqlalchemy.util import queue

from syncd.db.refusal import ConnectRefused
from syncd.errors import NoConnectionFree

ASK_AGAIN_S = 5.0
"""So long after the server had no connection left it is not asked for another. A judgement: seldom enough to leave
others what becomes free, and more are seldom needed."""


class Pool(pool.QueuePool):
    """Where the server has no connection left for it, whoever needs one waits for that of another thread.

    SQLAlchemy's own pool only knows the limit that it is made with: then it waits; what the server says is an error.
    """

    _enough_until = 0.0

    def _do_get(self) -> pool.ConnectionPoolEntry:
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
