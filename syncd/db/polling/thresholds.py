"""The threshold of each workspace, and what the queue has planned with it."""

import math
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Extract, func, select, update

from syncd.core.polling.poll_index import SHORTEST_GAP_S
from syncd.core.polling.repricing import (
    BRING_FORWARD_RATIO,
    MOST_BROUGHT_FORWARD,
    SHORTEST_COUNTED_GAP_S,
    Threshold,
)
from syncd.db.queue.due_from import MARGIN
from syncd.db.rate_limit.budgets import RETRIEVE
from syncd.db.tables.control import Budgets, Queue


def read_threshold(connection: Connection, workspace: str) -> Threshold:
    """The threshold, as it was last computed."""
    columns = (Budgets.threshold_s, Budgets.gain, Budgets.repriced_at)
    row = connection.execute(select(*columns).where(_is_of(workspace))).one_or_none()
    return Threshold() if row is None else Threshold(*row)


def save_threshold(connection: Connection, workspace: str, threshold: Threshold) -> None:
    """Keep it for all processes."""
    values = {
        "threshold_s": threshold.threshold_s,
        "gain": threshold.gain,
        "repriced_at": threshold.repriced_at,
    }
    connection.execute(update(Budgets).where(_is_of(workspace)).values(values))


def demand(connection: Connection, workspace: str) -> float:
    """Polls a second that are planned, as they would be at a threshold of 1 s; twin of `repricing.demand_of`."""
    gap_s = func.greatest(SHORTEST_COUNTED_GAP_S, _gap_s())
    total = select(func.sum(func.sqrt(Queue.threshold_s) / gap_s)).where(_is_planned(workspace))
    return float(connection.execute(total).scalar_one() or 0.0)


def bring_forward(connection: Connection, workspace: str, threshold_s: float, now: datetime) -> int:
    """Shorten the gaps of rows planned with a much higher threshold; how many. Twin of `repricing.earlier_gap`.

    None is due before where claims begin to look, MARGIN ago.
    """
    gap_s = _gap_s() * math.sqrt(threshold_s) / func.sqrt(Queue.threshold_s)
    sooner = func.make_interval(0, 0, 0, 0, 0, 0, func.greatest(SHORTEST_GAP_S, gap_s))
    is_far = (Queue.due_at > now) & (Queue.threshold_s > BRING_FORWARD_RATIO * threshold_s)
    # passing over rows that somebody is writing: who waits for nobody is in no deadlock
    ours = select(Queue.transcript_id).where(_is_planned(workspace), is_far, Queue.lease_token.is_(None))
    some = ours.limit(MOST_BROUGHT_FORWARD).with_for_update(skip_locked=True)
    statement = update(Queue).where(Queue.transcript_id.in_(some))
    due_at = func.greatest(Queue.last_seen_at + sooner, now - MARGIN)
    return connection.execute(statement.values(due_at=due_at, threshold_s=threshold_s)).rowcount


def _gap_s() -> Extract:
    return func.extract("epoch", Queue.due_at - Queue.last_seen_at)


def _is_planned(workspace: str) -> ColumnElement[bool]:
    return (Queue.workspace == workspace) & Queue.threshold_s.is_not(None) & Queue.last_seen_at.is_not(None)


def _is_of(workspace: str) -> ColumnElement[bool]:
    return (Budgets.workspace == workspace) & (Budgets.route == RETRIEVE)
