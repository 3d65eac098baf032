"""Why the server refused a connection: its SQLSTATE, which libpq keeps to itself.

libpq hands on the words of a server that refuses a connection, in that server's language, and makes no result of
them. The SQLSTATE stands in the words where libpq is told to be verbose, which psycopg has no call for. It has to be
that of the first attempt: a pooler that could not log in answers the next ones with something else.
"""

import ctypes
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Self

import psycopg
from psycopg import pq
from psycopg.abc import PQGenConn
from psycopg.waiting import Wait

DEFAULT, VERBOSE = 1, 2
"""PQERRORS_DEFAULT and PQERRORS_VERBOSE of libpq-fe.h."""
_WITH_SQLSTATE = re.compile(r"^(?:.*connection failed: )?(.*?:  )([0-9A-Z]{5}): (.*)$", re.MULTILINE)
_ATTEMPT = re.compile(r"^- host: '.*', hostaddr: '.*?': (?:connection failed: )?(.*)$", re.MULTILINE)
"""What psycopg adds where it has tried several hosts or addresses."""
_WAITS = {pq.PollingStatus.READING: Wait.R, pq.PollingStatus.WRITING: Wait.W}


class ConnectRefused(psycopg.OperationalError):
    """No connection came about; SQLSTATE says what a server had against it, if one answered."""


class VerboseConnection(psycopg.Connection[tuple[Any, ...]]):  # Any: a row of any query
    """A connection whose beginning fails with the SQLSTATE in the words; `named` finds it there."""

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        """What psycopg.generators.connect does, verbosely."""
        pgconn = pq.PGconn.connect_start(conninfo.encode())
        _set_verbosity(pgconn, VERBOSE)
        while wait := _WAITS.get(polled := pq.PollingStatus(pgconn.connect_poll())):
            while not (yield pgconn.socket, wait):
                pass
        if polled != pq.PollingStatus.OK:
            raise psycopg.OperationalError(f"connection failed: {pgconn.get_error_message()}")
        _set_verbosity(pgconn, DEFAULT)
        pgconn.nonblocking = 1
        return cls(pgconn)


def _set_verbosity(pgconn: Any, verbosity: int) -> None:  # psycopg's protocol of it leaves pgconn_ptr out
    _function()(pgconn.pgconn_ptr, verbosity)


@cache
def _function() -> Callable[[int | None, int], object]:
    """PQsetErrorVerbosity of the libpq that psycopg uses; without it, a refused login looks like an outage."""
    try:
        function = ctypes.CDLL(str(sys.modules[pq.PGconn.__module__].__file__)).PQsetErrorVerbosity
    except (OSError, AttributeError):  # psycopg in Python alone
        return lambda _pgconn, _verbosity: None
    function.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return function


def named(error: psycopg.OperationalError) -> ConnectRefused:
    """The error, with the SQLSTATE of the server that refused the connection, where one did: of several, the last.

    Where none did, it says of each host what is wrong: that a standby does not write is not why nothing goes on.
    """
    if not (found := _WITH_SQLSTATE.findall(str(error))):
        attempts = _ATTEMPT.findall(str(error))
        return ConnectRefused("; ".join(attempts)) if attempts else ConnectRefused(*error.args)
    place, sqlstate, words = found[-1]
    refused = ConnectRefused(f"{place}{words}")
    refused.sqlstate = sqlstate
    return refused
