"""Which kind of fault of the database an error is, by its SQLSTATE: words depend on the server's language.

Sources: https://www.postgresql.org/docs/current/errcodes-appendix.html, and for POOLER_WORDS pgbouncer, which is not
translated and until 1.20 gives every error of its own the SQLSTATE 08P01 (send_pooler_error in src/proto.c).
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
POOLER_WORDS: dict[str, type[errors.SyncdError]] = {
    "authentication failed": errors.LoginRefused,
    "no such user": errors.LoginRefused,
    "no such database": errors.LoginRefused,
    "no more connections allowed": errors.NoConnectionFree,
    "query_wait_timeout": errors.NoConnectionFree,
}
"""What pgbouncer says where its SQLSTATE says nothing."""
_POOLER = "08P01"
_BAD_PARAMETER = ("0A", "22", "42")
"""Classes of what a server has against a parameter that a connection begins with: its value, its name, a role."""


def kind_of(sqlstate: str, words: str = "") -> type[errors.SyncdError] | None:
    """The kind of fault; None where it is none of the database, but of what it was asked. `words`: its message."""
    if sqlstate == _POOLER:
        return next((kind for said, kind in POOLER_WORDS.items() if said in words), errors.DatabaseAway)
    return _EXACT.get(sqlstate) or _CLASSES.get(sqlstate[:2])


def kind_of_refusal(sqlstate: str, words: str = "") -> type[errors.SyncdError]:
    """The kind of fault where the server refused a connection: nothing had been asked of it yet."""
    kind = kind_of(sqlstate, words)
    if kind is not None and issubclass(kind, errors.LoginRefused | errors.RightsMissing | errors.DatabaseAway):
        return kind
    return errors.ConfigError if sqlstate[:2] in _BAD_PARAMETER else errors.DatabaseAway
