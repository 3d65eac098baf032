"""Where claims begin to look: past dead rows, and never past one that is due."""

from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.transcript import PAID_STAGES
from syncd.db.engine import Connection, Engine, database_now, psycopg_connection
from syncd.db.polling import thresholds
from syncd.db.queue import claims
from syncd.db.queue.due_from import LOOKED_ANEW_S, MARGIN, is_to_be_looked_anew, move_due_from
from syncd.db.rate_limit import budgets
from tests.db.conftest import Tracked, limits

A_SECOND, AN_HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def seen(connection: Connection, tracked: Tracked, now: datetime) -> list[UUID]:
    """Three rows that Recall has shown, due 3, 2 and 1 hours ago, and a budget."""
    budgets.lock(connection, "default", budgets.RETRIEVE, 300, now)
    ids = tracked(3)
    for hours, id_ in zip((3, 2, 1), ids, strict=True):
        due(connection, id_, now - hours * AN_HOUR)
    return ids


def due(connection: Connection, id_: UUID, at: datetime) -> None:
    query = "update syncd.queue set due_at = %s, last_seen_at = %s, is_observed = true where transcript_id = %s"
    connection.exec_driver_sql(query, (at, at - AN_HOUR, id_))


def due_from(connection: Connection) -> datetime:
    found: datetime = connection.exec_driver_sql("select due_from from syncd.budgets").scalar_one()
    return found


def claimed(connection: Connection) -> list[UUID]:
    now = database_now(connection)
    return [lease.transcript_id for lease in claims.claim(connection, limits(), PAID_STAGES, ClaimOrder.SEEN, 9, now)]


def test_it_is_the_first_due_time_of_all_rows_claimed_ones_too(
    connection: Connection, seen: list[UUID], now: datetime
) -> None:
    query = "update syncd.queue set lease_until = now() + interval '1 h' where due_at < %s"
    connection.exec_driver_sql(query, (now - 2 * AN_HOUR,))
    move_due_from(connection, "default", now, is_anew=True)
    assert due_from(connection) == now - 3 * AN_HOUR
    assert set(claimed(connection)) == set(seen[1:])


def test_it_moves_on_and_stays_behind_what_may_be_committed_late(
    connection: Connection, seen: list[UUID], now: datetime
) -> None:
    move_due_from(connection, "default", now, is_anew=True)
    due(connection, seen[0], now + AN_HOUR)
    move_due_from(connection, "default", now, is_anew=False)
    assert due_from(connection) == now - 2 * AN_HOUR
    for id_ in seen:
        due(connection, id_, now + AN_HOUR)
    move_due_from(connection, "default", now, is_anew=False)
    assert due_from(connection) == now - MARGIN
    connection.exec_driver_sql("delete from syncd.queue")
    move_due_from(connection, "default", now - AN_HOUR, is_anew=False)  # the clock was set back
    assert due_from(connection) == now - AN_HOUR - MARGIN


def test_a_row_that_is_due_before_it_is_found_when_all_are_looked_at(
    connection: Connection, seen: list[UUID], now: datetime
) -> None:
    for id_ in seen:
        due(connection, id_, now + AN_HOUR)
    move_due_from(connection, "default", now, is_anew=True)
    due(connection, seen[1], now - AN_HOUR)
    move_due_from(connection, "default", now, is_anew=False)
    assert claimed(connection) == []
    move_due_from(connection, "default", now, is_anew=True)
    assert claimed(connection) == [seen[1]]


def test_a_row_that_is_brought_forward_is_due_no_earlier(
    connection: Connection, seen: list[UUID], now: datetime
) -> None:
    due(connection, seen[0], now + 2 * AN_HOUR)
    query = (
        "update syncd.queue set last_seen_at = now() - interval '1 h', threshold_s = 1800 where transcript_id = %s"
    )
    connection.exec_driver_sql(query, (seen[0],))
    assert thresholds.bring_forward(connection, "default", 0.1, now) == 1
    (at,) = connection.exec_driver_sql("select due_at from syncd.queue where transcript_id = %s", (seen[0],)).one()
    assert at == now - MARGIN


def test_all_are_looked_at_again_every_minute(now: datetime) -> None:
    start = datetime.fromtimestamp(1_800_000_000, now.tzinfo)
    assert is_to_be_looked_anew(None, start)
    assert not is_to_be_looked_anew(start, start + timedelta(seconds=LOOKED_ANEW_S) - A_SECOND)
    assert is_to_be_looked_anew(start, start + timedelta(seconds=LOOKED_ANEW_S))
    assert is_to_be_looked_anew(start, start - A_SECOND)


def test_a_claim_passes_no_dead_rows_of_polls_that_an_old_snapshot_keeps(
    engine: Engine, database_url: str, connection: Connection, seen: list[UUID], now: datetime
) -> None:
    with psycopg.connect(database_url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select count(*) from recall.transcripts")
        for poll in range(500):
            due(connection, seen[0], now - 2 * AN_HOUR + poll * A_SECOND)
        for id_ in seen:
            due(connection, id_, now - A_SECOND)
        assert read_by_a_claim(connection) > 500
        move_due_from(connection, "default", now, is_anew=True)
        assert read_by_a_claim(connection) < 20


def read_by_a_claim(connection: Connection) -> int:
    """Entries of the index of due times, live and dead."""
    driver = psycopg_connection(connection)
    query = "select idx_tup_read from pg_stat_user_indexes where indexrelname = 'queue_due'"
    read = []
    for _ in range(2):
        driver.execute("select pg_stat_force_next_flush()")
        driver.execute("select pg_stat_clear_snapshot()")
        (count,) = driver.execute(query).fetchone() or (0,)
        read.append(count)
        if len(read) == 1:
            assert len(claimed(connection)) == 3
    connection.exec_driver_sql("update syncd.queue set lease_until = null, lease_token = null, lease_holder = null")
    return int(read[1] - read[0])
