"""Why the server refused a connection: its SQLSTATE, which libpq keeps to itself.

libpq hands on the words of a server that refuses a connection, in that server's language, and makes no result of
them. The SQLSTATE stands in the words where libpq is told to be verbose, which psycopg has no call for. It has to be
that of the first attempt: a pooler that could not log in answers the next ones with something else.
"""

import ctypes
import re
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Self

import psycopg
from psycopg import generators, pq
from psycopg.abc import RV, PQGen, PQGenConn
from psycopg.pq.abc import PGresult
from psycopg.waiting import Wait

from syncd.core.sqlstate import Meaning, meaning_of_refusal
from syncd.db.words import words_of
from syncd.errors import DatabaseAway, NoConnectionFree
from syncd.log import get_logger

log = get_logger(__name__)

DEFAULT, VERBOSE = 1, 2
"""PQERRORS_DEFAULT and PQERRORS_VERBOSE of libpq-fe.h."""
_ATTEMPT = re.compile(r"^- host: .*, port: .*, hostaddr: (?:None|'[^']*'): ", re.MULTILINE)
"""What psycopg puts before the error of each attempt, where it made several."""
IN_USE = (
    "logged in, and got no answer in {:.0f} s. So does a pooler in session mode whose connections are all in use:"
    " SYNCD_DATABASE_CONNECTIONS of all processes must be below its size"
)
_WITH_SQLSTATE = re.compile(r"^(?:.*connection failed: )?(.*?:  )([0-9A-Z]{5}): (.*)$", re.MULTILINE)
_WAITS = {pq.PollingStatus.READING: Wait.R, pq.PollingStatus.WRITING: Wait.W}


class ConnectRefused(psycopg.OperationalError):
    """No connection came about."""

    def __init__(self, words: str, meaning: Meaning) -> None:
        super().__init__(words)
        self.meaning = meaning


class NoAnswer(ConnectRefused):
    """Nobody has answered in time: not at all, or only to the login."""


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

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Every answer of the server comes through here, so no error leaves with more than its own words."""
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.Error as error:
            error.args = (words_of(error),)
            raise


def _set_verbosity(pgconn: Any, verbosity: int) -> None:  # psycopg's protocol of it leaves pgconn_ptr out
    verbosity_setter()(pgconn.pgconn_ptr, verbosity)


@cache
def verbosity_setter() -> Callable[[int | None, int], object]:
    """PQsetErrorVerbosity of the libpq that psycopg uses."""
    try:
        function = ctypes.CDLL(str(sys.modules[pq.PGconn.__module__].__file__)).PQsetErrorVerbosity
    except (OSError, AttributeError):
        log.warning("psycopg runs without its binary part, so a refused login looks like an outage")
        return lambda _pgconn, _verbosity: None
    function.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return function


def named(error: psycopg.OperationalError, host_count: int = 1) -> ConnectRefused:
    """The error in one line, and what it means.

    Of several hosts each is an attempt, and their words are joined. A refused login is only told where each of them
    refused it: after a failover, the one that is not there yet may be the one that counts. psycopg leaves a host out
    that has no address, if another has one.
    """
    attempts = [_said(each) for each in _ATTEMPT.split(str(error))[1:] or [str(error)]]
    if (without := host_count - len(attempts)) > 0:
        attempts.append((f"{without} of {host_count} hosts not tried, for want of an address", Meaning(DatabaseAway)))
    words = "; ".join(dict.fromkeys(line for line, _ in attempts))
    may_pass = (meaning for _, meaning in attempts if meaning.kind and issubclass(meaning.kind, DatabaseAway))
    kind = NoAnswer if isinstance(error, psycopg.errors.ConnectionTimeout) else ConnectRefused
    return kind(words, next(may_pass, attempts[-1][1]))


def _said(attempt: str) -> tuple[str, Meaning]:
    """The line that counts of an attempt, without the SQLSTATE; of a server that answered twice, the last."""
    if not (found := _WITH_SQLSTATE.findall(attempt)):
        return attempt.partition("\n")[0].removeprefix("connection failed: "), Meaning(DatabaseAway)
    place, sqlstate, words = found[-1]
    return f"{place}{words}", meaning_of_refusal(sqlstate, f"{place}{words}")


def await_first_answer(connection: psycopg.Connection, within_s: float) -> None:
    """Wait until the server has answered on it. Raises psycopg.OperationalError, ConnectRefused.

    A pooler lets everybody log in, and answers when a connection to the server is free: in session mode, when another
    process gives its own back, which may be never.
    """
    connection.pgconn.send_query(b"")
    for result in connection.wait(_first_answer(connection.pgconn, within_s)):
        if result.status == pq.ExecStatus.FATAL_ERROR:
            error = psycopg.errors.error_from_result(result)
            words = str(error).partition("\n")[0]
            raise ConnectRefused(words, meaning_of_refusal(error.sqlstate or "", words))


def _first_answer(pgconn: pq.abc.PGconn, within_s: float) -> PQGen[list[PGresult]]:
    until, answering = time.monotonic() + within_s, generators.execute(pgconn)
    try:
        wait = next(answering)
        while True:
            ready = yield wait
            if not ready and time.monotonic() >= until:
                raise NoAnswer(IN_USE.format(within_s), Meaning(NoConnectionFree))
            wait = answering.send(ready)
    except StopIteration as answered:
        results: list[PGresult] = answered.value
        return results
