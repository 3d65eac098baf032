"""The workspaces that daemons serve, and the circuit breaker of each."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.db.tables import recall
from syncd.db.tables.control import workspaces


def register(connection: Connection, workspace: str) -> None:
    """Make the workspace known, to daemons and to analysts; harmless where it is."""
    statement = insert(workspaces).values(workspace=workspace, registered_at=func.clock_timestamp())
    connection.execute(statement.on_conflict_do_nothing())
    registered = select(workspaces.c.workspace, workspaces.c.registered_at).where(workspaces.c.workspace == workspace)
    shown = insert(recall.workspaces).from_select(["workspace", "registered_at"], registered)
    connection.execute(shown.on_conflict_do_nothing())


def breaker(connection: Connection, workspace: str) -> CircuitBreaker:
    """The breaker of a registered workspace."""
    columns = (workspaces.c.paused_until, workspaces.c.pause_reason)
    row = connection.execute(select(*columns).where(workspaces.c.workspace == workspace)).one_or_none()
    return CircuitBreaker() if row is None else CircuitBreaker(row.paused_until, row.pause_reason)


def pause(connection: Connection, workspace: str, until: datetime, reason: str) -> None:
    """Open the breaker: no call is made before `until`, and one only after."""
    statement = workspaces.update().where(workspaces.c.workspace == workspace)
    connection.execute(statement.values(paused_until=until, pause_reason=reason))


def resume(connection: Connection, workspace: str) -> bool:
    """Close the breaker, because Recall answered; whether it was open."""
    is_open = (workspaces.c.workspace == workspace) & workspaces.c.pause_reason.is_not(None)
    result = connection.execute(workspaces.update().where(is_open).values(paused_until=None, pause_reason=None))
    return result.rowcount > 0


def probe(connection: Connection, workspace: str, now: datetime, seconds: float) -> None:
    """Let one call try, and keep the others out while it does."""
    statement = workspaces.update().where(workspaces.c.workspace == workspace)
    connection.execute(statement.values(paused_until=now + timedelta(seconds=seconds)))
