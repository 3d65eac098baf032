"""The real daemon gets other settings while it runs: by SIGHUP, and by itself where a secret was refused."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from recall_emulator import Emulator, Faults, Scenario
from tests.acceptance.test_signals import DEADLINE_S, daemon, track, until
from tests.servers import server_with_password

Command = Callable[..., CompletedProcess[str]]
Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(database_url: str) -> Ask:
    def run(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    return run


@pytest.fixture
def files(environment: dict[str, str], tmp_path: Path, database_url: str) -> Path:
    """Where the daemon's key, database URL and settings are."""
    (tmp_path / "key").write_text("revoked-key")
    (tmp_path / "url").write_text(database_url)
    (tmp_path / "syncd.toml").write_text("lease_seconds = 60")
    for name in ("SYNCD_API_KEY", "SYNCD_DATABASE_URL"):
        del environment[name]
    environment["SYNCD_API_KEY_FILE"] = str(tmp_path / "key")
    environment["SYNCD_DATABASE_URL_FILE"] = str(tmp_path / "url")
    environment["SYNCD_CONFIG"] = str(tmp_path / "syncd.toml")
    return tmp_path


def lines(log: Path, event: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == event]


@pytest.mark.parametrize("is_told", [True, False], ids=["by SIGHUP", "by itself"])
def test_a_new_key_ends_the_pause_at_once(
    environment: dict[str, str], files: Path, database_url: str, emulator: Emulator, ask: Ask, is_told: bool
) -> None:
    track(database_url, emulator, [Scenario() for _ in range(5)])
    log = files / "log"
    with daemon(environment, log) as process:
        until(lambda: lines(log, "the workspace is paused"))
        if not is_told:
            until(lambda: ask("select 1 from syncd.processes where state = 'paused' and reason like '%(401)%'"))
        (files / "key").write_text("demo-key")
        if is_told:
            process.send_signal(signal.SIGHUP)
        until(lambda: not ask("select 1 from syncd.queue"))
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    assert [line["level"] for line in lines(log, "the workspace is paused")] == ["error"]
    (told,) = lines(log, "the workspace is tried again")
    assert "(401)" in told["was_paused"]
    assert [line["changed"] for line in lines(log, "the settings were read again")] == ["SYNCD_API_KEY"]
    assert lines(log, "tried again later") == []  # the pause is told once, and not for each transcript
    assert "revoked-key" not in log.read_text()
    assert "demo-key" not in log.read_text()


def test_what_cannot_be_used_changes_nothing_and_what_can_is_taken(
    environment: dict[str, str], files: Path, database_url: str, emulator: Emulator, ask: Ask
) -> None:
    (files / "key").write_text("demo-key")
    log, config = files / "log", files / "syncd.toml"
    refused = "the settings stay as they were: the new ones cannot be used"
    with daemon(environment, log) as process:
        until(lambda: ask("select 1 from syncd.processes"))
        wrong = [(config, "lease_seconds = 1"), (files / "key", ""), (files / "url", "postgresql:///nowhere")]
        for count, (file, text) in enumerate(wrong, 1):
            before = file.read_text()
            file.write_text(text)
            process.send_signal(signal.SIGHUP)
            until(lambda count=count: len(lines(log, refused)) == count)  # type: ignore[misc]  # mypy cannot infer it
            file.write_text(before)
        track(database_url, emulator, [Scenario()])
        until(lambda: not ask("select 1 from syncd.queue"))  # it has gone on
        ask(
            "update syncd.workspaces set store_pause_reason = 'Most calls fail', store_failure_count = 5,"
            " store_paused_until = now() + interval '1 hour' returning 1"
        )
        config.write_text(
            'lease_seconds = 61\nlog_level = "debug"\nstate_dir = "/elsewhere"\ndatabase_connections = 9'
        )
        other_url = database_url + ("&" if "?" in database_url else "?") + "connect_timeout=7"
        (files / "url").write_text(other_url)
        process.send_signal(signal.SIGHUP)
        until(lambda: len(lines(log, "ready")) == 2)
        track(database_url, emulator, [Scenario()])
        until(lambda: not ask("select 1 from syncd.queue"))
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    assert [line["level"] for line in lines(log, refused)] == ["error"] * 3
    (told,) = lines(log, "the settings were read again")
    assert [line["was_paused"] for line in lines(log, "the file store is tried again")] == ["Most calls fail"]
    taken = ("DATABASE_URL", "LEASE_SECONDS", "DATABASE_CONNECTIONS", "LOG_LEVEL")
    assert told["changed"] == ", ".join(f"SYNCD_{name}" for name in taken)
    (stays,) = lines(log, "this setting needs a restart; it stays as it was")
    assert (stays["level"], stays["setting"]) == ("warning", "SYNCD_STATE_DIR")
    assert other_url not in log.read_text()


