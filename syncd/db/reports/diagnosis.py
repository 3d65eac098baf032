"""Read the Diagnosis of one transcript from the tables. Reads only, and decides nothing."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, column, func, select, table, true

from syncd.core.explain.diagnosis import (
    Ahead,
    BudgetView,
    Diagnosis,
    QueueEntry,
    Record,
    budget_view,
    forecast,
    stratum_of_entry,
)
from syncd.core.polling.strata import estimated
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import database_now
from syncd.db.polling import durations, list_states, thresholds
from syncd.db.queue.claims import is_free
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.db.reports import daemons
from syncd.db.tables import control
from syncd.db.tables.content import Payloads
from syncd.db.tables.control import Queue
from syncd.db.tables.recall import Erasures, Transcripts

_STATES = table(
    "payload_states", column("payload_state"), column("meaning"), column("is_worth_another_try"), schema="recall"
)
_QUEUE, _TRANSCRIPT = Queue.__table__.c, Transcripts.__table__.c
_QUEUE_COLUMNS = [field.name for field in fields(QueueEntry)]
_RECORD = [field.name for field in fields(Record) if field.name in _TRANSCRIPT]


def diagnosis(connection: Connection, transcript_id: UUID) -> Diagnosis:
    """Everything that is known about a transcript, tracked or not."""
    found = read_rows(connection, transcript_id)
    if found.record is None or found.queue_entry is None:
        return found
    workspace, now = found.record.workspace, found.asked_at
    tallies = durations.read_durations(connection, workspace)
    stratum = stratum_of_entry(found.queue_entry)
    finished_count = sum(tallies[stratum].finished) if stratum in tallies else 0.0
    threshold = thresholds.read_threshold(connection, workspace)
    curve = estimated(tallies).of(stratum)
    expected = forecast(found.queue_entry, found.record, curve, finished_count, threshold.threshold_s, now)
    ahead = _ahead(connection, workspace, found)
    return Diagnosis(transcript_id, now, found.record, found.queue_entry, expected, ahead)


def read_rows(connection: Connection, transcript_id: UUID) -> Diagnosis:
    """A Diagnosis with its record and queue entry only."""
    now = database_now(connection)
    downloaded_at = select(func.max(Payloads.downloaded_at)).where(Payloads.transcript_id == transcript_id)
    statement = (
        select(
            *(_TRANSCRIPT[name] for name in _RECORD),
            _QUEUE.transcript_id,
            *(_QUEUE[name] for name in _QUEUE_COLUMNS),
            _STATES.c.meaning,
            _STATES.c.is_worth_another_try,
            downloaded_at.scalar_subquery().label("downloaded_at"),
        )
        .join(_STATES, _STATES.c.payload_state == Transcripts.payload_state)
        .outerjoin(Queue, Queue.transcript_id == Transcripts.transcript_id)
        .where(Transcripts.transcript_id == transcript_id)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is not None:
        return Diagnosis(transcript_id, now, _record(row), _queue_entry(row))
    erased_at = select(Erasures.erased_at).where(Erasures.transcript_id == transcript_id)
    return Diagnosis(transcript_id, now, erased_at=connection.execute(erased_at).scalar_one_or_none())


def _record(row: RowMapping) -> Record:
    return Record(
        **{name: row[_TRANSCRIPT[name]] for name in _RECORD},
        meaning=row["meaning"],
        is_worth_another_try=row["is_worth_another_try"],
        downloaded_at=row["downloaded_at"],
    )


def _queue_entry(row: RowMapping) -> QueueEntry | None:
    if row[_QUEUE.transcript_id] is None:
        return None
    values: dict[str, Any] = {name: row[_QUEUE[name]] for name in _QUEUE_COLUMNS}  # of its column's type
    return QueueEntry(**values | {"stage": Stage(values["stage"])})


def _ahead(connection: Connection, workspace: str, found: Diagnosis) -> Ahead:
    now = found.asked_at
    state, _, lease_until = list_states.read_list_state(connection, workspace)
    breaker, store = workspaces.breakers(connection, workspace)
    served = daemons.of_workspace(connection, workspace)
    return Ahead(
        live_daemon_count=served.live_count,
        daemon_seen_at=served.seen_at,
        is_daemon_connected=served.is_connected,
        breaker=breaker,
        store=store,
        retrieve=_budget_view(connection, workspace, budgets.RETRIEVE, now),
        list=_budget_view(connection, workspace, budgets.LIST, now),
        **_counts(connection, workspace, found),
        list_page_count=state.turn,
        list_paused_until=state.paused_until if state.is_paused(now) else None,
        list_pause_reason=state.pause_reason,
        list_lease_until=lease_until,
    )


def _budget_view(connection: Connection, workspace: str, route: str, now: datetime) -> BudgetView | None:
    """The budget of a route, with the limit of the last process that used it; None: no call was ever paid for."""
    is_it = (control.Budgets.workspace == workspace) & (control.Budgets.route == route)
    limit = connection.execute(select(control.Budgets.limit_per_minute).where(is_it)).scalar_one_or_none()
    if limit is None:
        return None
    budget = budgets.peek(connection, workspace, route, limit, now)
    return budget_view(budget, calls.occupied(connection, workspace, route, now), now)


def _counts(connection: Connection, workspace: str, found: Diagnosis) -> dict[str, int]:
    """How many rows without a lease come before it in the queue order."""
    entry, now = found.queue_entry, found.asked_at
    if entry is None:
        return {}
    horizon, is_paid = max(now, entry.due_at), Queue.stage.in_(PAID_STAGES)
    is_absent = is_paid & Queue.absent_at.is_not(None)
    is_absent_before = is_absent & (true() if entry.absent_at is None else Queue.absent_at < entry.absent_at)
    is_due = is_paid & Queue.absent_at.is_(None) & (Queue.due_at <= horizon)
    counted = (
        func.count().filter(is_absent_before).label("absent_count"),
        func.count().filter(_is_before(entry, is_due)).label("same_kind_count"),
        func.count().filter(is_due & (Queue.is_observed != entry.is_observed)).label("other_kind_count"),
    )
    others = (Queue.workspace == workspace) & (Queue.transcript_id != found.transcript_id) & is_free(now)
    return dict(connection.execute(select(*counted).where(others)).mappings().one())


def _is_before(entry: QueueEntry, is_due: ColumnElement[bool]) -> ColumnElement[bool]:
    """Before it among its own kind: the longest due first, but of those not seen at Recall yet the newest first."""
    if entry.stage == Stage.LOAD:
        return (Queue.stage == Stage.LOAD) & (Queue.due_at < entry.due_at)
    is_sooner = Queue.due_at < entry.due_at if entry.is_observed else Queue.due_at > entry.due_at
    return is_due & (Queue.is_observed == entry.is_observed) & is_sooner
