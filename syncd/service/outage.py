"""Whether the database can be worked with: told once when it no longer can, and once when a write succeeds again."""

import time

from syncd import systemd
from syncd.errors import (
    DatabaseBusy,
    DatabaseFault,
    DatabaseFull,
    DatabaseStuck,
    LoginRefused,
    SchemaError,
    SyncdError,
)
from syncd.log import get_logger
from syncd.worker import lasting
from syncd.worker.lasting import Lasting

REFUSED_S = 30.0
"""For so long a login may be refused before the process leaves. A judgement: a password is changed in two places, and
meanwhile a file with the URL is read again; a credential of systemd is only read by a start."""
UNPROVEN_S = 60.0
"""So long after a write that found no room, or was refused, another that succeeds is no proof. A judgement: small
ones succeed before large ones do, and those into other tables always."""

log = get_logger(__name__)


class Outage:
    """What keeps the process from working, if anything does."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._met_s = 0.0
        self._quiet_s = 0.0
        self._refused_since_s: float | None = None
        self._leaves_for: SyncdError | None = None
        self._held_up: dict[str, Lasting] = {}
        self._unanswered: DatabaseStuck | None = None

    @property
    def is_on(self) -> bool:
        """Whether the database cannot be worked with."""
        return bool(self._told)

    @property
    def is_login_refused(self) -> bool:
        """Whether the process will leave unless a login succeeds."""
        return self._refused_since_s is not None

    @property
    def leaves_for(self) -> SyncdError | None:
        """Why the process is to end: only another one can go on."""
        return self._leaves_for

    @property
    def stuck(self) -> DatabaseStuck | None:
        """That a statement has no answer, or that a job has been held up for long; None: neither."""
        found = [self._unanswered, *(each.stuck for each in list(self._held_up.values()))]
        return next((each for each in found if each is not None), None)

    def look(self, unanswered_s: float) -> bool:
        """To be called every second or so, by who waits for no server; whether there is something new to tell.

        `unanswered_s`: for how long the server has owed an answer.
        """
        if unanswered_s < lasting.STUCK_S:
            self._unanswered = None
        elif self._unanswered is None:
            what = f"The database has not answered a statement for {lasting.STUCK_S:.0f} s"
            why = "a lock, a synchronous standby that is missing, or a server that hangs"
            self._unanswered = DatabaseStuck(f"{what}: {why}.")
        stuck = self.stuck
        if stuck is None or stuck.code in self._told:
            return False
        self.met(stuck)
        return True

    def came_through(self, job: str) -> None:
        """A job has done its work."""
        self._held_up.pop(job, None)

    def met(self, error: SyncdError, job: str = "") -> None:
        """A job could not do its work. Each kind is told once; a deadlock or a time-out that passes is none."""
        if isinstance(error, DatabaseBusy):
            log.debug("tried again", reason=str(error))
            self._held_up.setdefault(job, Lasting()).met(error)
            return
        now_s = time.monotonic()
        if error.code not in self._told:
            log.error("waiting for the database", reason=str(error))
        systemd.notify(f"STATUS=Waiting for the database: {error}")
        self._told.add(error.code)
        is_of_some_writes = isinstance(error, DatabaseFull | DatabaseFault)
        self._met_s, self._quiet_s = now_s, UNPROVEN_S if is_of_some_writes else 0.0
        if not isinstance(error, LoginRefused):
            self._refused_since_s = None
        elif self._refused_since_s is None:
            self._refused_since_s = now_s
        elif now_s - self._refused_since_s >= REFUSED_S:
            self._leaves_for = error

    def wrote(self) -> None:
        """A write succeeded: the outage is over."""
        if not self._told or self.stuck is not None or time.monotonic() - self._met_s < self._quiet_s:
            return
        self._told.clear()
        self._refused_since_s = None
        log.warning("the database is back")

    def replaced(self, error: SchemaError) -> None:
        """The schema is another one than this process works with."""
        self._leaves_for = error
