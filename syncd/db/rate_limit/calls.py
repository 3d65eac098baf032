"""The log of calls (syncd.calls): what the window rule of the budget counts."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.rate_limit.budget import WINDOW_S
from syncd.db.tables.control import Calls, lease_tokens

KEPT = timedelta(hours=1)
"""How long a call stays in the log. The budget counts WINDOW_S of it; an hour is what recall.sync_budget reports."""
CLOCK_LEEWAY = timedelta(seconds=1)
"""A call paid for later than this from now was paid for before the clock was set back, and must not block us. A
judgement: more than two transactions that overlap differ by, less than a step that matters."""


def occupied(connection: Connection, workspace: str, route: str, now: datetime) -> int:
    """How many calls may still be in Recall's minute at `now`."""
    recent = _of(workspace, route) & (Calls.over_at > now - timedelta(seconds=WINDOW_S))
    recent &= Calls.paid_at <= now + CLOCK_LEEWAY
    return connection.execute(select(func.count()).select_from(Calls).where(recent)).scalar_one()


def next_id(connection: Connection) -> int:
    """An id for a call that is made under no lease."""
    return connection.execute(select(lease_tokens.next_value())).scalar_one()


def enter(
    connection: Connection, call_ids: Collection[int], workspace: str, route: str, now: datetime, longest_s: float
) -> None:
    """Put paid calls into the log; each is over after `longest_s` seconds at the latest."""
    over_at = now + timedelta(seconds=longest_s)
    rows = [
        {"call_id": call_id, "workspace": workspace, "route": route, "paid_at": now, "over_at": over_at}
        for call_id in call_ids
    ]
    if rows:
        connection.execute(insert(Calls).values(rows))


def close(connection: Connection, call_id: int, *, is_throttled: bool = False) -> None:
    """Note that a call is over."""
    connection.execute(_CLOSE, {"key": call_id, "is_throttled": is_throttled})


_CLOSE = (
    update(Calls)
    .where(Calls.call_id == bindparam("key"))
    .values(over_at=func.clock_timestamp(), is_throttled=bindparam("is_throttled"))
)


def refund(connection: Connection, call_id: int) -> None:
    """Take a call out of the log that was paid for and never sent."""
    connection.execute(delete(Calls).where(Calls.call_id == call_id))


def delete_old(connection: Connection) -> int:
    """Forget calls that nothing counts any more; how many."""
    return connection.execute(delete(Calls).where(Calls.over_at < func.clock_timestamp() - KEPT)).rowcount


def _of(workspace: str, route: str) -> ColumnElement[bool]:
    return (Calls.workspace == workspace) & (Calls.route == route)
