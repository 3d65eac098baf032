"""Heartbeats: a row for each process that serves a workspace, so that everybody sees when none is alive.

A row is written every SYNCD_HEARTBEAT_SECONDS. It says until when it counts, and on which connection the process
listens, which the server ends at once when the process is killed. One that ends cleanly deletes its row and notes the
time.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, Text, column, delete, func, select, table, update
from sqlalchemy.dialects.postgresql import insert

from syncd.db.tables import CONTROL
from syncd.db.tables.control import Processes, Workspaces

BEATS_LIVE = 3
"""So many intervals a heartbeat counts, so that two in a row may come late. A judgement."""
DEAD_KEPT = timedelta(days=1)
"""How long rows of processes that were killed are kept. A judgement: until somebody has looked."""
_LIVE = table("live_processes", column("process", Text), schema=CONTROL)
_SESSIONS = table("pg_stat_activity", column("pid", Integer), schema="pg_catalog")


@dataclass(frozen=True, slots=True)
class Process:
    """Who it is: the name that its leases carry, and where it runs."""

    process: str
    workspace: str
    host: str
    pid: int
    version: str


def beat(
    connection: Connection,
    process: Process,
    state: str,
    reason: str | None,
    interval_s: float,
    listener_pid: int | None = None,
) -> None:
    """Say that the process is alive, what it does and why it does not.

    `listener_pid` counts only if it is a session of this server: after a failover it may be one of the former server.
    """
    now = func.clock_timestamp()
    seen = asdict(process) | {
        "seen_at": now,
        "live_until": now + timedelta(seconds=BEATS_LIVE * interval_s),
        "state": state,
        "reason": reason,
        "listener_pid": select(_SESSIONS.c.pid).where(_SESSIONS.c.pid == (listener_pid or 0)).scalar_subquery(),
    }
    statement = insert(Processes).values(**seen, started_at=now)
    connection.execute(statement.on_conflict_do_update(index_elements=[Processes.process], set_=seen))


def leave(connection: Connection, process: Process) -> None:
    """The process ends cleanly."""
    connection.execute(delete(Processes).where(Processes.process == process.process))
    served = update(Workspaces).where(Workspaces.workspace == process.workspace)
    connection.execute(served.values(stopped_at=func.clock_timestamp()))


def silent_here(connection: Connection, process: Process) -> dict[str, int]:
    """Other processes of the same machine that do not count as alive, and the ids that they have or had there."""
    others = (Processes.host == process.host) & (Processes.process != process.process)
    silent = Processes.process.not_in(select(_LIVE.c.process))
    rows = connection.execute(select(Processes.process, Processes.pid).where(others, silent))
    return dict((name, pid) for name, pid in rows)  # noqa: C402  dict(rows) does not tell mypy what a row holds


def note_ended(connection: Connection, names: Collection[str]) -> list[tuple[str, datetime]]:
    """Note that these processes have ended; answers those of which that was new, and when they were last seen."""
    has_news = Processes.process.in_(names) & (Processes.live_until > Processes.seen_at)
    noted = update(Processes).where(has_news).values(live_until=Processes.seen_at)
    return [
        (name, seen_at) for name, seen_at in connection.execute(noted.returning(Processes.process, Processes.seen_at))
    ]


def delete_old(connection: Connection) -> None:
    """Delete the rows of processes that were killed long ago, but for the newest of each workspace."""
    newer = Processes.__table__.alias()
    is_followed = (
        select(newer).where(newer.c.workspace == Processes.workspace, newer.c.seen_at > Processes.seen_at).exists()
    )
    is_old = Processes.live_until < func.clock_timestamp() - DEAD_KEPT
    connection.execute(delete(Processes).where(is_old, is_followed))
