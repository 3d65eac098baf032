"""Gather what there is to say about one transcript. Reads only, and decides nothing."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, column, func, select, table, true

from syncd.core.explain.diagnosis import Front, Means, Place, Record, Standing, class_of_place, forecast, means_of
from syncd.core.polling.strata import learned
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
_PLACE = [field.name for field in fields(Place)]
_RECORD = [field.name for field in fields(Record) if field.name in transcripts.c]


def standing(connection: Connection, transcript_id: UUID) -> Standing:
    """Everything there is to say about a transcript, tracked or not."""
    found = whereabouts(connection, transcript_id)
    if found.record is None or found.place is None:
        return found
    workspace, now = found.record.workspace, found.asked_at
    tallies = durations.read(connection, workspace)
    of_class = class_of_place(found.place)
    finished = sum(tallies[of_class].finished) if of_class in tallies else 0.0
    price = thresholds.read(connection, workspace)
    expected = forecast(found.place, found.record, learned(tallies).of(of_class), finished, price.patience_s, now)
    front = _front(connection, workspace, found, price.steered_at)
    return Standing(transcript_id, now, found.record, found.place, expected, front)


def whereabouts(connection: Connection, transcript_id: UUID) -> Standing:
    """Its two rows only."""
    now = database_now(connection)
    downloaded_at = select(func.max(payloads.c.downloaded_at)).where(payloads.c.transcript_id == transcript_id)
    statement = (
        select(
            *(transcripts.c[name] for name in _RECORD),
            queue.c.transcript_id,
            *(queue.c[name] for name in _PLACE),
            _STATES.c.meaning,
            _STATES.c.is_worth_another_try,
            downloaded_at.scalar_subquery().label("downloaded_at"),
        )
        .join(_STATES, _STATES.c.payload_state == transcripts.c.payload_state)
        .outerjoin(queue, queue.c.transcript_id == transcripts.c.transcript_id)
        .where(transcripts.c.transcript_id == transcript_id)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return Standing(transcript_id, now) if row is None else Standing(transcript_id, now, _record(row), _place(row))


def _record(row: RowMapping) -> Record:
    return Record(
        **{name: row[transcripts.c[name]] for name in _RECORD},
        meaning=row["meaning"],
        is_worth_another_try=row["is_worth_another_try"],
        downloaded_at=row["downloaded_at"],
    )


def _place(row: RowMapping) -> Place | None:
    if row[queue.c.transcript_id] is None:
        return None
    values: dict[str, Any] = {name: row[queue.c[name]] for name in _PLACE}
    return Place(**values | {"stage": Stage(values["stage"])})


def _front(connection: Connection, workspace: str, found: Standing, steered_at: datetime | None) -> Front:
    now = found.asked_at
    sweep, _, held_until = list_states.read(connection, workspace)
    served = select(workspace_rows.c.workspace).where(workspace_rows.c.workspace == workspace)
    return Front(
        is_served=connection.execute(served).first() is not None,
        steered_at=steered_at,
        breaker=workspaces.breaker(connection, workspace),
        retrieve=_means(connection, workspace, budgets.RETRIEVE, now),
        list=_means(connection, workspace, budgets.LIST, now),
        **_counts(connection, workspace, found),
        list_turns=sweep.turn,
        list_rests_until=sweep.rests_until if sweep.is_resting(now) else None,
        list_rest_reason=sweep.rest_reason,
        list_held_until=held_until,
    )


def _means(connection: Connection, workspace: str, route: str, now: datetime) -> Means | None:
    """With the limit that the last process on the route worked under."""
    is_it = (budget_rows.c.workspace == workspace) & (budget_rows.c.route == route)
    limit = connection.execute(select(budget_rows.c.limit_per_minute).where(is_it)).scalar_one_or_none()
    if limit is None:
        return None
    budget = budgets.peek(connection, workspace, route, limit, now)
    return means_of(budget, calls.occupied(connection, workspace, route, now), now)


def _counts(connection: Connection, workspace: str, found: Standing) -> dict[str, int]:
    """How many free rows come before it."""
    place, now = found.place, found.asked_at
    if place is None:
        return {}
    horizon, has_left = max(now, place.due_at), queue.c.left_at.is_not(None)
    is_paid = queue.c.stage.in_(PAID_STAGES)
    is_left_before = has_left & is_paid & (true() if place.left_at is None else queue.c.left_at < place.left_at)
    is_due = ~has_left & is_paid & (queue.c.due_at <= horizon)
    is_other = is_due & (queue.c.is_observed != place.is_observed)
    counted = (
        func.count().filter(is_left_before).label("left_count"),
        func.count().filter(_is_ahead(place, is_due)).label("ahead_count"),
        func.count().filter(is_other).label("other_count"),
    )
    others = (queue.c.workspace == workspace) & (queue.c.transcript_id != found.transcript_id) & is_free(now)
    return dict(connection.execute(select(*counted).where(others)).mappings().one())


def _is_ahead(place: Place, is_due: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of its own line: those due the longest come first, but the newest of those that Recall has never shown."""
    if place.stage == Stage.LOAD:
        return (queue.c.stage == Stage.LOAD) & (queue.c.due_at < place.due_at)
    is_sooner = queue.c.due_at < place.due_at if place.is_observed else queue.c.due_at > place.due_at
    return is_due & (queue.c.is_observed == place.is_observed) & is_sooner
