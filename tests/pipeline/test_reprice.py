"""The price of a look: computed by one process at a time, for all of them."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.polling.poll_index import FIRST_PATIENCE_S, LEAST_PATIENCE_S, REGULAR_SHARE
from syncd.core.queue.limits import Terms
from syncd.db.engine import Engine
from syncd.db.polling import thresholds
from syncd.db.polling.thresholds import Price
from syncd.db.queue import tracking
from syncd.db.rate_limit import budgets
from syncd.pipeline.observations import Pace
from syncd.pipeline.reprice import steer

TERMS = Terms("default", 300, 0, 8, 60.0, 5.0, "me")
RATE = 5.0


def plan(engine: Engine, count: int, gap_s: float, patience_s: float) -> list[UUID]:
    """So many rows that are looked at in such gaps, which such a price has led to."""
    ids = [uuid4() for _ in range(count)]
    with engine.begin() as connection:
        tracking.track(connection, ids, "default")
        connection.exec_driver_sql(
            "update syncd.queue set looked_at = clock_timestamp(), is_observed = true, patience_s = %s,"
            " due_at = clock_timestamp() + %s * interval '1 s' where transcript_id = any(%s)",
            (patience_s, gap_s, ids),
        )
    return ids


def price(engine: Engine) -> Price:
    with engine.begin() as connection:
        return thresholds.read(connection, "default")


def last_steered(engine: Engine, seconds_ago: float, *, is_idle: bool = False) -> None:
    """When the price was computed last, by the database's clock; and that the budget is all there, or used up."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "update syncd.budgets set steered_at = clock_timestamp() - %s * interval '1 s', tokens = %s,"
            " refreshed_at = clock_timestamp()",
            (seconds_ago, 10 if is_idle else 0),
        )


def steered(engine: Engine, lateness: Sequence[float] = (), *, is_idle: bool = False) -> Pace:
    """A process that steers, some time after the last one did."""
    pace = Pace(engine, "default")
    last_steered(engine, 2.5, is_idle=is_idle)
    steer(engine, TERMS, pace, lateness)
    return pace


@pytest.fixture(autouse=True)
def budget(engine: Engine) -> None:
    with engine.begin() as connection:
        budgets.lock(connection, "default", budgets.RETRIEVE, 300, datetime.now(UTC))


@pytest.mark.parametrize(("count", "gap_s", "before_s"), [(450, 10.0, 1.0), (450, 20.0, 4.0), (45, 1.0, 1.0)])
def test_the_price_is_such_that_all_looks_just_fit(engine: Engine, count: int, gap_s: float, before_s: float) -> None:
    plan(engine, count, gap_s, before_s)
    pace = steered(engine)
    demand = count * before_s**0.5 / gap_s
    assert pace.cadence.patience_s == pytest.approx((demand / (REGULAR_SHARE * RATE)) ** 2, rel=1e-6)
    assert price(engine).patience_s == pace.cadence.patience_s


def test_nobody_waiting_makes_looks_as_cheap_as_they_get(engine: Engine) -> None:
    assert steered(engine).cadence.patience_s == LEAST_PATIENCE_S


def test_the_first_price_is_there_before_anybody_has_steered(engine: Engine) -> None:
    assert price(engine) == Price(FIRST_PATIENCE_S, 1.0, None)
    with engine.begin() as connection:
        assert thresholds.read(connection, "nobody") == Price()


def test_looks_that_come_late_raise_the_price_and_calls_that_are_left_lower_it(engine: Engine) -> None:
    plan(engine, 450, 10.0, 1.0)
    steered(engine, [1.0, 2.0])
    assert price(engine).trim == pytest.approx(1.25, rel=0.05)
    steered(engine, [0.0, 0.1])
    assert price(engine).trim == pytest.approx(1.25, rel=0.05)  # as it should be
    steered(engine, is_idle=True)
    assert price(engine).trim == pytest.approx(1.0, rel=0.05)


def test_several_processes_steer_once_in_two_seconds_and_plan_with_the_same_price(engine: Engine) -> None:
    plan(engine, 450, 10.0, 1.0)
    last_steered(engine, 2.5)
    paces = [Pace(engine, "default") for _ in range(6)]
    threads = [threading.Thread(target=steer, args=(engine, TERMS, pace, [5.0])) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert price(engine).trim == pytest.approx(1.25, rel=0.05)  # one step, not six
    assert {pace.cadence.patience_s for pace in paces} == {price(engine).patience_s}


def test_a_clock_that_was_stepped_backwards_does_not_stop_the_steering(engine: Engine) -> None:
    plan(engine, 450, 10.0, 1.0)
    last_steered(engine, -3600.0)
    pace = Pace(engine, "default")
    steer(engine, TERMS, pace, [])
    assert pace.cadence.patience_s == pytest.approx(100.0, rel=1e-6)
    steered_at = price(engine).steered_at
    assert steered_at is not None
    assert steered_at < datetime.now(UTC) + timedelta(minutes=1)


def test_who_was_put_off_by_a_flood_is_brought_forward_when_it_is_over(engine: Engine) -> None:
    plan(engine, 1, 1000.0, 100.0)
    pace = steered(engine)
    with engine.begin() as connection:
        row = connection.exec_driver_sql("select due_at - looked_at as gap, patience_s from syncd.queue").one()
    assert row.patience_s == pace.cadence.patience_s == LEAST_PATIENCE_S
    assert row.gap.total_seconds() == pytest.approx(1000.0 * (row.patience_s / 100.0) ** 0.5, rel=1e-3)
