"""An Outcome is written whole or not at all, except that what a call cost and said holds without the lease, too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd.core.queue.events import EventKind
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import CallEnd, FileState, Outcome, Pause, RowChange, Step, Throttle
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import ContentState, FileKind, Stage
from syncd.db import outcomes
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.errors import LeaseLost, Unstorable
from tests.db.conftest import limits

Tracked = Callable[..., list[UUID]]
Claimed = Callable[..., list[Lease]]
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
PAUSED = (UNTIL, "The key was refused.")
NOT_PAUSED = (None, None)
OF_THE_ROW = ("recall.transcripts", "recall.status_history", "recall.payloads", "recall.events", "syncd.queue")
"""The tables that only the holder of the lease may change."""
SHARED = ("syncd.calls", "syncd.budgets", "syncd.workspaces")


def contents(connection: Connection, tables: tuple[str, ...]) -> dict[str, list[Any]]:
    return {table: list(connection.exec_driver_sql(f"select * from {table} order by 1")) for table in tables}


def paused(connection: Connection) -> tuple[Any, ...]:
    return tuple(connection.exec_driver_sql("select paused_until, pause_reason from syncd.workspaces").one())


@pytest.fixture
def lease(engine: Engine, connection: Connection, tracked: Tracked, claimed: Claimed) -> Lease:
    """A lease whose call is paid for."""
    tracked()
    workspaces.register(connection, "default")
    (lease,) = claimed()
    with engine.begin() as transaction:
        now = database_now(transaction)
        budget = budgets.lock(transaction, "default", budgets.RETRIEVE, limits().retrieve_limit, now)
        budgets.save_budget(transaction, "default", budgets.RETRIEVE, budget.spent(1, now), 1)
        calls.enter(transaction, [lease.token], "default", budgets.RETRIEVE, now, 60.0)
    return lease


def everything(lease: Lease, **changes: Any) -> Outcome:
    """An outcome with an effect on every table: a transcript that failed, and a workspace that is paused."""
    body = {"id": str(lease.transcript_id), "status": {"code": "failed"}}
    failed = FileState(ContentState.FAILED, "captions")
    outcome = Outcome(
        RowChange(Step.LEAVE),
        {FileKind.TRANSCRIPT: failed, FileKind.PROVIDER_DATA: failed},
        CallEnd.CLOSED,
        Pause(*PAUSED),
        artifact=Artifact(lease.transcript_id, "failed", body=body),
        events=(EventKind.FAILED,),
    )
    return replace(outcome, **changes)


def call(connection: Connection) -> Any:
    query = "select over_at <= clock_timestamp() as is_over, is_throttled from syncd.calls"
    return tuple(connection.exec_driver_sql(query).one())


def test_the_holder_writes_all_of_it(engine: Engine, connection: Connection, lease: Lease) -> None:
    assert outcomes.write(engine, lease, everything(lease), limits()).is_settled
    row = connection.exec_driver_sql("select status, payload_state, provider_data_state from recall.transcripts")
    assert tuple(row.one()) == ("failed", "failed", "failed")
    assert connection.exec_driver_sql("select kind from recall.events").all() == [("failed",)]
    assert contents(connection, ("syncd.queue",))["syncd.queue"] == []
    assert (call(connection), paused(connection)) == ((True, False), PAUSED)


@pytest.mark.parametrize("step", Step)
def test_whoever_lost_the_lease_writes_the_end_of_the_call_and_the_pause_and_nothing_else(
    engine: Engine, connection: Connection, lease: Lease, step: Step
) -> None:
    connection.exec_driver_sql("update syncd.queue set lease_token = lease_token + 1, lease_holder = 'another'")
    before = contents(connection, OF_THE_ROW)
    written: list[str] = []
    outcome = everything(lease, row=RowChange(step, Stage.DOWNLOAD, 30.0))
    with pytest.raises(LeaseLost):
        outcomes.write(engine, lease, outcome, limits(), lambda _: written.append("content"))
    assert contents(connection, OF_THE_ROW) == before
    assert written == []
    assert (call(connection), paused(connection)) == ((True, False), PAUSED)


def test_a_429_pauses_the_budget_without_the_lease_too(engine: Engine, connection: Connection, lease: Lease) -> None:
    connection.exec_driver_sql("update syncd.queue set lease_token = lease_token + 1")
    outcome = everything(lease, call=CallEnd.THROTTLED, pause=None, throttle=Throttle(40.0))
    with pytest.raises(LeaseLost):
        outcomes.write(engine, lease, outcome, limits())
    pause, count = connection.exec_driver_sql(
        "select paused_until - clock_timestamp(), throttled_count from syncd.budgets"
    ).one()
    assert timedelta(0) < pause <= timedelta(seconds=40)
    assert count == 1
    assert (call(connection), paused(connection)) == ((True, True), NOT_PAUSED)


def test_a_call_that_was_never_sent_is_refunded_without_the_lease_too(
    engine: Engine, connection: Connection, lease: Lease
) -> None:
    connection.exec_driver_sql("update syncd.queue set lease_token = lease_token + 1")
    with pytest.raises(LeaseLost):
        outcomes.write(engine, lease, everything(lease, call=CallEnd.REFUNDED, pause=None), limits())
    assert contents(connection, ("syncd.calls",))["syncd.calls"] == []


def test_an_artifact_that_cannot_be_stored_rolls_everything_back(
    engine: Engine, connection: Connection, lease: Lease
) -> None:
    before = contents(connection, OF_THE_ROW + SHARED)
    unstorable = Artifact(lease.transcript_id, "failed", body={"id": "\0"})
    with pytest.raises(Unstorable):
        outcomes.write(engine, lease, everything(lease, artifact=unstorable), limits())
    assert contents(connection, OF_THE_ROW + SHARED) == before


def test_content_that_cannot_be_stored_rolls_everything_back(
    engine: Engine, connection: Connection, lease: Lease
) -> None:
    """What was written before it in the same transaction goes with it, the state of the file first of all."""
    before = contents(connection, OF_THE_ROW + SHARED)

    def refuse(_: Connection) -> None:
        raise Unstorable

    with pytest.raises(Unstorable):
        outcomes.write(engine, lease, everything(lease), limits(), refuse)
    assert contents(connection, OF_THE_ROW + SHARED) == before
