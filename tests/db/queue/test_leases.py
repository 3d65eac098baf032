"""Leases: claimed once, fenced, renewed, released."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.queue import claims, leases
from syncd.errors import LeaseLost
from tests.db.conftest import limits

Tracked = Callable[..., list[UUID]]
Claimed = Callable[..., list[Lease]]


def test_of_those_that_recall_has_shown_what_was_due_the_longest_is_claimed_first(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    first, second, third = [tracked()[0] for _ in range(3)]
    connection.exec_driver_sql("update syncd.queue set is_observed = true")
    assert {lease.transcript_id for lease in claimed(2)} == {first, second}
    assert [lease.transcript_id for lease in claimed(2)] == [third]


def test_of_those_that_it_has_never_shown_the_newest_is_claimed_first(tracked: Tracked, claimed: Claimed) -> None:
    first, second, third = [tracked()[0] for _ in range(3)]
    assert {lease.transcript_id for lease in claimed(2)} == {second, third}
    assert [lease.transcript_id for lease in claimed(2)] == [first]


def test_one_absent_from_a_page_is_claimed_before_it_is_due(
    connection: Connection, tracked: Tracked, claimed: Claimed, now: datetime
) -> None:
    (id_,) = tracked()
    connection.exec_driver_sql("update syncd.queue set due_at = now() + interval '1 hour', absent_at = now()")
    assert claimed() == []
    assert claims.has_due(connection, "default")
    (lease,) = claims.claim(connection, limits(), PAID_STAGES, ClaimOrder.ABSENT, 5, now)
    assert lease.transcript_id == id_
    assert not claims.has_due(connection, "default")


def test_a_leased_row_is_not_claimed_again_before_its_lease_runs_out(tracked: Tracked, claimed: Claimed) -> None:
    tracked()
    assert len(claimed(lease_s=60)) == 1
    assert claimed() == []


def test_a_lease_that_ran_out_is_claimed_anew_and_counted(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked()
    (late,) = claimed(lease_s=-1)
    (rescuer,) = claimed(holder="rescuer")
    assert rescuer.token > late.token
    assert connection.exec_driver_sql("select expired_lease_count, lease_holder from syncd.queue").one() == (
        1,
        "rescuer",
    )


def test_a_late_worker_can_neither_settle_nor_advance_nor_hold(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked()
    (late,) = claimed(lease_s=-1)
    claimed(holder="rescuer")
    for step in Step:
        with pytest.raises(LeaseLost):
            leases.change(connection, late, Outcome(RowChange(step, Stage.LOAD)))
    assert connection.exec_driver_sql("select stage, lease_holder from syncd.queue").one() == ("poll", "rescuer")


def test_settling_ends_the_lease_and_sets_the_next_turn(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked()
    (lease,) = claimed()
    row_change = RowChange(Step.WAIT, Stage.DOWNLOAD, 3000.0, reason="later", attempts=2, unconfirmed=("ab",))
    leases.change(connection, lease, Outcome(row_change))
    row = connection.exec_driver_sql(
        "select stage, attempts, last_error, unconfirmed, lease_token, lease_until, lease_holder,"
        " due_at - clock_timestamp() as wait from syncd.queue"
    ).one()
    assert tuple(row)[:7] == ("download", 2, "later", ["ab"], None, None, None)
    assert timedelta(seconds=2000) < row.wait <= timedelta(seconds=3000)
    assert claimed() == []


def test_an_end_takes_the_row_out_of_the_queue(connection: Connection, tracked: Tracked, claimed: Claimed) -> None:
    tracked()
    leases.change(connection, claimed()[0], Outcome(RowChange(Step.LEAVE)))
    assert leases.unfinished(connection, "default") == 0


def test_advancing_keeps_the_lease(connection: Connection, tracked: Tracked, claimed: Claimed) -> None:
    tracked()
    (lease,) = claimed()
    leases.change(connection, lease, Outcome(RowChange(Step.ADVANCE, Stage.LOAD)))
    assert leases.current(connection, lease).stage == Stage.LOAD
    leases.hold(connection, lease)


def test_renewing_keeps_others_away_and_releasing_lets_them_in(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked()
    (lease,) = claimed(lease_s=-1)
    leases.renew(connection, [lease.token], 60.0)
    assert claimed() == []
    assert leases.release(connection, [lease.token]) == 1
    assert len(claimed()) == 1


def test_renewing_does_not_wait_for_a_row_that_is_being_loaded(
    engine: Engine, connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked(2)
    loading, other = claimed(2)
    with engine.begin() as transaction:
        leases.hold(transaction, loading)
        connection.exec_driver_sql("set lock_timeout = '1ms'")
        leases.renew(connection, [loading.token, other.token], 3600.0)
    query = "select transcript_id from syncd.queue where lease_until > now() + interval '30 min'"
    assert list(connection.exec_driver_sql(query).scalars()) == [other.transcript_id]
    connection.exec_driver_sql("reset lock_timeout")


@pytest.mark.parametrize(("took_s", "is_renewed"), [(1.0, False), (20.0, True)])
def test_a_write_that_takes_long_renews_the_lease_of_its_row(
    engine: Engine,
    tracked: Tracked,
    claimed: Claimed,
    monkeypatch: pytest.MonkeyPatch,
    took_s: float,
    is_renewed: bool,
) -> None:
    """Nobody else could renew it meanwhile, and any worker may claim the row from the commit on."""
    tracked()
    (lease,) = claimed(lease_s=-1.0)
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=iter((0.0, took_s)).__next__))
    with engine.begin() as transaction:
        leases.hold(transaction, lease)
        leases.renewing(lambda _: None, lease, 60.0)(transaction)
    assert (claimed() == []) is is_renewed


def test_only_the_own_workspace_and_the_wanted_stages_are_claimed(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    tracked(workspace="a")
    assert claimed(workspace="b") == []
    assert (
        claims.claim(connection, limits(workspace="a"), (Stage.LOAD,), ClaimOrder.NEW, 1, database_now(connection))
        == []
    )
    assert not claims.has_due(connection, "b")
    assert claims.has_due(connection, "a")


def test_many_workers_claim_each_row_exactly_once(engine: Engine, tracked: Tracked) -> None:
    ids = tracked(200)
    got: list[UUID] = []

    def work(name: str) -> None:
        for _ in range(len(ids) + 1):
            with engine.begin() as connection:
                got_now = claims.claim(
                    connection, limits(name), PAID_STAGES, ClaimOrder.NEW, 7, database_now(connection)
                )
            if not got_now:
                return
            got.extend(lease.transcript_id for lease in got_now)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(ids)


def test_a_fenced_lease_writes_each_result_once_even_when_workers_stall(
    engine: Engine, connection: Connection, tracked: Tracked
) -> None:
    """Two workers hold the same row in turn; both try to finish it; exactly one does."""
    tracked(20)
    with engine.begin() as c:
        stalled = claims.claim(c, limits("stalled", lease_s=-1.0), PAID_STAGES, ClaimOrder.NEW, 20, database_now(c))
    with engine.begin() as c:
        fresh = claims.claim(c, limits("fresh"), PAID_STAGES, ClaimOrder.NEW, 20, database_now(c))
    written = 0
    for lease in [*stalled, *fresh, *stalled]:
        try:
            with engine.begin() as c:
                leases.change(c, lease, Outcome(RowChange(Step.LEAVE)))
                written += 1
        except LeaseLost:
            continue
    assert written == 20


def test_what_is_ahead_is_when_the_next_free_row_is_due_and_whether_somebody_works_on_one(
    connection: Connection, tracked: Tracked, claimed: Claimed
) -> None:
    def seen(change: str = "") -> tuple[float | None, bool]:
        connection.exec_driver_sql(change or "select 1")
        ahead = claims.ahead(connection, "default")
        return None if ahead.next_due_s is None else round(ahead.next_due_s, -1), ahead.is_in_flight

    assert seen() == (None, False)
    tracked(workspace="another")
    assert seen() == (None, False)
    tracked(2)
    (lease,) = claimed(1)
    assert seen() == (0, True)  # one that became due since it was looked for delays nobody
    assert seen("update syncd.queue set due_at = now() + interval '50 s' where lease_token is null") == (50, True)
    # nothing is due for long, so that those leased before they were due are looked for
    assert seen("update syncd.queue set due_at = now() + interval '1 h', is_observed = true") == (3600, True)
    assert leases.release(connection, [lease.token]) == 1
    assert seen() == (3600, False)
