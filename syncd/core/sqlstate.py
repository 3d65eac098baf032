"""Which kind of fault of the database an error is, by its SQLSTATE: words depend on the server's language.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html. A pooler is not translated and often gives no
SQLSTATE that says anything, so of poolers the words count:

- pgbouncer gives its own errors 08P01 (send_pooler_error in src/proto.c; the words in client.c, objects.c, janitor.c,
  admin.c), and until 1.20 a server's refusal of a login, too, in the server's words (kill_pool_logins_server_error in
  src/server.c). It greets a client before it has a server, so these words also answer queries, as a "cached error"
  (check_fast_fail in src/objects.c).
- pgcat gives them 58000 (error_response_terminal in src/messages.rs; the words in src/client.rs).
- Supavisor gives them XX000 (lib/supavisor/error.ex; the words in lib/supavisor/errors/), which is Postgres' own code
  for an internal error, too.
"""

import re
from typing import NamedTuple

from syncd import errors

_EXACT: dict[str, type[errors.SyncdError]] = {
    "25P03": errors.DatabaseBusy,  # idle_in_transaction_session_timeout: this process was frozen, or too slow
    "25P04": errors.DatabaseBusy,  # transaction_timeout
    "40001": errors.DatabaseBusy,  # serialization_failure
    "40P01": errors.DatabaseBusy,  # deadlock_detected
    "55P03": errors.DatabaseBusy,  # lock_not_available: lock_timeout
    "57014": errors.DatabaseBusy,  # query_canceled: statement_timeout, a conflict with recovery, a person
    "53300": errors.NoConnectionFree,  # too_many_connections: of the server, the database or the role
    "25006": errors.DatabaseReadOnly,  # read_only_sql_transaction: also a standby
    "53400": errors.DatabaseFault,  # configuration_limit_exceeded: temp_file_limit
    "54001": errors.DatabaseFault,  # statement_too_complex: stack depth
    "58P01": errors.DatabaseFault,  # undefined_file: one of the server's own is gone
    "58P02": errors.DatabaseFault,  # duplicate_file: one is there already
    "58030": errors.DatabaseFull,  # io_error
    "XX001": errors.DatabaseFault,  # data_corrupted
    "XX002": errors.DatabaseFault,  # index_corrupted
    "3D000": errors.LoginRefused,  # invalid_catalog_name: no such database
    "42501": errors.RightsMissing,  # insufficient_privilege
}
_CLASSES: dict[str, type[errors.SyncdError] | None] = {
    "": None,  # of psycopg itself
    "08": errors.DatabaseAway,  # connection exception
    "22": None,  # a value that is refused
    "23": None,  # a constraint
    "28": errors.LoginRefused,  # invalid authorization specification
    "3F": errors.SchemaError,  # invalid schema name
    "42": errors.SchemaError,  # a table, column or function that is not there, or is another one
    "53": errors.DatabaseFull,  # insufficient resources: disk_full, out_of_memory
    "54": errors.Unstorable,  # program limit exceeded: an index entry or a value too large
    "57": errors.DatabaseAway,  # operator intervention: shutting down, starting up
    "58": errors.DatabaseAway,  # system error
    "XX": errors.DatabaseAway,  # internal error
}
_BAD_PARAMETER = ("0A", "22", "42")
"""Classes of what a server has against a parameter that a connection begins with: its value, its name, a role."""


class Meaning(NamedTuple):
    """What an error of the database means."""

    kind: type[errors.SyncdError] | None
    """None: it is none of the database, but of what it was asked."""
    advice: str | None = None
    """A sentence on what to do, where the error's own words do not say it."""


