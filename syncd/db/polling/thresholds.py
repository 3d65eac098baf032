"""The price of a look: computed from what the queue has planned, so that it just fits into the budget."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from syncd.core.polling import poll_index
from syncd.db.rate_limit.budgets import RETRIEVE
from syncd.db.tables.control import budgets, queue

SHORTEST_GAP_S = 0.1
HURRIED_AT_ONCE = 1_000
"""The others have their turn the next time."""


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a look in one workspace."""

    threshold_s: float = poll_index.FIRST_THRESHOLD_S
    gain: float = 1.0
    repriced_at: datetime | None = None


def read(connection: Connection, workspace: str) -> Price:
    """The price, as it was last computed."""
    columns = (budgets.c.threshold_s, budgets.c.gain, budgets.c.repriced_at)
    row = connection.execute(select(*columns).where(_is_of(workspace))).one_or_none()
    return Price() if row is None else Price(*row)


def save(connection: Connection, workspace: str, price: Price) -> None:
    """Keep it for all processes."""
    values = {"threshold_s": price.threshold_s, "gain": price.gain, "repriced_at": price.repriced_at}
    connection.execute(budgets.update().where(_is_of(workspace)).values(values))


def demand(connection: Connection, workspace: str) -> float:
    """How many looks a second are planned, reckoned at a price of 1 s; they fall with its root."""
    gap_s = func.greatest(SHORTEST_GAP_S, _gap_s())
    total = select(func.sum(func.sqrt(queue.c.threshold_s) / gap_s)).where(_is_planned(workspace))
    return float(connection.execute(total).scalar_one() or 0.0)


def hurry(connection: Connection, workspace: str, threshold_s: float, now: datetime) -> int:
    """Bring forward what was put off when looks had a much higher price; how many."""
    gap_s = _gap_s() * math.sqrt(threshold_s) / func.sqrt(queue.c.threshold_s)
    sooner = func.make_interval(0, 0, 0, 0, 0, 0, func.greatest(poll_index.SHORTEST_GAP_S, gap_s))
    is_put_off = (queue.c.due_at > now) & (queue.c.threshold_s > poll_index.HURRY * threshold_s)
    # passing over rows that somebody is writing: who waits for nobody is in no deadlock
    ours = select(queue.c.transcript_id).where(_is_planned(workspace), is_put_off, queue.c.lease_token.is_(None))
    some = ours.limit(HURRIED_AT_ONCE).with_for_update(skip_locked=True)
    statement = queue.update().where(queue.c.transcript_id.in_(some))
    return connection.execute(
        statement.values(due_at=queue.c.last_seen_at + sooner, threshold_s=threshold_s)
    ).rowcount


def _gap_s() -> ColumnElement[Any]:
    return func.extract("epoch", queue.c.due_at - queue.c.last_seen_at)


def _is_planned(workspace: str) -> ColumnElement[bool]:
    return (queue.c.workspace == workspace) & queue.c.threshold_s.is_not(None) & queue.c.last_seen_at.is_not(None)


def _is_of(workspace: str) -> ColumnElement[bool]:
    return (budgets.c.workspace == workspace) & (budgets.c.route == RETRIEVE)
