"""recall.sync_budget computes what the budget computes, with the same numbers."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.core.rate_limit.budget import WINDOW_S, Budget
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.rate_limit import budgets, calls, workspaces

AGES_S = st.floats(0, 4000)
PROPERTY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def budgets_of(draw: st.DrawFn) -> dict[str, Any]:
    """The columns of a budget, times in seconds ago; with or without 429s, paused or not."""
    limit = draw(st.integers(2, 6000))
    is_throttled = draw(st.booleans())
    return {
        "limit": limit,
        "tokens": draw(st.floats(0, limit / 30)),
        "refreshed_s": draw(st.floats(0, 30)),
        "throttled_s": draw(AGES_S) if is_throttled else None,
        "paused_s": draw(st.floats(-600, 4000)) if is_throttled else None,
        "reduced_limit": draw(st.none() | st.floats(0.05 * limit, limit)) if is_throttled else None,
    }


def budget_at(now: datetime, columns: dict[str, Any]) -> Budget:
    def ago(seconds: float | None) -> datetime | None:
        return None if seconds is None else now - timedelta(seconds=seconds)

    return Budget(
        limit=columns["limit"],
        tokens=columns["tokens"],
        refreshed_at=now - timedelta(seconds=columns["refreshed_s"]),
        paused_until=ago(columns["paused_s"]),
        throttled_at=ago(columns["throttled_s"]),
        throttled_count=1 if columns["throttled_s"] is not None else 0,
        reduced_limit=columns["reduced_limit"],
    )


def available(connection: Connection, budget: Budget, now: datetime) -> int:
    return budget.available(now, calls.occupied(connection, "default", budgets.RETRIEVE, now))


@PROPERTY
@given(columns=budgets_of(), over_s=st.lists(st.floats(-20, 2 * WINDOW_S) | st.just(WINDOW_S - 0.3), max_size=12))
def test_the_view_agrees_with_the_budget(engine: Engine, columns: dict[str, Any], over_s: list[float]) -> None:
    """The view has a clock of its own, so it lies between the budget just before and just after."""
    with engine.connect() as connection:
        workspaces.register(connection, "default")
        before = database_now(connection)
        budget = budget_at(before, columns)
        budgets.lock(connection, "default", budgets.RETRIEVE, budget.limit, before)
        budgets.save_budget(connection, "default", budgets.RETRIEVE, budget)
        for call_id, each_s in enumerate(over_s):
            paid_at = before - timedelta(seconds=each_s)
            calls.enter(connection, [call_id], "default", budgets.RETRIEVE, min(paid_at, before), max(0.0, -each_s))
        before = database_now(connection)
        least = available(connection, budget, before), round(budget.assumed_limit(before) - 1e-6)
        shown = connection.exec_driver_sql("select available, assumed_limit from recall.sync_budget").one()
        after = database_now(connection)
        most = available(connection, budget, after), round(budget.assumed_limit(after) + 1e-6)
        connection.rollback()
    assert least[0] <= shown.available <= most[0]
    assert least[1] <= shown.assumed_limit <= most[1]
