"""A database that holds up what it is asked, under the real command: told once, its end once; a stop is bounded."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from recall_emulator import Emulator, Scenario
from syncd.db.admin import schema
from syncd.db.engine import make_engine
from tests.acceptance.test_signals import DEADLINE_S, track, until
from tests.conftest import Command
from tests.servers import lone_server

SOON = """
import syncd.db.faults, syncd.db.session, syncd.service.signals, syncd.worker.lasting, syncd.worker.releases
syncd.db.session._PINNED["lock_timeout"] = "'0.2s'"
syncd.db.faults.AGAIN_FOR_S = 0.5
syncd.worker.lasting.STUCK_S = 1.0
syncd.worker.releases.BUSY_S = 0.2
syncd.service.signals.AFTER_DRAIN_S = 1.0
from syncd.cli import main
main()
"""
"""The command with short times in place of half a minute."""
TOLD, BACK = "waiting for the database", "the database is back"


@contextmanager
def daemon(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        process = subprocess.Popen([sys.executable, "-c", SOON, "run"], env=environment, stderr=sink)
    try:
        until(lambda: '"ready"' in log.read_text())
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def quick(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"SYNCD_HEARTBEAT_SECONDS": "1", "SYNCD_DRAIN_SECONDS": "0.5", "SYNCD_LIST_LIMIT": "0"}


LOADS = "recall.utterance_data"


def test_a_locked_table_is_told_once_and_its_end_once(
    quick: dict[str, str], syncd: Command, database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    log, count = tmp_path / "log", 0
    track(database_url, emulator, [Scenario(finishes_after=None)])
    with daemon(quick, log) as process, psycopg.connect(database_url, autocommit=True) as working:
        until(emulator.requests)
        for table in ("recall.transcripts", "syncd.queue", LOADS):
            with psycopg.connect(database_url) as connection:
                working.execute("update syncd.queue set due_at = clock_timestamp(); notify syncd_wake")
                connection.execute(f"lock table {table} in access exclusive mode".encode())
                if table == LOADS:
                    track(database_url, emulator, [Scenario()])
                count += 1
                until(partial(has_told, log, TOLD, count))
                if table == LOADS:
                    assert_monitor_is_told(working, syncd)
                connection.rollback()
            until(partial(has_told, log, BACK, count))
        until(lambda: working.execute("select count(*) from syncd.queue").fetchone() == (1,))
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    assert [log.read_text().count(each) for each in (TOLD, BACK)] == [3, 3]


def has_told(log: Path, what: str, count: int) -> bool:
    return log.read_text().count(what) == count


def assert_monitor_is_told(connection: psycopg.Connection, syncd: Command) -> None:
    paused = "select from syncd.processes where state = 'paused' and reason like '%SYNCD-DB-STUCK%'"
    until(lambda: connection.execute(paused).fetchone() is not None)
    check = syncd("status", "--check")
    assert (check.returncode, "Paused: Work has been held up for 1 s or longer." in check.stdout) == (2, True)


def test_commits_that_wait_for_a_missing_standby_are_told_and_a_stop_waits_for_none(
    quick: dict[str, str], syncd: Command, emulator: Emulator, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with lone_server() as server:
        schema.migrate(engine := make_engine(server.url))
        engine.dispose()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("alter database postgres set synchronous_commit = on")
            with daemon(quick | {"SYNCD_DATABASE_URL": server.url}, log) as process:
                listens = "select from syncd.processes where listener_pid is not null"
                until(lambda: connection.execute(listens).fetchone() is not None)
                lose_standby(connection, "gone")
                emulator.add(scenario := Scenario())
                connection.execute("select recall.track(%s)", (scenario.transcript_id,))
                until(lambda: "has not answered a statement for 1 s" in log.read_text())
                late = "A daemon is connected, but has written no heartbeat since"
                until(lambda: late in syncd("status", "--check", SYNCD_DATABASE_URL=server.url).stdout)
                lose_standby(connection, "")
                until(lambda: BACK in log.read_text())
                until(lambda: connection.execute("select from syncd.queue").fetchone() is None)
                lose_standby(connection, "gone")
                until(lambda: log.read_text().count(TOLD) > 1)
                process.terminate()
                assert process.wait(DEADLINE_S) == 75
    assert log.read_text().endswith("Its leases run out by themselves. [SYNCD-TIME-UP]\n")
    assert "SYNCD-DB-CONNECTIONS" not in log.read_text()
    assert [log.read_text().count(each) for each in (TOLD, BACK)] == [2, 1]


def lose_standby(connection: psycopg.Connection, name: str) -> None:
    """Let every commit wait for this standby, or for none; but not those of this connection."""
    connection.execute("set synchronous_commit = off")
    connection.execute(f"alter system set synchronous_standby_names = '{name}'".encode())
    connection.execute("select pg_reload_conf()")
