"""A daemon with nothing to do: it asks the database nothing, and a hint wakes it."""

from pathlib import Path

import psycopg

from recall_emulator import Emulator, Scenario
from syncd.core.polling.repricing import LEAST_GAIN, LEAST_THRESHOLD_S
from tests.acceptance.test_signals import DEADLINE_S, daemon, until

QUIET_S = 3.0
"""Longer than twelve claims at their usual pace, and as long as three repricings."""


def test_an_idle_daemon_asks_nothing_until_an_id_is_tracked(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:

        def is_asleep() -> bool:
            row = connection.execute(
                "select count(*), count(*) filter (where state <> 'idle'"
                " or state_change > clock_timestamp() - %s * interval '1 s')"
                " from pg_stat_activity where datname = current_database() and application_name like 'syncd%%'",
                (QUIET_S,),
            ).fetchone()
            return row is not None and row[0] > 1 and row[1] == 0

        connection.execute(  # as after minutes in which nothing was polled
            "insert into syncd.budgets (workspace, route, limit_per_minute, tokens, refreshed_at, threshold_s, gain)"
            " values ('default', 'retrieve', 60000, 2000, now(), %s, %s)",
            (LEAST_THRESHOLD_S, LEAST_GAIN),
        )
        with daemon(environment, tmp_path / "log") as process:
            until(is_asleep)
            assert emulator.requests() == []
            connection.execute("select recall.track(%s)", (emulator.add(Scenario()),))
            until(lambda: connection.execute("select from syncd.queue").fetchone() is None)
            until(is_asleep)
            process.terminate()
            assert process.wait(DEADLINE_S) == 0
        row = connection.execute("select payload_state from recall.transcripts").fetchone()
    assert row == ("loaded",)
