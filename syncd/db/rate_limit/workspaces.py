"""The workspaces that daemons serve, and the circuit breaker of each."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.db.tables import recall
from syncd.db.tables.control import Workspaces


def register(connection: Connection, workspace: str) -> None:
    """Make the workspace known, to daemons and to analysts; harmless where it is."""
    statement = insert(Workspaces).values(workspace=workspace, registered_at=func.clock_timestamp())
    connection.execute(statement.on_conflict_do_nothing())
    registered = select(Workspaces.workspace, Workspaces.registered_at).where(Workspaces.workspace == workspace)
    shown = insert(recall.Workspaces).from_select(["workspace", "registered_at"], registered)
    connection.execute(shown.on_conflict_do_nothing())


def breaker(connection: Connection, workspace: str) -> CircuitBreaker:
    """The breaker of a registered workspace."""
    columns = (Workspaces.paused_until, Workspaces.pause_reason)
    row = connection.execute(select(*columns).where(Workspaces.workspace == workspace)).one_or_none()
    return CircuitBreaker() if row is None else CircuitBreaker(*row)


def pause(connection: Connection, workspace: str, until: datetime, reason: str) -> bool:
    """Open the breaker: no call is made before `until`, and one only after. Whether it is news."""
    before = connection.execute(
        select(Workspaces.pause_reason).where(Workspaces.workspace == workspace).with_for_update()
    ).scalar_one_or_none()
    statement = update(Workspaces).where(Workspaces.workspace == workspace)
    connection.execute(statement.values(paused_until=until, pause_reason=reason))
    return before != reason


def resume(connection: Connection, workspace: str) -> bool:
    """Close the breaker, because Recall answered; whether it was open."""
    is_open = (Workspaces.workspace == workspace) & Workspaces.pause_reason.is_not(None)
    result = connection.execute(update(Workspaces).where(is_open).values(paused_until=None, pause_reason=None))
    return result.rowcount > 0


def probe(connection: Connection, workspace: str, now: datetime, seconds: float) -> None:
    """Let one call try, and keep the others out while it does."""
    statement = update(Workspaces).where(Workspaces.workspace == workspace)
    connection.execute(statement.values(paused_until=now + timedelta(seconds=seconds)))
