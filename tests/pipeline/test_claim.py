"""What is claimed, in which order, and what that costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from syncd.core.polling.claim_order import BACKLOG_TURN, OTHERS_TURN, Turn
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.transcript import Stage
from syncd.db.engine import Engine
from syncd.db.queue import claims, leases, tracking
from syncd.db.rate_limit import budgets, workspaces
from syncd.pipeline.claim import Claimed, claim_due

LIMITS = WorkerLimits("default", 300, 0, 8, 60.0, 5.0, "me")
BURST, RESERVE = 10, 3  # of a limit of 300 calls a minute
FRESH_S = 600.0
"""So that no test is too slow for it."""


class Queue:
    """A queue with rows as they are needed, and what stands in the tables after something was claimed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        with engine.begin() as connection:
            workspaces.register(connection, "default")

    def add(self, count: int, change: str) -> list[UUID]:
        """So many rows, and then how they are to be, as columns to set."""
        ids = [uuid4() for _ in range(count)]
        with self.engine.begin() as connection:
            tracking.track(connection, ids, "default")
            connection.exec_driver_sql(f"update syncd.queue set {change} where transcript_id = any(%s)", (ids,))
        return ids

    def new(self, count: int) -> list[UUID]:
        return self.add(count, "due_at = clock_timestamp() - interval '1 s'")

    def backlog(self, count: int) -> list[UUID]:
        return self.add(count, f"due_at = clock_timestamp() - interval '{2 * FRESH_S} s'")

    def seen(self, count: int) -> list[UUID]:
        times = "due_at = clock_timestamp() - interval '1 s', last_seen_at = clock_timestamp() - interval '5 s'"
        return self.add(count, f"is_observed = true, {times}")

    def absent(self, count: int) -> list[UUID]:
        times = "due_at = clock_timestamp() + interval '1 h', last_seen_at = clock_timestamp() - interval '5 s'"
        return self.add(count, f"is_observed = true, absent_at = clock_timestamp(), {times}")

    def pause(self, seconds: float) -> None:
        with self.engine.begin() as connection:
            workspaces.pause(connection, "default", datetime.now(UTC) + timedelta(seconds=seconds), "refused")

    def tokens(self, count: float) -> None:
        with self.engine.begin() as connection:
            now = datetime.now(UTC)
            budget = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
            later = now + timedelta(hours=1)  # so that none is gained before the next claim, however slow it is
            budgets.save_budget(
                connection, "default", budgets.RETRIEVE, replace(budget, tokens=count, refreshed_at=later)
            )

    def claim(self, turn: int = 0, free: int = 100, limit: int = 300, others: int = 0) -> Claimed:
        return claim_due(self.engine, replace(LIMITS, retrieve_limit=limit), free, Turn(turn, others))

    def paid(self) -> tuple[int, int]:
        """How many calls the budget and the log know of."""
        with self.engine.begin() as connection:
            budget = connection.exec_driver_sql("select coalesce(sum(call_count), 0) from syncd.budgets")
            log = connection.exec_driver_sql("select count(*) from syncd.calls")
            return int(budget.scalar_one()), int(log.scalar_one())


