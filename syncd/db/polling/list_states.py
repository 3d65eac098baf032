"""What is known about each workspace's list, held by the one process that is reading a page."""

from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_state import ListState
from syncd.core.queue.outcome import DiscoveryEnd
from syncd.db.tables.control import ListStates
from syncd.db.tables.recall import Workspaces


def read_list_state(connection: Connection, workspace: str) -> tuple[ListState, ListCursor, datetime | None]:
    """What is known, where the cursors are, and until when another process is reading a page."""
    row = connection.execute(select(ListStates).where(ListStates.workspace == workspace)).mappings().one_or_none()
    if row is None:
        return ListState(), ListCursor(), None
    state = ListState(**{field.name: row[field.name] for field in fields(ListState)})
    return state, ListCursor(**{field.name: row[field.name] for field in fields(ListCursor)}), row["held_until"]


def hold(connection: Connection, workspace: str, holder: str, turn: int, seconds: float, now: datetime) -> bool:
    """Keep other processes from reading a page; whether that was possible.

    It is not where another one has read a page since `turn` was read: what was planned before is outdated.
    """
    until = now + timedelta(seconds=seconds)
    fresh = (
        asdict(ListState()) | asdict(ListCursor()) | {"workspace": workspace, "holder": holder, "held_until": until}
    )
    statement = insert(ListStates).values(fresh)
    is_free = (ListStates.turn == turn) & (ListStates.held_until.is_(None) | (ListStates.held_until <= now))
    held = statement.on_conflict_do_update(
        index_elements=[ListStates.workspace], set_={"holder": holder, "held_until": until}, where=is_free
    )
    return connection.execute(held.returning(ListStates.workspace)).first() is not None


def end_discovery(connection: Connection, workspace: str, end: DiscoveryEnd) -> None:
    """Show analysts how the last pass of discovery ended."""
    cut_short_at = None if end.flaw is None else func.clock_timestamp()
    statement = update(Workspaces).where(Workspaces.workspace == workspace)
    connection.execute(statement.values(discovery_cut_short_at=cut_short_at, discovery_cut_short_reason=end.flaw))


def save_list_state(
    connection: Connection, workspace: str, holder: str, state: ListState, cursor: ListCursor
) -> None:
    """Keep what a page has shown, and let others go on. Changes nothing where the hold was lost meanwhile."""
    values = asdict(state) | asdict(cursor) | {"holder": None, "held_until": None}
    ours = (ListStates.workspace == workspace) & (ListStates.holder == holder)
    connection.execute(update(ListStates).where(ours).values(values))
