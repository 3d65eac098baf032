"""`syncd status` on more transcripts than it counts."""

import pytest

from syncd.db.engine import Connection
from syncd.db.reports import overview as reports
from syncd.db.reports.overview import overview

_MANY = """
    insert into recall.transcripts (transcript_id, workspace, first_seen_at, status, payload_state)
    select md5('t' || n)::uuid, 'default', now(), case when n % 4 > 0 then 'done' end,
        case when n % 4 > 0 then 'loaded' else 'pending' end
    from generate_series(1, 400) as n
"""


@pytest.fixture
def many(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """400 transcripts, where 399 are counted."""
    monkeypatch.setattr(reports, "MOST_COUNTED", 399)
    connection.exec_driver_sql(_MANY.replace("%", "%%"))
    return connection


def test_many_transcripts_are_estimated_and_said_to_be(many: Connection) -> None:
    many.exec_driver_sql("analyze recall.transcripts")
    many.exec_driver_sql("delete from recall.transcripts where status is null")  # what nobody has estimated yet
    state = overview(many)
    assert state.are_estimates
    assert state.statuses == {"(not seen yet)": 100, "done": 300}
    assert state.payload_states == {"loaded": 300, "pending": 100}


def test_where_postgres_has_not_looked_yet_they_are_counted(many: Connection) -> None:
    state = overview(many)
    assert not state.are_estimates
    assert state.statuses == {"(not seen yet)": 100, "done": 300}


def test_only_events_of_the_last_day_are_counted(connection: Connection) -> None:
    connection.exec_driver_sql(
        "insert into recall.events (transcript_id, workspace, kind, occurred_at) select gen_random_uuid(), 'default',"
        " kind, now() - age * interval '1 hour'"
        " from (values ('ready', 1), ('ready', 23), ('failed', 2), ('ready', 25), ('erased', 30)) as told (kind, age)"
    )
    assert overview(connection).events_last_day == {"failed": 1, "ready": 2}
