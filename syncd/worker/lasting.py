"""Whether what the database cannot do because of others passes, as a deadlock does, or lasts, as a kept lock does."""

import time

from syncd.errors import DatabaseBusy, DatabaseStuck

STUCK_S = 30.0
"""For so long work may be held up before that is told. A judgement: longer than a transaction is begun again
(db/faults.py), and so than any deadlock, and soon enough for somebody to see what holds the lock."""
STANDS_S = 180.0
"""For so long a refusal counts that is not met again: three times the longest wait (worker/releases.py), in which it
would be. Another process may have done the work meanwhile."""


class Lasting:
    """For how long one kind of work has met DatabaseBusy, without coming through in between."""

    def __init__(self) -> None:
        self._error: DatabaseBusy | None = None
        self._since_s = self._met_s = 0.0

    def met(self, error: DatabaseBusy) -> None:
        """It was held up once more."""
        now_s = time.monotonic()
        if self._error is None or now_s - self._met_s >= STANDS_S:
            self._since_s = now_s - error.lasted_s
        self._error, self._met_s = error, now_s

    def over(self) -> None:
        """It came through."""
        self._error = None

    @property
    def stuck(self) -> DatabaseStuck | None:
        """That it lasts: it was met for half of STUCK_S, and nothing came through in the whole of it."""
        error, now_s = self._error, time.monotonic()
        if error is None or now_s - self._met_s >= STANDS_S:
            return None
        if self._met_s - self._since_s < STUCK_S / 2 or now_s - self._since_s < STUCK_S:
            return None
        return DatabaseStuck(f"Work has been held up for {STUCK_S:.0f} s or longer. {error.message}")
