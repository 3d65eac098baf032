"""Where claims begin to look among rows that Recall has shown.

Theory of operation: each poll leaves a dead entry in the index of due times, in the past, until no snapshot can see
the row as it was. While an analyst holds an old snapshot nothing removes them, and a claim that begins at the start
of the index passes them all: 2 ms for each thousand polls (`python -m bench.bloat`). So the workspace's budget keeps
a time before which no such row is due. It moves on with the rows, and never beyond MARGIN ago, for a row is written
due at MARGIN before its transaction commits, or later. A row that is due before it all the same (changed by hand, or
tracked in a transaction that stayed open) is found when the whole index is read again, after LOOKED_ANEW_S.

Numbers: judgements, for the reasons beside them.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    ScalarSelect,
    and_,
    func,
    literal_column,
    select,
    true,
    update,
)

from syncd.db.rate_limit.budgets import RETRIEVE
from syncd.db.tables.control import Budgets, Queue

MARGIN = timedelta(minutes=3)
"""Longer than a statement may take (120 s), which is the most between a due time and the commit that writes it."""
LOOKED_ANEW_S = 60.0
"""So long a row that somebody changed by hand may have to wait. To read a million dead entries takes seconds."""
_EVER = literal_column("'-infinity'::timestamptz", DateTime(timezone=True))


def due_from(workspace: str) -> ScalarSelect[datetime | None]:
    """The time, as a value that an index can be searched with; minus infinity where it is not known."""
    return select(func.coalesce(func.max(Budgets.due_from), _EVER)).where(_is_of(workspace)).scalar_subquery()


def is_to_be_looked_anew(since: datetime | None, now: datetime) -> bool:
    """Whether LOOKED_ANEW_S have begun since; where it was never looked, or the clock was set back, it is."""
    return since is None or since.timestamp() // LOOKED_ANEW_S != now.timestamp() // LOOKED_ANEW_S


def move_due_from(connection: Connection, workspace: str, now: datetime, *, is_anew: bool) -> None:
    """Compute the time from the rows; `is_anew`: from all of them, not only from those that are not due before it."""
    rows = and_(Queue.workspace == workspace, Queue.is_observed.is_(True))
    known = true() if is_anew else Queue.due_at >= due_from(workspace)
    first = select(func.min(Queue.due_at)).where(rows, known).scalar_subquery()
    moved = func.least(first, now - MARGIN)
    connection.execute(update(Budgets).where(_is_of(workspace)).values(due_from=moved))


def _is_of(workspace: str) -> ColumnElement[bool]:
    return (Budgets.workspace == workspace) & (Budgets.route == RETRIEVE)
