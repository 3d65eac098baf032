"""Which daemons are alive, as their heartbeats say."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Connection, literal_column, select, text

from syncd.db.queue.processes import IS_ALIVE
from syncd.db.tables.control import Processes

_SERVED = text("select * from recall.sync_daemons order by workspace")
_ONE_SERVED = text("select * from recall.sync_daemons where workspace = :workspace")


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


def served(connection: Connection) -> list[Served]:
    """All workspaces that were ever served."""
    return [Served(**row._mapping) for row in connection.execute(_SERVED)]


def of_workspace(connection: Connection, workspace: str) -> Served:
    """One workspace, served or not."""
    row = connection.execute(_ONE_SERVED, {"workspace": workspace}).one_or_none()
    return Served(workspace, 0, None) if row is None else Served(**row._mapping)


def daemons(connection: Connection) -> list[Daemon]:
    """All processes that have not ended cleanly, those of a workspace together."""
    columns = (Processes.workspace, Processes.process, Processes.version, Processes.started_at, Processes.seen_at)
    chosen = select(*columns, literal_column(IS_ALIVE, Boolean).label("is_live"), Processes.state, Processes.reason)
    rows = connection.execute(chosen.order_by(Processes.workspace, Processes.started_at))
    return [Daemon(*row) for row in rows]
