"""Which daemons are alive, as their heartbeats say."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

_DAEMONS = text("""
    select workspace, process, version, started_at, seen_at,
        process in (select process from syncd.live_processes) as is_live, state, reason
    from syncd.processes
    order by workspace, started_at
""")
_SERVED = text("select workspace, live_count, seen_at from recall.sync_daemons order by workspace")
_CONNECTED = text("""
    select distinct process.workspace
    from syncd.processes as process
    join pg_stat_activity as session on session.pid = process.listener_pid
    where process.live_until <= clock_timestamp() and session.backend_start <= process.seen_at
""")
_ONE_SERVED = text("select workspace, live_count, seen_at from recall.sync_daemons where workspace = :workspace")


@dataclass(frozen=True, slots=True)
class Daemon:
    """The heartbeat of a process; docs/schema.txt and the comments of syncd.processes say what the fields are."""

    workspace: str
    process: str
    version: str
    started_at: datetime
    seen_at: datetime
    is_live: bool
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Served:
    """A workspace, how many daemons of it are alive, and when the last one was."""

    workspace: str
    live_count: int
    seen_at: datetime | None
    is_connected: bool = False
    """Whether one whose heartbeat is too old still has the connection that it listens on."""


def connected(connection: Connection) -> set[str]:
    """Workspaces with a daemon whose heartbeat is too old, and which still has its connection."""
    return set(connection.execute(_CONNECTED).scalars())


def served(connection: Connection) -> list[Served]:
    """All workspaces that were ever served."""
    late = connected(connection)
    return [Served(**row._mapping, is_connected=row.workspace in late) for row in connection.execute(_SERVED)]


def of_workspace(connection: Connection, workspace: str) -> Served:
    """One workspace, served or not."""
    row = connection.execute(_ONE_SERVED, {"workspace": workspace}).one_or_none()
    if row is None:
        return Served(workspace, 0, None)
    return Served(**row._mapping, is_connected=workspace in connected(connection))


def daemons(connection: Connection) -> list[Daemon]:
    """All processes that have not ended cleanly, those of a workspace together."""
    return [Daemon(**row._mapping) for row in connection.execute(_DAEMONS)]
