"""What every transaction begins with: the settings that the code relies on.

They hold whatever the server, the database, the role, a PG* variable or an application in the same pool has set. They
are set for the transaction only, so nothing stays behind in a session that a pooler hands to others.
docs/adr/0021-settings-of-a-transaction.md says why others are left alone.
"""

from functools import cache

ISOLATION = "read committed"
"""Claims and outcomes take locks and look again at what is there by then."""

_PINNED = {
    # A process that is frozen in the middle of a transaction must not hold up the others for longer than this.
    "statement_timeout": "'120s'",
    "lock_timeout": "'10s'",
    "idle_in_transaction_session_timeout": "'10s'",
    # how values are written; psycopg refuses other styles of intervals and of times with a zone
    "client_encoding": "'UTF8'",  # the text of COPY, too
    "datestyle": "'ISO, MDY'",
    "intervalstyle": "'postgres'",
    "timezone": "'UTC'",
    "bytea_output": "'hex'",
    "extra_float_digits": "1",  # so that a float8 comes back as it was
    # how statements and values are read
    "standard_conforming_strings": "on",
    "array_nulls": "on",  # NULL in the arrays of COPY
    "transform_null_equals": "off",
    "search_path": "pg_catalog, pg_temp",  # every name of ours is in full, so nobody's function can take its place
    # what is seen, and what an error ends
    "row_security": "on",  # off: an error in place of rows
    "exit_on_error": "off",  # on: an error ends the session, so no savepoint helps
    # how long a statement takes: compiling one of ours takes longer than it runs
    "jit": "off",
}
_PINNED_SINCE = {"transaction_timeout": (170000, "0")}


@cache
def begin(server_version: int) -> str:
    """The statements that begin a transaction, to be sent as one, on a server such as 150004."""
    newer = {name: value for name, (since, value) in _PINNED_SINCE.items() if server_version >= since}
    settings = [f"set local {name} = {value}" for name, value in (newer | _PINNED).items()]
    return "; ".join([f"begin isolation level {ISOLATION}", *settings])