def test_a_reload_that_is_asked_for_while_one_drains_follows_it(
    environment: dict[str, str], files: Path, database_url: str, emulator: Emulator, ask: Ask
) -> None:
    (files / "key").write_text("demo-key")
    environment["SYNCD_DRAIN_SECONDS"] = "1"
    track(database_url, emulator, [Scenario(faults=Faults(slow_headers_first=1, drip_seconds=0.5))])
    log = files / "log"
    with daemon(environment, log) as process:
        until(lambda: ask("select 1 from syncd.queue where lease_token is not null"))
        process.send_signal(signal.SIGHUP)
        until(lambda: lines(log, "reloading"))
        assert len(lines(log, "ready")) == 1  # it drains
        (files / "syncd.toml").write_text('lease_seconds = 62\ndatabase_connections = 9\nworkspace = "other"')
        process.send_signal(signal.SIGHUP)
        until(lambda: len(lines(log, "ready")) == 3)
        assert ask("select stopped_at is not null from syncd.workspaces where workspace = 'default'") == [(True,)]
        until(lambda: ask("select workspace from syncd.processes") == [("other",)])
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    changed = [line["changed"] for line in lines(log, "the settings were read again")]
    assert changed == ["nothing", "SYNCD_WORKSPACE, SYNCD_LEASE_SECONDS"]
    (stays,) = lines(log, "this setting needs a restart; it stays as it was")
    assert stays["setting"] == "SYNCD_DATABASE_CONNECTIONS"


def test_a_password_that_is_changed_costs_no_restart_in_whatever_order(
    environment: dict[str, str], emulator: Emulator, syncd: Command, tmp_path: Path
) -> None:
    file, log = tmp_path / "url", tmp_path / "log"
    del environment["SYNCD_DATABASE_URL"]
    environment["SYNCD_DATABASE_URL_FILE"] = str(file)
    with server_with_password("first") as server, psycopg.connect(server.url, autocommit=True) as connection:

        def write(password: str) -> None:
            file.write_text(server.url.replace("first", password))

        def alter(password: str) -> None:
            connection.execute(f"alter role postgres password '{password}'".encode())
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name like 'syncd%' and pid <> pg_backend_pid()"
            )

        def loads() -> None:
            emulator.add(scenario := Scenario())
            connection.execute("select recall.track(%s)", (scenario.transcript_id,))
            until(lambda: connection.execute("select from syncd.queue").fetchone() is None)

        write("first")
        assert syncd("migrate").returncode == 0
        with daemon(environment, log) as process:
            until(lambda: lines(log, "ready"))
            write("second")
            process.send_signal(signal.SIGHUP)  # before: it is refused
            until(lambda: lines(log, "the settings stay as they were: the new ones cannot be used"))
            alter("second")
            loads()
            told = len(lines(log, "waiting for the database"))  # once or twice: the loss, and the refusal
            alter("third")
            until(lambda: len(lines(log, "waiting for the database")) > told)
            write("third")
            process.send_signal(signal.SIGHUP)  # after
            loads()
            process.terminate()
            assert process.wait(DEADLINE_S) == 0
    assert all(word not in log.read_text() for word in ("first", "second", "third"))


def test_a_process_that_is_frozen_or_killed_is_seen_as_dead_and_one_that_stops_leaves_no_row(
    environment: dict[str, str], tmp_path: Path, ask: Ask, syncd: Command
) -> None:
    environment["SYNCD_HEARTBEAT_SECONDS"] = "1"
    seen = "select live_daemon_count, daemon_seen_at is not null from recall.sync_freshness"
    rows = "select pid from syncd.processes order by started_at"
    with daemon(environment, tmp_path / "log") as process:
        until(lambda: ask(seen) == [(1, True)])
        assert ask("select state, version <> '', host <> '' from syncd.processes") == [("idle", True, True)]
        os.kill(process.pid, signal.SIGSTOP)
        until(lambda: ask(seen) == [(0, True)])
        os.kill(process.pid, signal.SIGCONT)
        until(lambda: ask(seen) == [(1, True)])
        process.kill()
        process.wait()
        assert ask(rows) == [(process.pid,)]
    environment["SYNCD_HEARTBEAT_SECONDS"] = "3600"
    listens = "select 1 from syncd.processes where listener_pid is not null and live_until > now() + interval '2 h'"
    with daemon(environment, tmp_path / "log") as killed:
        until(lambda: ask(seen) == [(1, True)] and ask(listens))
        killed.kill()
        until(lambda: ask(seen) == [(0, True)])  # at once, whatever the interval
        check = syncd("status", "--check")
        assert check.stdout.startswith("SYNCD CRITICAL - default: No daemon is alive. The last one was seen at ")
    assert ask("delete from syncd.processes where live_until > now() + interval '2 h' returning pid") == [
        (killed.pid,)
    ]
    with daemon(environment, tmp_path / "log") as other:
        until(lambda: ask(rows) == [(process.pid,), (other.pid,)] and ask(listens))
        ask("select pg_terminate_backend(listener_pid) from syncd.processes where listener_pid is not null")
        until(lambda: not ask(listens))  # which it tells, for it is not dead
        assert ask(seen) == [(1, True)]
        other.terminate()
        assert other.wait(DEADLINE_S) == 0
    assert ask(rows) == [(process.pid,)]
    assert ask("select stopped_at is not null from syncd.workspaces") == [(True,)]