@pytest.fixture
def rows(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Queue:
    monkeypatch.setattr(claims, "FRESH_S", FRESH_S)
    return Queue(engine)


def ids(claimed: Claimed) -> set[UUID]:
    return {lease.transcript_id for lease in claimed.leases}


def test_the_reserve_is_kept_from_regular_polls(rows: Queue) -> None:
    rows.seen(20)
    rows.new(20)
    assert len(rows.claim().leases) == BURST - RESERVE
    assert rows.paid() == (BURST - RESERVE,) * 2
    rows.tokens(RESERVE)
    assert not rows.claim().leases


@pytest.mark.parametrize(("absent_count", "regular_count"), [(1, 6), (7, 0), (8, 0), (10, 0)], ids=lambda n: f"{n}")
def test_absent_rows_come_first_and_may_use_the_reserve(rows: Queue, absent_count: int, regular_count: int) -> None:
    regular = rows.seen(20)
    absent = rows.absent(absent_count)
    claimed = ids(rows.claim(turn=1))
    assert claimed >= set(absent)
    assert len(claimed & set(regular)) == regular_count
    assert rows.paid() == (absent_count + regular_count,) * 2


def test_absent_rows_get_no_more_than_there_is(rows: Queue) -> None:
    rows.absent(30)
    rows.seen(5)
    assert len(rows.claim(turn=1).leases) == BURST
    rows.tokens(0)
    assert not rows.claim().leases
    assert rows.paid() == (BURST, BURST)


def test_absent_rows_are_polled_once_and_then_wait_for_their_turn(rows: Queue) -> None:
    absent = rows.absent(2)
    claimed = rows.claim(turn=1)
    assert ids(claimed) == set(absent)
    with rows.engine.begin() as connection:
        for lease in claimed.leases:
            leases.change(connection, lease, Outcome(RowChange(Step.WAIT, Stage.POLL, 60.0)))
    assert not rows.claim(turn=1).leases


def test_a_crowd_of_absent_rows_does_not_keep_the_others_waiting(rows: Queue) -> None:
    regular, absent = rows.seen(20), rows.absent(30)
    claimed = ids(rows.claim(turn=OTHERS_TURN))
    assert (len(claimed & set(absent)), len(claimed & set(regular))) == (BURST // 2, BURST - BURST // 2)


@pytest.mark.parametrize(("turn", "seen_count", "new_count"), [(0, 4, 3), (1, 3, 4)])
def test_seen_and_new_ones_share_what_there_is(rows: Queue, turn: int, seen_count: int, new_count: int) -> None:
    seen, new = rows.seen(20), rows.new(20)
    claimed = ids(rows.claim(turn))
    assert (len(claimed & set(seen)), len(claimed & set(new))) == (seen_count, new_count)


@pytest.mark.parametrize(("others", "backlog_count"), [(0, 0), (BACKLOG_TURN - 1, 1)])
def test_the_backlog_gets_its_calls_and_no_more_while_others_wait(
    rows: Queue, others: int, backlog_count: int
) -> None:
    backlog = rows.backlog(20)
    rows.absent(20)
    rows.seen(20)
    claimed = ids(rows.claim(1, others=others))
    assert (len(claimed), len(claimed & set(backlog))) == (BURST, backlog_count)


@pytest.mark.parametrize(("seen_count", "new_count"), [(20, 1), (0, 20), (3, 3)])
@pytest.mark.parametrize("turn", [0, 1])
def test_what_one_kind_leaves_over_goes_to_the_other(rows: Queue, turn: int, seen_count: int, new_count: int) -> None:
    rows.seen(seen_count)
    rows.new(new_count)
    assert len(rows.claim(turn).leases) == min(BURST - RESERVE, seen_count + new_count)


def test_with_one_call_at_a_time_neither_kind_starves(rows: Queue) -> None:
    seen, new = set(rows.seen(10)), set(rows.new(10))
    claimed: list[UUID] = []
    for turn in range(8):
        rows.tokens(RESERVE + 1)
        claimed += ids(rows.claim(turn))
    assert len(claimed) == 8
    assert (len(seen & set(claimed)), len(new & set(claimed))) == (4, 4)


def test_a_flood_of_new_ones_does_not_stand_in_front_of_newer_ones(rows: Queue) -> None:
    flood = rows.new(20)
    newest = rows.add(1, "due_at = clock_timestamp()")
    assert ids(rows.claim(free=1)) == set(newest)
    assert ids(rows.claim(free=1)) < set(flood)


@pytest.mark.parametrize("kinds", [("absent", "seen", "new"), ("seen", "new"), ("new",)])
def test_a_half_open_breaker_gives_one_call_in_all(rows: Queue, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        getattr(rows, kind)(5)
    rows.pause(-1.0)
    assert len(rows.claim().leases) == 1
    assert rows.paid() == (1, 1)
    assert not rows.claim().leases  # until the probe has an answer


def test_an_open_breaker_gives_none(rows: Queue) -> None:
    rows.absent(3)
    rows.seen(3)
    rows.new(3)
    rows.pause(60.0)
    assert not rows.claim().leases
    assert rows.paid() == (0, 0)


def test_files_to_load_cost_nothing_and_go_on_while_nothing_may_be_called(rows: Queue) -> None:
    load = rows.add(3, "stage = 'load', due_at = clock_timestamp() - interval '1 s'")
    rows.seen(3)
    rows.pause(60.0)
    assert ids(rows.claim()) == set(load)
    assert rows.paid() == (0, 0)


def test_there_are_never_more_leases_than_slots(rows: Queue) -> None:
    rows.add(3, "stage = 'load', due_at = clock_timestamp() - interval '1 s'")
    rows.absent(5)
    rows.seen(5)
    assert len(rows.claim(free=4).leases) == 4
    assert rows.paid() == (1, 1)


def test_nothing_is_charged_where_nothing_was_taken(rows: Queue) -> None:
    rows.add(5, "due_at = clock_timestamp() + interval '1 h'")
    assert rows.claim().leases == ()
    assert rows.paid() == (0, 0)


def test_nothing_is_charged_for_what_another_worker_was_faster_to_lock(rows: Queue) -> None:
    locked = rows.seen(5)
    with rows.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("select 1 from syncd.queue where transcript_id = any(%s) for update", (locked,))
        assert not rows.claim().leases
    assert rows.paid() == (0, 0)


def test_the_smallest_limit_claims_one_at_a_time_and_keeps_nothing_back(rows: Queue) -> None:
    rows.new(5)
    assert len(rows.claim(limit=2).leases) == 1
    assert not rows.claim(limit=2).leases


def test_only_polls_that_were_planned_can_be_late(rows: Queue) -> None:
    rows.new(1)
    rows.absent(1)
    rows.add(1, "last_seen_at = clock_timestamp() - interval '9 s', is_observed = true, attempts = 2")
    rows.add(1, "stage = 'download', last_seen_at = clock_timestamp() - interval '9 s', is_observed = true")
    claimed = rows.claim()
    assert (len(claimed.leases), claimed.lateness) == (4, [])


def test_lateness_is_a_share_of_the_gap(rows: Queue) -> None:
    times = "due_at = clock_timestamp() - interval '30 s', last_seen_at = clock_timestamp() - interval '40 s'"
    rows.add(1, f"is_observed = true, {times}")
    claimed = rows.claim()
    assert [lease.stage for lease in claimed.leases] == [Stage.POLL]
    assert list(claimed.lateness) == pytest.approx([3.0], abs=0.5)
