"""The budget row: shared by all who are on the database."""

import threading
from datetime import datetime, timedelta

from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.db.engine import Connection, Engine
from syncd.db.rate_limit import budgets, calls, workspaces


def test_a_new_budget_starts_full_and_remembers_what_was_spent(connection: Connection, now: datetime) -> None:
    budget = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    assert budget.available(now, 0) == 10
    budgets.save_budget(connection, "default", budgets.RETRIEVE, budget.spent(7, now), calls=7)
    again = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    assert again.available(now, 0) == 3
    assert connection.exec_driver_sql("select call_count from syncd.budgets").scalar_one() == 7


def test_workspaces_and_routes_have_budgets_of_their_own(connection: Connection, now: datetime) -> None:
    spent = budgets.lock(connection, "a", budgets.RETRIEVE, 300, now).spent(10, now)
    budgets.save_budget(connection, "a", budgets.RETRIEVE, spent)
    assert budgets.lock(connection, "a", budgets.LIST, 60, now).available(now, 0) == 2
    assert budgets.lock(connection, "b", budgets.RETRIEVE, 300, now).available(now, 0) == 10


def test_a_throttled_budget_is_paused_for_everybody(connection: Connection, now: datetime) -> None:
    budget = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    budgets.save_budget(connection, "default", budgets.RETRIEVE, budget.throttled(now, 30.0, 0))
    again = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    assert again.available(now + timedelta(seconds=29), 0) == 0
    assert again.available(now + timedelta(seconds=31), 0) > 0


def test_processes_that_pay_at_the_same_time_never_overdraw(engine: Engine, now: datetime) -> None:
    paid: list[int] = []

    def pay() -> None:
        for _ in range(10):
            with engine.begin() as connection:
                budget = budgets.lock(connection, "default", budgets.RETRIEVE, 3000, now)
                count = min(3, budget.available(now, 0))
                budgets.save_budget(connection, "default", budgets.RETRIEVE, budget.spent(count, now), count)
            paid.append(count)

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(paid) == 100  # the burst, and not one call more


def test_a_changed_limit_counts_at_once(connection: Connection, now: datetime) -> None:
    budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    assert budgets.lock(connection, "default", budgets.RETRIEVE, 3, now).available(now, 0) == 1


def test_a_paused_workspace_lets_one_probe_through_and_resumes_on_an_answer(
    connection: Connection, now: datetime
) -> None:
    workspaces.register(connection, "default")
    assert workspaces.breaker(connection, "default").is_closed
    workspaces.pause(connection, "default", now + timedelta(seconds=60), "key refused")
    breaker = workspaces.breaker(connection, "default")
    assert breaker.permits(5, now) == 0
    assert breaker.permits(5, now + timedelta(seconds=61)) == 1
    workspaces.probe(connection, "default", now + timedelta(seconds=61), 60.0)
    assert workspaces.breaker(connection, "default").permits(5, now + timedelta(seconds=62)) == 0
    assert workspaces.resume(connection, "default")
    assert not workspaces.resume(connection, "default")
    assert workspaces.breaker(connection, "default") == CircuitBreaker()


def test_a_call_occupies_its_place_until_a_minute_after_it_was_over(connection: Connection, now: datetime) -> None:
    calls.enter(connection, [1, 2, 3], "default", budgets.RETRIEVE, now, longest_s=40.0)
    assert calls.occupied(connection, "default", budgets.RETRIEVE, now + timedelta(seconds=100)) == 3
    assert calls.occupied(connection, "default", budgets.RETRIEVE, now + timedelta(seconds=101)) == 0
    calls.close(connection, 1)
    calls.refund(connection, 2)
    assert calls.occupied(connection, "default", budgets.RETRIEVE, now + timedelta(seconds=30)) == 2
    assert calls.occupied(connection, "default", budgets.RETRIEVE, now + timedelta(seconds=70)) == 1
    assert calls.occupied(connection, "default", budgets.LIST, now) == 0
    assert calls.occupied(connection, "other", budgets.RETRIEVE, now) == 0


def test_the_call_log_forgets_what_nothing_counts_any_more(connection: Connection, now: datetime) -> None:
    calls.enter(connection, [1], "default", budgets.RETRIEVE, now - timedelta(hours=2), longest_s=40.0)
    calls.enter(connection, [2], "default", budgets.RETRIEVE, now, longest_s=40.0)
    assert calls.delete_old(connection) == 1
    assert connection.exec_driver_sql("select call_id from syncd.calls").scalars().all() == [2]


def test_the_view_says_what_the_budget_computes(connection: Connection, now: datetime) -> None:
    workspaces.register(connection, "default")
    budget = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now - timedelta(minutes=10))
    for minutes in (9, 8):
        budget = budget.throttled(now - timedelta(minutes=minutes), 1.0, 100)
    budgets.save_budget(connection, "default", budgets.RETRIEVE, budget)
    calls.enter(connection, range(88), "default", budgets.RETRIEVE, now, longest_s=40.0)
    calls.close(connection, 5, is_throttled=True)
    shown = connection.exec_driver_sql("select * from recall.sync_budget").one()
    assert shown.assumed_limit == round(budget.assumed_limit(now)) == 138
    assert shown.available == budget.available(now, 88) == 10
    assert (shown.calls_last_minute, shown.calls_last_hour) == (88, 88)
    assert (shown.throttled_last_minute, shown.throttled_last_hour) == (1, 1)
    assert (shown.paused_until, shown.pause_reason) == (None, None)
    calls.enter(connection, range(100, 145), "default", budgets.RETRIEVE, now, longest_s=40.0)
    shown = connection.exec_driver_sql("select * from recall.sync_budget").one()
    assert shown.available == budget.available(now, 133) == 4


def test_the_view_says_why_nothing_is_called(connection: Connection, now: datetime) -> None:
    workspaces.register(connection, "default")
    budget = budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    budgets.save_budget(connection, "default", budgets.RETRIEVE, budget.throttled(now, 30.0, 0))
    shown = connection.exec_driver_sql("select * from recall.sync_budget").one()
    assert (shown.available, shown.pause_reason) == (0, "Recall throttled the calls (429)")
    workspaces.pause(connection, "default", now + timedelta(seconds=60), "the key was refused")
    shown = connection.exec_driver_sql("select * from recall.sync_budget").one()
    assert (shown.paused_until, shown.pause_reason) == (now + timedelta(seconds=60), "the key was refused")
