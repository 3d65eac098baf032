"""The real command under signals: it drains, it is killed, it is frozen; nothing is lost and nothing is doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from recall_emulator import Emulator, Faults, Scenario
from tests.acceptance.truth import assert_everything_is_true

DEADLINE_S = 90.0


@contextmanager
def daemon(environment: dict[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as sink:
        process = subprocess.Popen([sys.executable, "-m", "syncd", "run", *arguments], env=environment, stderr=sink)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; fail by the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.02)


def track(database_url: str, emulator: Emulator, scenarios: list[Scenario]) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for scenario in scenarios:
            emulator.add(scenario)
            connection.execute("select recall.track(%s)", (scenario.transcript_id,))


def leases(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select count(lease_token) from syncd.queue").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_drains_and_leaves_no_lease_behind(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path, number: signal.Signals
) -> None:
    track(
        database_url, emulator, [Scenario(finishes_after=None) for _ in range(30)] + [Scenario() for _ in range(30)]
    )
    with daemon(environment, tmp_path / "log") as process:
        until(lambda: len(emulator.requests()) > 20)
        process.send_signal(number)
        assert process.wait(DEADLINE_S) == 0
    assert leases(database_url) == 0


def test_a_stop_while_the_workspace_is_made_known_is_not_lost(
    environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    waits = b"select 1 from pg_locks where not granted and relation = 'syncd.processes'::regclass"
    with psycopg.connect(database_url) as connection:
        connection.execute("lock table syncd.processes")
        with daemon(environment, tmp_path / "log") as process:
            until(lambda: connection.execute(waits).fetchone())
            process.terminate()
            connection.rollback()
            assert process.wait(DEADLINE_S) == 0
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select 1 from syncd.processes").fetchone() is None


def test_a_stop_does_not_wait_for_ever_for_a_slow_server(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    track(database_url, emulator, [Scenario(faults=Faults(slow_headers_first=1, drip_seconds=0.5))])
    with daemon(environment | {"SYNCD_DRAIN_SECONDS": "0.5"}, tmp_path / "log") as process:
        until(lambda: leases(database_url) == 1)
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    assert leases(database_url) == 0


def test_what_a_killed_daemon_held_is_taken_over(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    scenarios = [Scenario(words=600) for _ in range(32)]
    track(database_url, emulator, scenarios)
    environment["SYNCD_LEASE_SECONDS"] = "3"
    for _ in range(3):
        seen = len(emulator.requests())
        with daemon(environment, tmp_path / "log") as process:
            until(lambda seen=seen: len(emulator.requests()) > seen + 8)  # type: ignore[misc]  # mypy cannot infer it
            process.kill()
    with daemon(environment, tmp_path / "log", "--until-idle", "--timeout", "240") as process:
        assert process.wait(260) == 0
    assert_everything_is_true(database_url, emulator, scenarios)


def test_a_frozen_daemon_that_wakes_up_late_writes_nothing_twice(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    scenarios = [Scenario(words=600) for _ in range(20)]
    track(database_url, emulator, scenarios)
    environment["SYNCD_LEASE_SECONDS"] = "3"
    with daemon(environment, tmp_path / "frozen") as frozen:
        until(lambda: len(emulator.requests()) > 8)
        os.kill(frozen.pid, signal.SIGSTOP)
        with daemon(environment, tmp_path / "log", "--until-idle", "--timeout", "240") as process:
            assert process.wait(260) == 0
        os.kill(frozen.pid, signal.SIGCONT)
        frozen.terminate()
        assert frozen.wait(DEADLINE_S) == 0
    assert_everything_is_true(database_url, emulator, scenarios)


def test_several_daemons_share_the_work_and_the_budget(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    # each costs a retrieve, and on no machine is it so slow that a lease runs out
    environment |= {"SYNCD_LIST_LIMIT": "0", "SYNCD_LEASE_SECONDS": "600"}
    scenarios = [Scenario(words=200) for _ in range(60)]
    track(database_url, emulator, scenarios)
    with (
        daemon(environment, tmp_path / "a", "--until-idle") as first,
        daemon(environment, tmp_path / "b", "--until-idle") as second,
        daemon(environment, tmp_path / "c", "--until-idle") as third,
    ):
        assert [process.wait(240) for process in (first, second, third)] == [0, 0, 0]
    assert_everything_is_true(database_url, emulator, scenarios)
    assert sum(request.route == "retrieve" for request in emulator.requests()) == 60
