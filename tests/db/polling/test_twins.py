"""What SQL computes for an index to serve it agrees with the policy's functions of values."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.polling.store import Store
from bench.polling.workload import Transcript
from syncd.core.polling.claim_order import Claimable, ClaimOrder, in_order
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import Stratum, Tally, estimated
from syncd.core.queue.limits import WorkerLimits
from syncd.core.transcript import Stage
from syncd.db.engine import Connection, Engine
from syncd.db.polling import durations, thresholds, waiting
from syncd.db.queue import claims, tracking
from syncd.db.rate_limit import workspaces

LIMITS = WorkerLimits("default", 300, 0, 8, 60.0, 5.0, "me")
PROPERTY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
THRESHOLDS = st.floats(0.0005, 1800.0)
GAPS = st.integers(0, 3_600_000_000).map(lambda microseconds: microseconds / 1e6)
"""Seconds, as exact as Postgres keeps times."""


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Connection]:
    """An empty queue of one workspace, for one example."""
    with engine.connect() as connection:
        workspaces.register(connection, "default")
        yield connection
        connection.rollback()


def rows(connection: Connection, columns: str, values: Sequence[Sequence[Any]]) -> list[UUID]:
    """A row of the queue for each of the values of these columns; ids in the same order."""
    ids = [uuid4() for _ in values]
    tracking.track(connection, ids, "default")
    assignments = ", ".join(f"{column.strip()} = %s" for column in columns.split(","))
    for id_, each in zip(ids, values, strict=True):
        connection.exec_driver_sql(f"update syncd.queue set {assignments} where transcript_id = %s", (*each, id_))
    return ids


@PROPERTY
@given(planned=st.lists(st.tuples(GAPS, THRESHOLDS), max_size=20))
def test_demand(engine: Engine, now: datetime, planned: list[tuple[float, float]]) -> None:
    with rolled_back(engine) as connection:
        times = [(now, now + timedelta(seconds=gap_s), threshold_s) for gap_s, threshold_s in planned]
        rows(connection, "last_seen_at, due_at, threshold_s", times)
        assert thresholds.demand(connection, "default") == pytest.approx(Policy.demand(planned), rel=1e-9)


@PROPERTY
@given(planned=st.lists(st.tuples(GAPS, THRESHOLDS), max_size=20), threshold_s=THRESHOLDS)
def test_bringing_forward(
    engine: Engine, now: datetime, planned: list[tuple[float, float]], threshold_s: float
) -> None:
    policy = Policy(estimated({}), threshold_s)
    with rolled_back(engine) as connection:
        before = now - timedelta(seconds=1)  # polled a second ago; some are due already
        times = [(before, before + timedelta(seconds=gap_s), planned_s) for gap_s, planned_s in planned]
        ids = rows(connection, "last_seen_at, due_at, threshold_s", times)
        thresholds.bring_forward(connection, "default", threshold_s, now)
        for id_, (gap_s, planned_s) in zip(ids, planned, strict=True):
            sooner_s = policy.earlier_gap(gap_s, planned_s) if gap_s > 1.0 else None
            query = "select due_at, threshold_s from syncd.queue where transcript_id = %s"
            row = connection.exec_driver_sql(query, (id_,)).one()
            expected_s = gap_s if sooner_s is None else sooner_s
            assert (row.due_at - before).total_seconds() == pytest.approx(expected_s, abs=2e-6)
            assert row.threshold_s == (planned_s if sooner_s is None else threshold_s)


@PROPERTY
@given(
    states=st.lists(
        st.tuples(
            st.integers(-8, 5),
            st.booleans(),
            st.none() | st.integers(-5, 0),
            st.none() | st.sampled_from([-1, 0, 1]),
        ),
        max_size=12,
    ),
    order=st.sampled_from(ClaimOrder),
    count=st.integers(0, 12),
)
def test_the_order_of_claims(
    engine: Engine,
    now: datetime,
    states: list[tuple[int, bool, int | None, int | None]],
    order: ClaimOrder,
    count: int,
) -> None:
    """Rows of the same rank may come in any order, so ranks are compared."""

    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else now + timedelta(seconds=seconds)

    with rolled_back(engine) as connection:
        times = [(at(due), seen, at(absent), at(lease)) for due, seen, absent, lease in states]
        ids = rows(connection, "due_at, is_observed, absent_at, lease_until", times)
        values = {id_: Claimable(*state) for id_, state in zip(ids, states, strict=True)}
        absent_count = claims.count_absent(connection, "default", 100, now)
        has_backlog = waiting.has_backlog(connection, "default", now)
        claimed = claims.claim(connection, LIMITS, tuple(Stage), order, count, now)
    expected = in_order(values.values(), order, 0.0)[:count]
    assert sorted(values[lease.transcript_id].rank(order) for lease in claimed) == [
        each.rank(order) for each in expected
    ]
    assert all(values[lease.transcript_id].is_open(order, 0.0) for lease in claimed)
    assert absent_count == len(in_order(values.values(), ClaimOrder.ABSENT, 0.0))
    never_shown, fresh = (len(in_order(values.values(), each, 0.0)) for each in (ClaimOrder.NEW, ClaimOrder.FRESH))
    assert has_backlog is (never_shown > fresh)


@PROPERTY
@given(
    ages_s=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=5),
    elapsed_s=st.floats(-3600.0, 1e9),
)
def test_ageing(engine: Engine, now: datetime, ages_s: list[float], elapsed_s: float) -> None:
    tally, stratum = Tally(), Stratum("deepgram_async")
    for age_s in ages_s:
        tally.count(0.0, age_s, has_finished=True)
    later = now + timedelta(seconds=elapsed_s)
    with rolled_back(engine) as connection:
        durations.add(connection, "default", {stratum: tally}, now)
        durations.age(connection, "default", later)
        found = durations.read_durations(connection, "default")[stratum]
    expected = Policy.aged(tally, (later - now).total_seconds()) or tally
    assert found.finished == pytest.approx(expected.finished, rel=1e-9)
    assert found.exposure_s == pytest.approx(expected.exposure_s, rel=1e-9)
    assert math.isfinite(sum(found.exposure_s))


NOW_S = 1000.0
PAGE_STATES = st.lists(
    st.tuples(
        st.integers(-5, 5),  # created, seconds from now
        st.none() | st.integers(-3, 2),  # last seen
        st.booleans(),  # a page of unfinished ones has shown it
        st.booleans(),  # it is absent already
        st.booleans(),  # it is claimed
        st.booleans(),  # the page shows it
    ),
    max_size=10,
)


def in_memory(states: Sequence[tuple[int, int | None, bool, bool, bool, bool]]) -> Store:
    """The queue of the simulator; a row's number is its place, and now is NOW_S."""
    store = Store()
    for number, (created_s, seen_s, is_listed, is_absent, is_claimed, _) in enumerate(states):
        store.track(Transcript(number, "deepgram_async", NOW_S + created_s, math.inf, NOW_S), NOW_S)
        row = store.rows[number]
        if seen_s is not None:
            store.still_waiting(row, NOW_S + seen_s, NOW_S + 9, 1.0, is_on_page=is_listed)
            row.absent_s = NOW_S - 9 if is_absent else None
        if is_claimed:
            store.take(row, NOW_S)
    return store


