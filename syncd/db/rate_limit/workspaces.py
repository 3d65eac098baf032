"""The workspaces that daemons serve, and the circuit breakers of each: of the Recall API, and of the file store."""

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnClause, ColumnElement, Connection, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.queue.outcome import Trouble
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.db.engine import database_now
from syncd.db.tables import recall
from syncd.db.tables.control import Workspaces


class Server(Enum):
    """Whose circuit breaker it is: its columns in syncd.workspaces, in the order of a CircuitBreaker's fields."""

    RECALL = (Workspaces.paused_until, Workspaces.pause_reason, Workspaces.failure_count)
    STORE = (Workspaces.store_paused_until, Workspaces.store_pause_reason, Workspaces.store_failure_count)

    @property
    def columns(
        self,
    ) -> tuple[ColumnClause[datetime | None], ColumnClause[str | None], ColumnClause[int]]:
        """Until when it is open, why, and how many failures it counts."""
        return self.value


def register(connection: Connection, workspace: str) -> None:
    """Make the workspace known, to daemons and to analysts; harmless where it is."""
    statement = insert(Workspaces).values(workspace=workspace, registered_at=func.clock_timestamp())
    connection.execute(statement.on_conflict_do_nothing())
    registered = select(Workspaces.workspace, Workspaces.registered_at).where(Workspaces.workspace == workspace)
    shown = insert(recall.Workspaces).from_select(["workspace", "registered_at"], registered)
    connection.execute(shown.on_conflict_do_nothing())


def breaker(connection: Connection, workspace: str, server: Server = Server.RECALL) -> CircuitBreaker:
    """The breaker of a registered workspace."""
    row = connection.execute(_of(server).where(Workspaces.workspace == workspace)).one_or_none()
    return CircuitBreaker() if row is None else CircuitBreaker(*row)


def breakers(connection: Connection, workspace: str) -> tuple[CircuitBreaker, CircuitBreaker]:
    """Those of Recall and of the file store."""
    columns = (*Server.RECALL.columns, *Server.STORE.columns)
    row = connection.execute(select(*columns).where(Workspaces.workspace == workspace)).one_or_none()
    if row is None:
        return CircuitBreaker(), CircuitBreaker()
    return CircuitBreaker(*row[:3]), CircuitBreaker(*row[3:])


def pause(connection: Connection, workspace: str, until: datetime, reason: str) -> bool:
    """Open the breaker: no call is made before `until`, and one only after. Whether it is news."""
    before = connection.execute(
        select(Workspaces.pause_reason).where(Workspaces.workspace == workspace).with_for_update()
    ).scalar_one_or_none()
    statement = update(Workspaces).where(Workspaces.workspace == workspace)
    connection.execute(statement.values(paused_until=until, pause_reason=reason))
    return before != reason


def resume(connection: Connection, workspace: str, server: Server = Server.RECALL) -> bool:
    """Close the breaker, because the server answered; whether it was open. One that is sound is not written to."""
    _, reason, count = server.columns
    doubted = _of(server).where(Workspaces.workspace == workspace, reason.is_not(None) | (count > 0))
    row = connection.execute(doubted.with_for_update()).one_or_none()
    if row is None:
        return False
    before = CircuitBreaker(*row)
    _save(connection, workspace, server, before.answered())
    return not before.is_closed


def count_failure(
    connection: Connection, workspace: str, trouble: Trouble, server: Server = Server.RECALL
) -> CircuitBreaker | None:
    """Count a failure of the moment; answers the breaker where that opened it or kept it open for longer."""
    locked = _of(server).where(Workspaces.workspace == workspace).with_for_update()
    row = connection.execute(locked).one_or_none()
    before = CircuitBreaker() if row is None else CircuitBreaker(*row)
    now = database_now(connection)
    after = before.failed(trouble.reason, now, is_probe=trouble.is_probe, retry_after_s=trouble.retry_after_s)
    if after != before:
        _save(connection, workspace, server, after)
    return after if after != before and not after.is_closed else None


def probe(
    connection: Connection, workspace: str, now: datetime, seconds: float, server: Server = Server.RECALL
) -> None:
    """Let one call try, and keep the others out while it does; nothing where the breaker is closed."""
    until, reason, _ = server.columns
    statement = update(Workspaces).where(Workspaces.workspace == workspace, reason.is_not(None))
    connection.execute(statement.values({until: now + timedelta(seconds=seconds)}))


def _of(server: Server) -> Select[datetime | None, str | None, int]:
    return select(*server.columns)


def _save(connection: Connection, workspace: str, server: Server, breaker: CircuitBreaker) -> None:
    until, reason, count = server.columns
    values = {until: breaker.paused_until, reason: breaker.reason, count: breaker.failure_count}
    is_it: ColumnElement[bool] = Workspaces.workspace == workspace
    connection.execute(update(Workspaces).where(is_it).values(values))
