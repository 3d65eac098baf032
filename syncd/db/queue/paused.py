"""The pause of a workspace, with the rows that wait because of it."""

from sqlalchemy import Connection, func, select, true, update

from syncd.db.queue import wake
from syncd.db.rate_limit import workspaces
from syncd.db.rate_limit.workspaces import Server
from syncd.db.tables.control import Queue


def end_pause(connection: Connection, workspace: str, *, is_proven: bool) -> str | None:
    """Close the circuit breaker, and make the rows due that were refused meanwhile; the reason, if it was open.

    `is_proven`: because Recall answered. Then a row that got a 403 keeps its own wait, which may be about that row.
    Rows that others hold are left out, so this waits for nobody.
    """
    before = workspaces.breaker(connection, workspace)
    if before.is_sound or not workspaces.resume(connection, workspace) or (reason := before.reason) is None:
        return None
    waits = (Queue.workspace == workspace) & (Queue.last_error == reason) & Queue.lease_token.is_(None)
    refused = waits & (Queue.due_at > func.clock_timestamp()) & (Queue.forbidden_count == 0 if is_proven else true())
    free = select(Queue.transcript_id).where(refused).with_for_update(skip_locked=True)
    connection.execute(update(Queue).where(Queue.transcript_id.in_(free)).values(due_at=func.clock_timestamp()))
    wake.hint(connection, workspace)
    return reason


def end_store_pause(connection: Connection, workspace: str) -> str | None:
    """Close the circuit breaker of the file store; the reason, if it was open. Rows that wait keep their times."""
    before = workspaces.breaker(connection, workspace, Server.STORE)
    if before.is_sound or not workspaces.resume(connection, workspace, Server.STORE):
        return None
    wake.hint(connection, workspace)
    return before.reason
