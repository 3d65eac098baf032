"""Errors of the database, sorted: what it is, in one sentence, and whether the same may be done again at once."""

import contextlib
import itertools
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import ParamSpec, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, event, exc
from sqlalchemy.engine import ExceptionContext

from syncd.core.sqlstate import Meaning, meaning_of
from syncd.db.refusal import ConnectRefused
from syncd.errors import (
    ConfigError,
    DatabaseAway,
    DatabaseBusy,
    DatabaseFault,
    DatabaseFull,
    DatabaseReadOnly,
    NoConnectionFree,
    SyncdError,
    Unstorable,
)

P = ParamSpec("P")
T = TypeVar("T")
Sorted = (exc.DBAPIError, exc.TimeoutError, psycopg.Error)
"""Every error of SQLAlchemy and psycopg that may be one of the database."""
AGAIN_FOR_S = 20.0
"""For so long a transaction is begun again, counted from its first begin. A judgement: longer than a failover or a
restart of Postgres takes, shorter than a lease (60 s), and no longer than a stop waits (SYNCD_DRAIN_SECONDS)."""
FIRST_WAIT_S = 0.05
LONGEST_WAIT_S = 2.0
"""Between two begins, doubling. Judgements: deadlocks and limits pass in the time of a transaction, which is some
milliseconds."""

_AFTER_COMMIT = "syncd_after_commit"
_REFUSED = "SYNCD_DATABASE_URL: the server refuses it"


def fault_of(error: Exception) -> SyncdError | None:
    """The error as one of ours, in a sentence without a secret; None where it is no fault of the database."""
    if isinstance(error, exc.TimeoutError):
        return NoConnectionFree("No connection of SYNCD_DATABASE_CONNECTIONS became free in time.")
    kind, sentence = _meaning(error)
    if kind is None:
        return None
    if sentence is None:
        sentence = _REFUSED if kind is ConfigError else (kind.__doc__ or "").partition(".")[0]
    return kind(". ".join([f"{sentence}: {line_of(error)}", *getattr(_origin(error), "__notes__", ())]))


def _meaning(error: Exception) -> Meaning:
    origin = _origin(error)
    if isinstance(origin, ConnectRefused):
        return origin.meaning
    if sqlstate := getattr(origin, "sqlstate", None):
        return meaning_of(sqlstate, line_of(error))
    is_lost = isinstance(origin, psycopg.OperationalError | psycopg.InterfaceError | OSError)
    return Meaning(DatabaseAway if is_lost or isinstance(error, exc.OperationalError) else None)


def line_of(error: Exception) -> str:
    """The first line of what the driver says."""
    origin = _origin(error)
    return (str(origin).strip().splitlines() or [type(origin).__name__])[0][:300]


def _origin(error: Exception) -> Exception:
    """The driver's own error, where SQLAlchemy has wrapped it."""
    return getattr(error, "orig", None) or error


@contextlib.contextmanager
def reaching_database() -> Iterator[None]:
    """Turns a database that cannot do its work into DatabaseAway, or into what somebody has to put right."""
    try:
        yield
    except Sorted as error:
        if (fault := fault_of(error)) is None:
            raise
        raise fault from None


@contextlib.contextmanager
def storing() -> Iterator[None]:
    """Turns a value that Postgres cannot hold, or that a constraint refuses, into Unstorable."""
    try:
        yield
    except (exc.DataError, exc.IntegrityError, psycopg.DataError, psycopg.IntegrityError, ValueError) as error:
        raise Unstorable(f"Postgres cannot hold it: {line_of(error)}") from None


def after_commit(connection: Connection, act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call it once the transaction is committed: the log tells what was done, and once.

    Raises KeyError where the connection is not one that `transact` gave to its work.
    """
    connection.info[_AFTER_COMMIT].append(partial(act, *args, **kwargs))


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do `work` in a transaction, and begin it again while it fails for a reason that may pass.

    So no answer that was paid for is lost to a deadlock, a failover or a limit of connections. `work` has no effect
    but in the database. A transaction whose commit may have been done is not begun again. Raises what `work` raises,
    and DatabaseAway and OperatorError after the last try.
    """
    began_s = time.monotonic()
    for count in itertools.count():
        is_committing = False
        try:
            with engine.begin() as connection:
                info = connection.info  # a connection that was lost has none
                info[_AFTER_COMMIT] = told = list[Callable[[], object]]()
                try:
                    result = work(connection)
                finally:
                    info.pop(_AFTER_COMMIT, None)
                is_committing = True
        except Sorted as error:
            fault = fault_of(error)
            if fault is None:
                raise
            wait_s = min(FIRST_WAIT_S * 2.0 ** min(count, 10), LONGEST_WAIT_S)
            wait_s *= random.uniform(0.5, 1.0)  # noqa: S311  spreads tries in time, guards no secret
            lasted_s = time.monotonic() - began_s
            if not _may_pass(fault, is_committing=is_committing) or lasted_s + wait_s > AGAIN_FOR_S:
                if isinstance(fault, DatabaseBusy):
                    fault.lasted_s = lasted_s
                raise fault from None
            time.sleep(wait_s)
        else:
            for act in told:
                act()
            return result
    raise AssertionError  # pragma: no cover: the loop has no end


def _may_pass(fault: SyncdError, *, is_committing: bool) -> bool:
    if isinstance(fault, DatabaseBusy | NoConnectionFree | DatabaseReadOnly):
        return True
    stays = isinstance(fault, DatabaseFull | DatabaseFault)
    return isinstance(fault, DatabaseAway) and not stays and not is_committing


def make_anew_where_read_only(engine: Engine, remedy: Callable[[], str]) -> None:
    """Throw away every connection of the pool where one met a server that does not write: another may be primary.

    The error is told with the remedy, if there is one.
    """

    @event.listens_for(engine, "handle_error")
    def _(context: ExceptionContext) -> None:
        if meaning_of(getattr(context.original_exception, "sqlstate", None) or "").kind is DatabaseReadOnly:
            context.is_disconnect = True
            if told := remedy():
                context.original_exception.add_note(told)
