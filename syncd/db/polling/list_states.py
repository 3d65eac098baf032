"""The shelf of sweeps: what is known about each workspace's list, held by the one process that is reading a page."""

from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from syncd.core.polling.list_state import Places, Sweep
from syncd.db.tables.control import sweeps


def read(connection: Connection, workspace: str) -> tuple[Sweep, Places, datetime | None]:
    """What is known, how far the walks are, and until when another process is reading a page."""
    row = connection.execute(select(sweeps).where(sweeps.c.workspace == workspace)).mappings().one_or_none()
    if row is None:
        return Sweep(), Places(), None
    sweep = Sweep(**{field.name: row[field.name] for field in fields(Sweep)})
    return sweep, Places(**{field.name: row[field.name] for field in fields(Places)}), row["held_until"]


def hold(connection: Connection, workspace: str, holder: str, turn: int, seconds: float, now: datetime) -> bool:
    """Keep other processes from reading a page; whether that was possible.

    It is not where another one has read a page since `turn` was read: what was planned before is outdated.
    """
    until = now + timedelta(seconds=seconds)
    fresh = asdict(Sweep()) | asdict(Places()) | {"workspace": workspace, "holder": holder, "held_until": until}
    statement = insert(sweeps).values(fresh)
    is_free = (sweeps.c.turn == turn) & (sweeps.c.held_until.is_(None) | (sweeps.c.held_until <= now))
    held = statement.on_conflict_do_update(
        index_elements=[sweeps.c.workspace], set_={"holder": holder, "held_until": until}, where=is_free
    )
    return connection.execute(held.returning(sweeps.c.workspace)).first() is not None


def save(connection: Connection, workspace: str, holder: str, sweep: Sweep, places: Places) -> None:
    """Keep what a page has taught, and let others go on. Changes nothing where the hold was lost meanwhile."""
    values = asdict(sweep) | asdict(places) | {"holder": None, "held_until": None}
    ours = (sweeps.c.workspace == workspace) & (sweeps.c.holder == holder)
    connection.execute(sweeps.update().where(ours).values(values))
