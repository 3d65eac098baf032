"""Leases whose work the database refused: released with the reason, at once or as soon as it writes again.

No attempt is counted, and the lease does not run out, which would look as if the process had died. What the database
refuses once it may refuse again, and each try may cost a paid call, so little is claimed until a run succeeds.
"""

import contextlib
import threading
import time
from collections.abc import Iterator

from syncd.core.queue.lease import Lease
from syncd.db.engine import Engine, reaching_database
from syncd.db.queue import leases
from syncd.errors import DatabaseAway, DatabaseBusy, DatabaseFault, OperatorError
from syncd.worker.lasting import STANDS_S, Lasting

RUN, PAGE, CLAIM = "run", "page", "claim"
POLL, FILES = "poll", "files"
"""Two kinds of runs: what asks Recall, and what fetches and loads, which needs other tables."""
FIRST_HOLD_S = 1.0
LONGEST_HOLD_S = 60.0
"""For so long nothing is claimed after the database refused, doubling. Judgements: a failover takes some seconds, and
one paid call a minute is a price for noticing that a disk has room again."""
BUSY_S = 60.0
"""So long a row waits by itself after a lock or a time-out, which may last: building an index of utterances locks out
writes of them alone; and after an error that may be about this row, so that others come first. A judgement."""


class _Hold:
    """What the database refused to one kind of work, and until when that is not tried again."""

    def __init__(self) -> None:
        self.failures = 0
        self.until = 0.0
        self._met: DatabaseAway | OperatorError | None = None
        self._met_s = 0.0

    @property
    def refusal(self) -> DatabaseAway | OperatorError | None:
        return self._met if time.monotonic() - self._met_s < STANDS_S else None

    def refused(self, error: DatabaseAway | OperatorError) -> None:
        self._met, self._met_s = error, time.monotonic()
        if time.monotonic() >= self.until:  # those that failed together count once
            wait_s = min(FIRST_HOLD_S * 2.0 ** min(self.failures, 10), LONGEST_HOLD_S)
            self.failures, self.until = self.failures + 1, time.monotonic() + wait_s


class Releases:
    """What is to be released, and how much may be claimed. Safe for threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guard = threading.Lock()
        self._reasons: dict[int, tuple[str, float]] = {}
        self._holds = {kind: _Hold() for kind in (RUN, PAGE, CLAIM)}
        self._held_up = {step: Lasting() for step in (POLL, FILES)}

    @property
    def refusal(self) -> DatabaseAway | OperatorError | None:
        """What it refused last to a run, a page or a claim, or that it holds runs up; None: the same succeeded since,
        or it is old."""
        found = [*(hold.refusal for hold in self._holds.values()), *(each.stuck for each in self._held_up.values())]
        return next((each for each in found if each is not None), None)

    def slots(self, free: int, in_flight: int, work: str = RUN) -> int:
        """How many of `free` slots may be filled: none for a while after a refusal, then one, all after a success.

        After a run was refused one is tried alone: none while `in_flight` others have not come to their end. A page
        brings files, so what holds runs holds it too.
        """
        holds = [hold for kind, hold in self._holds.items() if kind in (RUN, work) and hold.failures]
        if not holds:
            return free
        is_tried = self._holds[RUN].failures and in_flight
        is_held = is_tried or any(time.monotonic() < hold.until for hold in holds)
        return 0 if is_held else min(free, 1)

    def succeeded(self, work: str = RUN) -> None:
        """A run, a page of the list or a claim came to its end; none is a proof that another does."""
        if self._holds[work].failures:
            with self._guard:
                self._holds[work] = _Hold()

    def came_through(self, step: str, *, is_proof: bool) -> None:
        """A run came to its end; `is_proof`: and what follows from it did, too."""
        self._held_up[step].over()
        if is_proof:
            self.succeeded()

    def refused(self, error: DatabaseAway | OperatorError, work: str = RUN) -> None:
        """The database refused what others would ask for, too; a deadlock or a time-out is that of one row."""
        if not isinstance(error, DatabaseBusy):
            with self._guard:
                self._holds[work].refused(error)

    @contextlib.contextmanager
    def noting(self, work: str) -> Iterator[None]:
        """Note whether the database refuses this page or claim. That it cannot be reached everybody notices."""
        try:
            yield
        except (DatabaseAway, OperatorError) as error:
            if work != CLAIM or type(error) is not DatabaseAway:
                self.refused(error, work)
            raise
        self.succeeded(work)

    def add(self, lease: Lease, error: DatabaseAway | OperatorError, step: str) -> None:
        """Release the lease of a run, now if the database lets us, or else by `release`."""
        self.refused(error)
        if isinstance(error, DatabaseBusy):
            self._held_up[step].met(error)
        with self._guard:
            wait_s = BUSY_S if isinstance(error, DatabaseBusy | DatabaseFault) else 0.0
            self._reasons[lease.token] = str(error), wait_s
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
