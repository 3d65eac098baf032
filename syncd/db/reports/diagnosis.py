"""Gather what there is to say about one transcript. Reads only, and decides nothing."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, column, func, select, table, true

from syncd.core.explain.diagnosis import (
    Ahead,
    BudgetView,
    Diagnosis,
    QueueRow,
    Record,
    budget_view,
    forecast,
    stratum_of_row,
)
from syncd.core.polling.strata import estimated
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import database_now
from syncd.db.polling import durations, list_states, thresholds
from syncd.db.queue.leases import is_free
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.db.tables.control import budgets as budget_rows
from syncd.db.tables.control import queue
from syncd.db.tables.control import workspaces as workspace_rows
from syncd.db.tables.recall import payloads, transcripts

_STATES = table(
    "payload_states", column("payload_state"), column("meaning"), column("is_worth_another_try"), schema="recall"
)
_QUEUE_COLUMNS = [field.name for field in fields(QueueRow)]
_RECORD = [field.name for field in fields(Record) if field.name in transcripts.c]


def diagnosis(connection: Connection, transcript_id: UUID) -> Diagnosis:
    """Everything there is to say about a transcript, tracked or not."""
    found = read_rows(connection, transcript_id)
    if found.record is None or found.queue_row is None:
        return found
    workspace, now = found.record.workspace, found.asked_at
    tallies = durations.read(connection, workspace)
    stratum = stratum_of_row(found.queue_row)
    finished = sum(tallies[stratum].finished) if stratum in tallies else 0.0
    price = thresholds.read(connection, workspace)
    expected = forecast(
        found.queue_row, found.record, estimated(tallies).of(stratum), finished, price.threshold_s, now
    )
    ahead = _ahead(connection, workspace, found, price.repriced_at)
    return Diagnosis(transcript_id, now, found.record, found.queue_row, expected, ahead)


def read_rows(connection: Connection, transcript_id: UUID) -> Diagnosis:
    """Its two rows only."""
    now = database_now(connection)
    downloaded_at = select(func.max(payloads.c.downloaded_at)).where(payloads.c.transcript_id == transcript_id)
    statement = (
        select(
            *(transcripts.c[name] for name in _RECORD),
            queue.c.transcript_id,
            *(queue.c[name] for name in _QUEUE_COLUMNS),
            _STATES.c.meaning,
            _STATES.c.is_worth_another_try,
            downloaded_at.scalar_subquery().label("downloaded_at"),
        )
        .join(_STATES, _STATES.c.payload_state == transcripts.c.payload_state)
        .outerjoin(queue, queue.c.transcript_id == transcripts.c.transcript_id)
        .where(transcripts.c.transcript_id == transcript_id)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return (
        Diagnosis(transcript_id, now) if row is None else Diagnosis(transcript_id, now, _record(row), _queue_row(row))
    )


def _record(row: RowMapping) -> Record:
    return Record(
        **{name: row[transcripts.c[name]] for name in _RECORD},
        meaning=row["meaning"],
        is_worth_another_try=row["is_worth_another_try"],
        downloaded_at=row["downloaded_at"],
    )


def _queue_row(row: RowMapping) -> QueueRow | None:
    if row[queue.c.transcript_id] is None:
        return None
    values: dict[str, Any] = {name: row[queue.c[name]] for name in _QUEUE_COLUMNS}
    return QueueRow(**values | {"stage": Stage(values["stage"])})


def _ahead(connection: Connection, workspace: str, found: Diagnosis, repriced_at: datetime | None) -> Ahead:
    now = found.asked_at
    state, _, held_until = list_states.read(connection, workspace)
    served = select(workspace_rows.c.workspace).where(workspace_rows.c.workspace == workspace)
    return Ahead(
        is_served=connection.execute(served).first() is not None,
        repriced_at=repriced_at,
        breaker=workspaces.breaker(connection, workspace),
        retrieve=_budget_view(connection, workspace, budgets.RETRIEVE, now),
        list=_budget_view(connection, workspace, budgets.LIST, now),
        **_counts(connection, workspace, found),
        list_turns=state.turn,
        list_paused_until=state.paused_until if state.is_paused(now) else None,
        list_pause_reason=state.pause_reason,
        list_held_until=held_until,
    )


def _budget_view(connection: Connection, workspace: str, route: str, now: datetime) -> BudgetView | None:
    """With the limit that the last process on the route worked under."""
    is_it = (budget_rows.c.workspace == workspace) & (budget_rows.c.route == route)
    limit = connection.execute(select(budget_rows.c.limit_per_minute).where(is_it)).scalar_one_or_none()
    if limit is None:
        return None
    budget = budgets.peek(connection, workspace, route, limit, now)
    return budget_view(budget, calls.occupied(connection, workspace, route, now), now)


def _counts(connection: Connection, workspace: str, found: Diagnosis) -> dict[str, int]:
    """How many free rows come before it."""
    queue_row, now = found.queue_row, found.asked_at
    if queue_row is None:
        return {}
    horizon, has_absent = max(now, queue_row.due_at), queue.c.absent_at.is_not(None)
    is_paid = queue.c.stage.in_(PAID_STAGES)
    is_left_before = (
        has_absent & is_paid & (true() if queue_row.absent_at is None else queue.c.absent_at < queue_row.absent_at)
    )
    is_due = ~has_absent & is_paid & (queue.c.due_at <= horizon)
    is_other = is_due & (queue.c.is_observed != queue_row.is_observed)
    counted = (
        func.count().filter(is_left_before).label("absent_count"),
        func.count().filter(_is_ahead(queue_row, is_due)).label("ahead_count"),
        func.count().filter(is_other).label("other_count"),
    )
    others = (queue.c.workspace == workspace) & (queue.c.transcript_id != found.transcript_id) & is_free(now)
    return dict(connection.execute(select(*counted).where(others)).mappings().one())


def _is_ahead(queue_row: QueueRow, is_due: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of its own line: those due the longest come first, but the newest of those that Recall has never shown."""
    if queue_row.stage == Stage.LOAD:
        return (queue.c.stage == Stage.LOAD) & (queue.c.due_at < queue_row.due_at)
    is_sooner = queue.c.due_at < queue_row.due_at if queue_row.is_observed else queue.c.due_at > queue_row.due_at
    return is_due & (queue.c.is_observed == queue_row.is_observed) & is_sooner
