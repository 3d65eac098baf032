"""Which kind of fault of the database an error is, by its SQLSTATE: words depend on the server's language.

Sources: https://www.postgresql.org/docs/current/errcodes-appendix.html, and for POOLER_WORDS the poolers, which are
not translated. pgbouncer gives its own errors the SQLSTATE 08P01 (send_pooler_error in src/proto.c); until 1.20 a
server's refusal of a login, too, with the server's words (kill_pool_logins_server_error in src/server.c).
"""

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
    "58030": errors.DatabaseFull,  # io_error
    "3D000": errors.LoginRefused,  # invalid_catalog_name: no such database
    "42501": errors.RightsMissing,  # insufficient_privilege
}
_CLASSES: dict[str, type[errors.SyncdError]] = {
    "08": errors.DatabaseAway,  # connection exception
    "28": errors.LoginRefused,  # invalid authorization specification
    "3F": errors.SchemaError,  # invalid schema name
    "42": errors.SchemaError,  # a table, column or function that is not there, or is another one
    "53": errors.DatabaseFull,  # insufficient resources: disk_full, out_of_memory
    "54": errors.Unstorable,  # program limit exceeded: an index entry or a value too large
    "57": errors.DatabaseAway,  # operator intervention: shutting down, starting up
    "58": errors.DatabaseAway,  # system error
    "XX": errors.DatabaseAway,  # internal error
}
_REFUSED, _BUSY, _NONE_FREE = errors.LoginRefused, errors.DatabaseBusy, errors.NoConnectionFree
POOLER_WORDS: dict[str, dict[str, type[errors.SyncdError]]] = {
    "08P01": {  # pgbouncer
        "transaction blocks not allowed": errors.ConfigError,
        "invalid command": errors.ConfigError,
        "unsupported startup parameter": errors.ConfigError,
        "unsupported options startup parameter": errors.ConfigError,
        "authentication failed": _REFUSED,
        "no such user": _REFUSED,
        "no such database": _REFUSED,
        "bouncer config error": _REFUSED,
        "login rejected": _REFUSED,
        "ssl required": _REFUSED,
        "not allowed": _REFUSED,
        "no more connections allowed": _NONE_FREE,
        "client_connections)": _NONE_FREE,
        "query timeout": _BUSY,
        "transaction timeout": _BUSY,
        # what the server itself had against the login, which it hands on
        "permission denied for database": errors.RightsMissing,
        "no pg_hba.conf entry": _REFUSED,
        "not permitted to log in": _REFUSED,
        "does not exist": _REFUSED,
        "connection slots are reserved": _NONE_FREE,
        "too many ": _NONE_FREE,
    },
    "58000": {"no pool configured": _REFUSED},  # pgcat
    "XX000": {  # Supavisor
        "not found": _REFUSED,
        "max client": _NONE_FREE,
    },
}
"""What a pooler says, in small letters, where its SQLSTATE says nothing; the first that fits counts."""
ADVICE = {
    "transaction blocks not allowed": "SYNCD_DATABASE_URL: a pooler in statement mode allows no transactions. Set"
    " pool_mode=transaction in pgbouncer, for this database or this user",
    "invalid command": "SYNCD_DATABASE_URL: the database pgbouncer is the console of the pooler. Name yours",
    "unsupported startup parameter": "SYNCD_DATABASE_URL: the pooler does not take a parameter. Leave it out, of PG*"
    " variables too, or name it in ignore_startup_parameters of pgbouncer",
    "bouncer config error": "The pooler refuses the connection: it does not know the database, or cannot look up the"
    " user. See the log of pgbouncer",
    "query_wait_timeout": "The pooler got no connection to the server in time. Its pool is in use, its database is"
    " paused, or it does not reach the server",
}
"""Sentences for what a pooler says in too few words."""
_BAD_PARAMETER = ("0A", "22", "42")
"""Classes of what a server has against a parameter that a connection begins with: its value, its name, a role."""


def kind_of(sqlstate: str, words: str = "") -> type[errors.SyncdError] | None:
    """The kind of fault; None where it is none of the database, but of what it was asked. `words`: its message."""
    said = words.lower()
    for known, kind in POOLER_WORDS.get(sqlstate, {}).items():
        if known in said:
            return kind
    return _EXACT.get(sqlstate) or _CLASSES.get(sqlstate[:2])


def advice_on(words: str) -> str | None:
    """A sentence for what a pooler says, where its own words do not say what to do."""
    return next((advice for known, advice in ADVICE.items() if known in words), None)


def kind_of_refusal(sqlstate: str, words: str = "") -> type[errors.SyncdError]:
    """The kind of fault where the server refused a connection: nothing had been asked of it yet."""
    kind = kind_of(sqlstate, words)
    if kind is not None and issubclass(
        kind, errors.ConfigError | errors.LoginRefused | errors.RightsMissing | errors.DatabaseAway
    ):
        return kind
    return errors.ConfigError if sqlstate[:2] in _BAD_PARAMETER else errors.DatabaseAway