@PROPERTY
@given(states=PAGE_STATES, window=st.tuples(st.integers(-6, 6), st.integers(-6, 6)))
def test_absence(engine: Engine, now: datetime, states: list[Any], window: tuple[int, int]) -> None:
    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else now + timedelta(seconds=seconds)

    store = in_memory(states)
    shown = {number for number, state in enumerate(states) if state[5]}
    window_s = NOW_S + window[0], NOW_S + window[1]
    store.mark_absent(window_s, shown, NOW_S)
    store.mark_absent_from_done(window_s, shown, NOW_S)
    with rolled_back(engine) as connection:
        values = [
            (
                *(at(created_s), at(seen_s), seen_s is not None, None if seen_s is None else 1.0),
                at(-9) if is_listed and seen_s is not None else None,
                at(-9) if is_absent and seen_s is not None else None,
                *((7 + number, at(60)) if is_claimed else (None, None)),
            )
            for number, (created_s, seen_s, is_listed, is_absent, is_claimed, _) in enumerate(states)
        ]
        columns = "created_at, last_seen_at, is_observed, threshold_s, listed_at, absent_at, lease_token, lease_until"
        ids = rows(connection, columns, values)
        within = now + timedelta(seconds=window[0]), now + timedelta(seconds=window[1])
        shown_ids = [ids[number] for number in shown]
        waiting.mark_absent(connection, "default", within, shown_ids, now)
        waiting.mark_absent_from_done(connection, "default", within, shown_ids, now)
        for number, id_ in enumerate(ids):
            query = "select absent_at = %s, absent_from_done_at = %s from syncd.queue where transcript_id = %s"
            found = connection.exec_driver_sql(query, (now, now, id_)).one()
            row = store.rows[number]
            expected = row.absent_s == NOW_S, row.absent_from_done_s == NOW_S
            assert (found[0] is True, found[1] is True) == expected, states[number]
