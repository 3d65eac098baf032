"""The threshold of a workspace: computed by one process at a time, for all of them."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.polling import repricing
from syncd.core.polling.repricing import FIRST_THRESHOLD_S, LEAST_THRESHOLD_S, REGULAR_SHARE, Threshold
from syncd.core.queue.limits import WorkerLimits
from syncd.db.engine import Engine
from syncd.db.polling import thresholds
from syncd.db.queue import tracking
from syncd.db.rate_limit import budgets
from syncd.pipeline.observations import Observations
from syncd.pipeline.reprice import reprice

LIMITS = WorkerLimits("default", 300, 0, 8, 60.0, 5.0, "me")
RATE = 5.0


def plan(engine: Engine, count: int, gap_s: float, threshold_s: float) -> list[UUID]:
    """So many rows that are polled in such gaps, planned with such a threshold."""
    ids = [uuid4() for _ in range(count)]
    with engine.begin() as connection:
        tracking.track(connection, ids, "default")
        connection.exec_driver_sql(
            "update syncd.queue set last_seen_at = clock_timestamp(), is_observed = true, threshold_s = %s,"
            " due_at = clock_timestamp() + %s * interval '1 s' where transcript_id = any(%s)",
            (threshold_s, gap_s, ids),
        )
    return ids


def threshold(engine: Engine) -> Threshold:
    with engine.begin() as connection:
        return thresholds.read_threshold(connection, "default")


def last_repriced(engine: Engine, seconds_ago: float, *, is_idle: bool = False) -> None:
    """When the threshold was computed, by the database's clock; and that the budget is all there, or used up."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "update syncd.budgets set repriced_at = clock_timestamp() - %s * interval '1 s', tokens = %s,"
            " refreshed_at = clock_timestamp()",
            (seconds_ago, 10 if is_idle else 0),
        )


def after_repricing(engine: Engine, lateness: Sequence[float] = (), *, is_idle: bool = False) -> Observations:
    """A process that reprices, some time after the last one did."""
    observations = Observations(engine, "default")
    last_repriced(engine, 60.0, is_idle=is_idle)  # so long that the gain takes a whole step
    reprice(engine, LIMITS, observations, lateness)
    return observations


@pytest.fixture(autouse=True)
def budget(engine: Engine) -> None:
    with engine.begin() as connection:
        budgets.lock(connection, "default", budgets.RETRIEVE, 300, datetime.now(UTC))


@pytest.mark.parametrize(("count", "gap_s", "before_s"), [(450, 10.0, 1.0), (450, 20.0, 4.0), (45, 1.0, 1.0)])
def test_at_the_threshold_all_polls_just_fit(engine: Engine, count: int, gap_s: float, before_s: float) -> None:
    plan(engine, count, gap_s, before_s)
    observations = after_repricing(engine)
    demand = count * before_s**0.5 / gap_s
    assert observations.policy.threshold_s == pytest.approx((demand / (REGULAR_SHARE * RATE)) ** 2, rel=1e-6)
    assert threshold(engine).threshold_s == observations.policy.threshold_s


def test_nobody_waiting_makes_the_threshold_as_low_as_it_gets(engine: Engine) -> None:
    assert after_repricing(engine).policy.threshold_s == LEAST_THRESHOLD_S


def test_the_first_threshold_is_there_before_anybody_has_repriced(engine: Engine) -> None:
    assert threshold(engine) == Threshold(FIRST_THRESHOLD_S, 1.0, None)
    with engine.begin() as connection:
        assert thresholds.read_threshold(connection, "nobody") == Threshold()


def test_late_polls_raise_the_threshold_and_idle_calls_lower_it(engine: Engine) -> None:
    plan(engine, 450, 10.0, 1.0)
    after_repricing(engine, [1.0, 2.0])
    assert threshold(engine).gain == 2.0
    after_repricing(engine, [0.0, 0.1])
    assert threshold(engine).gain == 2.0  # as it should be
    after_repricing(engine, is_idle=True)
    assert threshold(engine).gain == 1.0


def test_several_processes_reprice_once_at_a_time_and_plan_with_the_same_threshold(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing, "REPRICE_S", 600.0)  # however slow they are, it is one time
    plan(engine, 450, 10.0, 1.0)
    last_repriced(engine, 1000.0)
    processes = [Observations(engine, "default") for _ in range(6)]
    threads = [
        threading.Thread(target=reprice, args=(engine, LIMITS, observations, [5.0])) for observations in processes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert threshold(engine).gain == 2.0  # one step, not six
    assert {observations.policy.threshold_s for observations in processes} == {threshold(engine).threshold_s}


def test_a_clock_that_was_stepped_backwards_does_not_stop_repricing(engine: Engine) -> None:
    plan(engine, 450, 10.0, 1.0)
    last_repriced(engine, -3600.0)
    observations = Observations(engine, "default")
    reprice(engine, LIMITS, observations, [])
    assert observations.policy.threshold_s == pytest.approx(100.0, rel=1e-6)
    repriced_at = threshold(engine).repriced_at
    assert repriced_at is not None
    assert repriced_at < datetime.now(UTC) + timedelta(minutes=1)


def test_rows_delayed_by_a_flood_are_brought_forward_when_it_is_over(engine: Engine) -> None:
    plan(engine, 1, 1000.0, 100.0)
    observations = after_repricing(engine)
    with engine.begin() as connection:
        row = connection.exec_driver_sql("select due_at - last_seen_at as gap, threshold_s from syncd.queue").one()
    assert row.threshold_s == observations.policy.threshold_s == LEAST_THRESHOLD_S
    assert row.gap.total_seconds() == pytest.approx(1000.0 * (row.threshold_s / 100.0) ** 0.5, rel=1e-3)
