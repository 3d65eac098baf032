"""Rows of syncd.budgets: one for each workspace and route, locked while it is paid from."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from syncd.core.rate_limit.budget import Budget
from syncd.db.tables.control import Budgets

RETRIEVE = "retrieve"
LIST = "list"


def lock(connection: Connection, workspace: str, route: str, limit: int, now: datetime) -> Budget:
    """The budget, locked until the transaction ends; a new one starts full. `limit` is in calls a minute."""
    fresh = Budget(limit=limit, tokens=0.0, refreshed_at=now)
    values = {
        "workspace": workspace,
        "route": route,
        "limit_per_minute": limit,
        "tokens": fresh.burst,
        "refreshed_at": now,
    }
    connection.execute(insert(Budgets).values(values).on_conflict_do_nothing())
    stored = Budget(limit, *connection.execute(_STATE.where(_is(workspace, route)).with_for_update()).one())
    budget = stored.rewound(now)
    if budget != stored:
        save_budget(connection, workspace, route, budget)
    return budget


def peek(connection: Connection, workspace: str, route: str, limit: int, now: datetime) -> Budget:
    """The budget as it stands, not locked, so only for a first guess."""
    row = connection.execute(_STATE.where(_is(workspace, route))).one_or_none()
    fresh = Budget(limit=limit, tokens=0.0, refreshed_at=now)
    return Budget(limit, *row).rewound(now) if row is not None else replace(fresh, tokens=fresh.burst)


def save_budget(connection: Connection, workspace: str, route: str, budget: Budget, calls: int = 0) -> None:
    """Write a locked budget back, `calls` of it newly paid for."""
    connection.execute(
        update(Budgets)
        .where(_is(workspace, route))
        .values(
            limit_per_minute=budget.limit,
            tokens=budget.tokens,
            refreshed_at=budget.refreshed_at,
            paused_until=budget.paused_until,
            throttled_at=budget.throttled_at,
            throttled_count=budget.throttled_count,
            reduced_limit=budget.reduced_limit,
            call_count=Budgets.call_count + calls,
        )
    )


_STATE = select(
    Budgets.tokens,
    Budgets.refreshed_at,
    Budgets.paused_until,
    Budgets.throttled_at,
    Budgets.throttled_count,
    Budgets.reduced_limit,
)
"""The fields of a Budget after its limit, which the settings say."""


def _is(workspace: str, route: str) -> ColumnElement[bool]:
    return (Budgets.workspace == workspace) & (Budgets.route == route)
