"""Why the server refused a connection: its SQLSTATE, which libpq keeps to itself.

libpq hands on the words of a server that refuses a login, in that server's language, and no SQLSTATE: it makes no
result of it. Its trace of the protocol has the code, since libpq 18, which psycopg[binary] brings; with an older one
a refused login is taken for an outage. The trace goes into a pipe, for a login in clear text would stand in it.
"""

import contextlib
import functools
import os
import re
import select
import time

import psycopg
from psycopg import pq

TRACED_S = 5.0
"""How long a connection that is traced may take; the time that an attempt to connect takes at most, too."""
_ERROR_RESPONSE = re.compile(rb'^B\t\d+\tErrorResponse\t.* C "([0-9A-Z]{5})" ', re.MULTILINE)
_PIPE_BYTES = 2**16


class ConnectRefused(psycopg.OperationalError):
    """No connection came about; SQLSTATE says what a server had against it, if one answered."""


def named(error: psycopg.OperationalError, conninfo: str) -> ConnectRefused:
    """The error, with the SQLSTATE of the server that refused the connection, where one did."""
    refused = ConnectRefused(*error.args)
    refused.sqlstate = error.sqlstate
    if (
        error.sqlstate is None
        and error.pgconn is not None
        and not isinstance(error, psycopg.errors.ConnectionTimeout)
    ):
        with contextlib.suppress(LookupError):
            refused.sqlstate = _sqlstate(str(error), conninfo)
    return refused


@functools.lru_cache(maxsize=32)  # the same words have the same code, and one attempt to log in is enough for both
def _sqlstate(words: str, conninfo: str) -> str:
    """Raises LookupError where this attempt did not show it, which the cache does not keep: the next one may."""
    said, traced = _traced(conninfo)
    is_same = bool(said) and all(line.strip() in words for line in said.splitlines())
    found = _ERROR_RESPONSE.findall(traced) if is_same else []
    return str(found[-1].decode())


def _traced(conninfo: str) -> tuple[str, bytes]:
    """What libpq says about one more attempt, and its trace."""
    reading, writing = os.pipe()
    try:
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)  # what does not fit is left out
        connection = pq.PGconn.connect_start(conninfo.encode())
        try:
            connection.trace(writing)
            connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            _connect(connection)
            connection.untrace()
            said = connection.error_message.decode(errors="replace")
        finally:
            connection.finish()
        with contextlib.suppress(BlockingIOError):
            return said, os.read(reading, _PIPE_BYTES)
        return said, b""
    finally:
        os.close(reading)
        os.close(writing)


def _connect(connection: pq.abc.PGconn) -> None:
    until = time.monotonic() + TRACED_S
    while connection.status != pq.ConnStatus.BAD and (left_s := until - time.monotonic()) > 0:
        polled = connection.connect_poll()
        if polled not in (pq.PollingStatus.READING, pq.PollingStatus.WRITING):
            return
        is_reading = polled == pq.PollingStatus.READING
        socket = [connection.socket]
        select.select(socket if is_reading else [], [] if is_reading else socket, [], left_s)
