"""Leases whose work the database refused: released with the reason, at once or as soon as it writes again.

No attempt is counted, and the lease does not run out, which would look as if the process had died. What the database
refuses once it may refuse again, and each try may cost a paid call, so little is claimed until a run succeeds.
"""

import threading
import time

from syncd.core.queue.lease import Lease
from syncd.db.engine import Engine, reaching_database
from syncd.db.queue import leases
from syncd.errors import DatabaseAway, DatabaseBusy, OperatorError

RUN, PAGE = "run", "page"
FIRST_HOLD_S = 1.0
LONGEST_HOLD_S = 60.0
"""For so long nothing is claimed after the database refused, doubling. Judgements: a failover takes some seconds, and
one paid call a minute is a price for noticing that a disk has room again."""


class Releases:
    """What is to be released, and how much may be claimed. Safe for threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guard = threading.Lock()
        self._reasons: dict[int, str] = {}
        self._failures = 0
        self._hold_until = 0.0
        self._work = ""
        self.refusal: DatabaseAway | OperatorError | None = None
        """What the database refused last; None where the same kind of work has succeeded since."""

    def slots(self, free: int, in_flight: int) -> int:
        """How many of `free` slots may be filled: none for a while after a refusal, then one, all after a success.

        That one is tried alone: none while `in_flight` runs have not come to their end.
        """
        if not self._failures:
            return free
        return min(free, 1) if time.monotonic() >= self._hold_until and not in_flight else 0

    def succeeded(self, work: str = RUN) -> None:
        """A run or a page of the list came to its end; a page is no proof that a load does."""
        with self._guard:
            if work == self._work:
                self._failures, self._work, self.refusal = 0, "", None

    def refused(self, error: DatabaseAway | OperatorError, work: str = RUN) -> None:
        """The database refused what others would ask for, too; a deadlock or a time-out is that of one row."""
        if isinstance(error, DatabaseBusy):
            return
        with self._guard:
            self._work, self.refusal = work, error
            if time.monotonic() >= self._hold_until:  # those that failed together count once
                wait_s = min(FIRST_HOLD_S * 2.0 ** min(self._failures, 10), LONGEST_HOLD_S)
                self._failures, self._hold_until = self._failures + 1, time.monotonic() + wait_s

    def add(self, lease: Lease, error: DatabaseAway | OperatorError) -> None:
        """Release a lease, now if the database lets us, or else by `release`."""
        self.refused(error)
        with self._guard:
            self._reasons[lease.token] = str(error)
        try:
            self.release()
        except (DatabaseAway, OperatorError):
            return

    def release(self) -> None:
        """Release what is left. Raises DatabaseAway and OperatorError."""
        with self._guard:
            if not (reasons := dict(self._reasons)):
                return
        with reaching_database(), self._engine.begin() as connection:
            leases.release_for(connection, reasons)
        with self._guard:
            for token in reasons:
                self._reasons.pop(token, None)
