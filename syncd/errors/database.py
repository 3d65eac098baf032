"""What the database cannot do just now, or can never hold."""

from syncd.errors.base import SyncdError


class DatabaseAway(SyncdError):
    """The database does not answer."""

    code = "SYNCD-DB-AWAY"
    exit_code = 69


class DatabaseBusy(DatabaseAway):
    """The database could not do it because of what others do at the same time."""

    code = "SYNCD-DB-BUSY"
    lasted_s: float = 0.0
    """For how long it was tried again before it was raised."""


class DatabaseStuck(DatabaseAway):
    """The database holds up what it is asked: a lock that is kept, or a synchronous standby that is missing."""

    code = "SYNCD-DB-STUCK"


class NoConnectionFree(DatabaseAway):
    """The database has no connection free for syncd."""

    code = "SYNCD-DB-CONNECTIONS"


class DatabaseReadOnly(DatabaseAway):
    """The database can only be read just now."""

    code = "SYNCD-DB-READONLY"


class DatabaseFull(DatabaseAway):
    """The database has no room left on its disk or in its memory."""

    code = "SYNCD-DB-FULL"


class DatabaseFault(DatabaseAway):
    """The database refuses what it should take."""

    code = "SYNCD-DB-FAULT"


class LeaseLost(SyncdError):
    """Another worker holds this transcript now; nothing was written."""

    code = "SYNCD-LEASE-LOST"


class Unstorable(SyncdError):
    """Postgres cannot hold what was answered."""

    code = "SYNCD-DB-VALUE"