_REFUSED = Meaning(errors.LoginRefused)
_BUSY = Meaning(errors.DatabaseBusy)
_NONE_FREE = Meaning(errors.NoConnectionFree)
_IN_SESSION = {
    ("08P01", "transaction blocks not allowed"): Meaning(
        errors.ConfigError,
        "SYNCD_DATABASE_URL: a pooler in statement mode allows no transactions. Set pool_mode=transaction in"
        " pgbouncer, for this database or this user",
    ),
    ("08P01", "use SHOW HELP|admin console"): Meaning(
        errors.ConfigError, "SYNCD_DATABASE_URL: the database pgbouncer is the console of the pooler. Name yours"
    ),
    ("08P01", "query_wait_timeout"): Meaning(
        errors.NoConnectionFree,
        "The pooler got no connection to the server in time. Its pool is in use, its database is paused, or it does"
        " not reach the server",
    ),
    ("08P01", "query[ _]timeout|transaction timeout"): _BUSY,
    ("08P01", 'permission denied for database "'): Meaning(errors.RightsMissing),
    ("08P01", 'no pg_hba.conf entry for|not permitted to log in|authentication failed for user "'): _REFUSED,
    ("08P01", '(role|database) ".*" does not exist'): _REFUSED,
    ("08P01", "connection slots are reserved|too many (connections|clients)"): _NONE_FREE,
    ("58000", "idle transaction timeout|pool statement timeout"): _BUSY,
    ("XX000", "unable to check out connection from the pool"): _NONE_FREE,
}
"""By SQLSTATE and words: what a pooler says at any time; the first that fits counts."""
_AT_LOGIN = {
    ("08P01", "unsupported (options )?startup parameter"): Meaning(
        errors.ConfigError,
        "SYNCD_DATABASE_URL: the pooler does not take a parameter. Leave it out, of PG* variables too, or name it in"
        " ignore_startup_parameters of pgbouncer",
    ),
    ("08P01", "bouncer config error"): Meaning(
        errors.LoginRefused,
        "The pooler refuses the connection: it does not know the database, or cannot look up the user. See the log of"
        " pgbouncer",
    ),
    ("08P01", "authentication failed|no such (user|database)|login rejected|SSL required|: +not allowed$"): _REFUSED,
    ("08P01", "no more connections allowed|client connections exceeded"): _NONE_FREE,
    ("58000", "No pool configured for database"): _REFUSED,
    ("XX000", "tenant or user not found|user not found in the database|SSL connection is required"): _REFUSED,
    ("XX000", r"\((ENOTFOUND|ENOIDENTIFIER|EINVALIDUSERINFO|EADDRNOTALLOWED)\)"): _REFUSED,
    ("XX000", "max client"): _NONE_FREE,
} | _IN_SESSION
"""The same where it refuses a connection."""


def meaning_of(sqlstate: str, words: str = "") -> Meaning:
    """What the error of a query means. `words`: its message."""
    return _said_by_pooler(_IN_SESSION, sqlstate, words) or Meaning(_kind_of(sqlstate))


def meaning_of_refusal(sqlstate: str, words: str = "") -> Meaning:
    """What it means that the server refused a connection: nothing had been asked of it yet."""
    if said := _said_by_pooler(_AT_LOGIN, sqlstate, words):
        return said
    kind = _kind_of(sqlstate)
    if kind is None or kind is errors.DatabaseFault or issubclass(kind, errors.SchemaError | errors.Unstorable):
        return Meaning(errors.ConfigError if sqlstate[:2] in _BAD_PARAMETER else errors.DatabaseAway)
    return Meaning(kind)


def _said_by_pooler(known: dict[tuple[str, str], Meaning], sqlstate: str, words: str) -> Meaning | None:
    fitting = (
        meaning
        for (its_sqlstate, pattern), meaning in known.items()
        if its_sqlstate == sqlstate and re.search(pattern, words, re.IGNORECASE)
    )
    return next(fitting, None)


def _kind_of(sqlstate: str) -> type[errors.SyncdError] | None:
    return _EXACT.get(sqlstate) or _CLASSES.get(sqlstate[:2], errors.DatabaseFault)
