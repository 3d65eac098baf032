"""Others who are in the way of a migration: sessions that use what it changes, views that depend on it."""

import contextlib
import threading
from collections.abc import Iterator

import psycopg
from sqlalchemy import Connection, Engine, text

from syncd.db.faults import Sorted
from syncd.db.tables import CONTROL, DATA
from syncd.errors import DatabaseBusy
from syncd.log import get_logger

TELL_AFTER_S = 2.0
HELD_UP_S = 10.0
"""How long a migration waits for others at most, for nobody can read a table while it waits for that."""
_PID = text("select pg_backend_pid()")
_LOCK_TIMEOUT = text("select set_config('lock_timeout', :milliseconds, true)")
_BLOCKING = text(
    "select format('%s (process %s%s, for %s s)', usename, pid, ', ' || nullif(application_name, ''),"
    "   round(extract(epoch from clock_timestamp() - xact_start)))"
    " from pg_stat_activity where pid = any(pg_blocking_pids(:pid)) order by xact_start"
)
_DEPENDENTS = text(
    "with recursive direct as ("
    "   select distinct r.ev_class as dependent, d.refobjid as used"
    "   from pg_depend as d join pg_rewrite as r on r.oid = d.objid"
    "   where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and r.ev_class <> d.refobjid"
    "), own as ("
    "   select d.dependent from direct as d join pg_class as c on c.oid = d.used"
    "   where c.relnamespace::regnamespace::text = any(:schemas)"
    "   union select d.dependent from direct as d join own on own.dependent = d.used"
    ") select format('%I.%I', c.relnamespace::regnamespace, c.relname) as name"
    "  from own join pg_class as c on c.oid = own.dependent"
    "  where c.relnamespace::regnamespace::text <> all(:schemas) order by name"
)

log = get_logger(__name__)


def dependent_views(engine: Engine) -> list[str]:
    """Views outside the schemas of syncd that depend on what is in them, by name."""
    with engine.connect() as connection:
        return list(connection.execute(_DEPENDENTS, {"schemas": [CONTROL, DATA]}).scalars())


@contextlib.contextmanager
def naming_whom_it_waits_for(engine: Engine, connection: Connection) -> Iterator[None]:
    """Log the sessions that hold the block up. Raises DatabaseBusy where they do so for too long."""
    process = connection.execute(_PID).scalar_one()
    connection.execute(_LOCK_TIMEOUT, {"milliseconds": f"{HELD_UP_S * 1000:.0f}"})
    seen: list[str] = []
    is_over = threading.Event()
    watch = threading.Thread(target=_watch, args=(engine, process, is_over, seen), daemon=True)
    watch.start()
    try:
        yield
    except Sorted as error:
        if not seen or not isinstance(getattr(error, "orig", error), psycopg.errors.LockNotAvailable):
            raise
        raise DatabaseBusy(
            f"Others use what this version changes: {'; '.join(seen)}. Nothing was changed. Wait for them, or end"
            " them with pg_terminate_backend(process), and run `syncd migrate` again."
        ) from None
    finally:
        is_over.set()
        watch.join()


def _watch(engine: Engine, process: int, is_over: threading.Event, seen: list[str]) -> None:
    while not is_over.wait(TELL_AFTER_S):
        with contextlib.suppress(*Sorted), engine.connect() as connection:
            found = list(connection.execute(_BLOCKING, {"pid": process}).scalars())
            if found and found != seen:
                log.warning("the migration waits for others who use the tables", who="; ".join(found))
            seen[:] = found or seen
