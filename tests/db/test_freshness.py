"""recall.sync_freshness: what waits, what arrived and how late, and what is about to be lost."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from syncd.core.queue.decide import DOWNLOAD_DEADLINE
from syncd.db.engine import Connection
from syncd.db.tables.recall import Transcripts, Workspaces

Known = Callable[..., UUID]

AN_HOUR, A_DAY, A_MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def known(connection: Connection, now: datetime) -> Known:
    """A pending transcript, tracked a minute ago; columns may be set otherwise, times as how long ago."""

    def add(workspace: str = "default", **columns: object) -> UUID:
        id_ = uuid4()
        ago = {name: now - value if isinstance(value, timedelta) else value for name, value in columns.items()}
        values = {"transcript_id": id_, "workspace": workspace, "first_seen_at": now - A_MINUTE} | ago
        connection.execute(insert(Transcripts).values(values))
        return id_

    return add


def freshness(connection: Connection, workspace: str = "default") -> dict[str, Any]:
    query = "select * from recall.sync_freshness where workspace = %s"
    return dict(connection.exec_driver_sql(query, (workspace,)).mappings().one())


def test_a_workspace_in_which_nothing_happened_yet_is_there(connection: Connection, now: datetime) -> None:
    connection.execute(insert(Workspaces).values(workspace="default", registered_at=now))
    row = freshness(connection)
    assert {name for name, value in row.items() if value is None} == {
        *("daemon_seen_at", "oldest_pending_s", "lag_p50_s", "lag_p95_s"),
        *("last_success_at", "last_observed_at", "next_loss_at"),
        *("discovery_cut_short_at", "discovery_cut_short_reason"),
    }
    assert {value for name, value in row.items() if name.endswith("_count")} == {0}


def test_pending_ones_are_counted_by_age(connection: Connection, known: Known) -> None:
    for ago in (-A_MINUTE, A_MINUTE, AN_HOUR - A_MINUTE):
        known(first_seen_at=ago)
    known(first_seen_at=AN_HOUR, payload_state="stored")
    known(first_seen_at=A_DAY - A_MINUTE)
    known(first_seen_at=A_DAY)
    known(first_seen_at=7 * A_DAY)
    for state in ("loaded", "empty", "failed", "abandoned"):
        known(first_seen_at=9 * A_DAY, payload_state=state)
    row = freshness(connection)
    assert [value for name, value in row.items() if name.startswith("pending_")] == [7, 3, 2, 1, 1]
    assert row["oldest_pending_s"] == pytest.approx(7 * 86_400, abs=60)


def test_what_arrived_is_counted_and_its_lag_told(connection: Connection, known: Known, now: datetime) -> None:
    for minutes in range(1, 101):
        lag = timedelta(minutes=minutes)
        loaded_at = 2 * AN_HOUR if minutes > 10 else A_MINUTE
        known(payload_state="loaded", loaded_at=loaded_at, status_updated_at=loaded_at + lag, observed_at=A_MINUTE)
    known(payload_state="loaded", loaded_at=A_DAY + A_MINUTE, status_updated_at=99 * A_DAY, observed_at=AN_HOUR)
    row = freshness_without_pending(connection, now)
    assert (row["loaded_last_hour_count"], row["loaded_last_day_count"]) == (10, 100)
    assert (row["lag_p50_s"], row["lag_p95_s"]) == (3030, 5703)
    assert (row["last_success_at"], row["last_observed_at"]) == (now - A_MINUTE, now - A_MINUTE)


def freshness_without_pending(connection: Connection, now: datetime) -> dict[str, Any]:
    connection.execute(insert(Workspaces).values(workspace="default", registered_at=now))
    return freshness(connection)


def test_a_lag_is_never_below_nothing_and_unknown_ones_are_left_out(
    connection: Connection, known: Known, now: datetime
) -> None:
    known(payload_state="loaded", loaded_at=AN_HOUR, status_updated_at=A_MINUTE)  # their clock is ahead of ours
    known(payload_state="empty", loaded_at=AN_HOUR, status_updated_at=None)
    row = freshness_without_pending(connection, now)
    assert (row["loaded_last_day_count"], row["lag_p50_s"], row["lag_p95_s"]) == (2, 0, 0)


@pytest.mark.parametrize(
    ("columns", "loss"),
    [
        ({"status": "done", "created_at": 6 * A_DAY + A_MINUTE}, 7 * A_DAY - (6 * A_DAY + A_MINUTE)),
        ({"status": "done", "created_at": 6 * A_DAY - A_MINUTE}, None),
        ({"status": "processing", "created_at": 6.5 * A_DAY}, A_DAY / 2),
        ({"status": "done", "created_at": 8 * A_DAY}, -A_DAY),
        ({"status": "done", "created_at": 8 * A_DAY, "expires_at": -3 * A_DAY}, None),
        ({"status": "done", "created_at": A_MINUTE, "expires_at": -AN_HOUR}, AN_HOUR),
        ({"first_seen_at": 6.5 * A_DAY}, A_DAY / 2),
        ({}, None),
        ({"status": "done", "created_at": 8 * A_DAY, "payload_state": "stored"}, None),
        ({"status": "done", "created_at": 8 * A_DAY, "payload_state": "unavailable"}, None),
    ],
    ids=[
        *("in its last day", "not yet", "unfinished", "perhaps gone", "kept for longer", "kept for less"),
        *("never shown", "just tracked", "stored", "given up"),
    ],
)
def test_what_is_about_to_be_lost_is_counted(
    connection: Connection, known: Known, now: datetime, columns: dict[str, Any], loss: timedelta | None
) -> None:
    known(first_seen_at=A_MINUTE, expires_at=-9 * A_DAY)
    known(**columns)
    row = freshness(connection)
    assert row["about_to_be_lost_count"] == (0 if loss is None else 1)
    if loss is not None:
        assert row["next_loss_at"] == now + loss


def test_where_recall_names_no_time_it_deletes_after_the_deadline_of_a_download(
    connection: Connection, known: Known, now: datetime
) -> None:
    known(created_at=AN_HOUR)
    assert freshness(connection)["next_loss_at"] == now - AN_HOUR + DOWNLOAD_DEADLINE


def test_workspaces_are_told_apart(connection: Connection, known: Known) -> None:
    known()
    known("acme", first_seen_at=2 * AN_HOUR, created_at=8 * A_DAY, observed_at=AN_HOUR)
    known("acme", payload_state="loaded", loaded_at=AN_HOUR)
    rows = connection.exec_driver_sql(
        "select workspace, pending_count, loaded_last_day_count, about_to_be_lost_count from recall.sync_freshness"
        " order by workspace"
    )
    assert [tuple(row) for row in rows] == [("acme", 1, 1, 1), ("default", 1, 0, 0)]


def test_it_needs_no_right_outside_the_schema_of_analysts(connection: Connection, known: Known) -> None:
    known()
    name = f"reader_{uuid4().hex[:12]}"
    with connection.engine.connect() as reader:  # everything it does is undone, the role too
        reader.exec_driver_sql(f"create role {name}")
        reader.exec_driver_sql(f"grant usage on schema recall to {name}")
        reader.exec_driver_sql(f"grant select on all tables in schema recall to {name}")
        reader.exec_driver_sql(f"set local role {name}")
        assert freshness(reader)["pending_count"] == 1
