"""The unit on a real systemd: secrets are rotated, it is told to reload, it is killed, its database comes late."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import psycopg
import psycopg.conninfo
import pytest

from recall_emulator import Emulator, Scenario
from tests.acceptance.test_signals import until
from tests.deploy.forwarder import Forwarder
from tests.deploy.machine import Machine, booted


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with the unit."""
    with booted() as machine:
        yield machine


@dataclass(frozen=True)
class Unit:
    """The unit of the machine, with its key, its database and its emulated Recall."""

    machine: Machine
    database_url: str
    emulator: Emulator
    port: int

    def url(self, **changes: str) -> str:
        """The database as the machine sees it."""
        parts = psycopg.conninfo.conninfo_to_dict(self.database_url)
        return psycopg.conninfo.make_conninfo("", **{**parts, "host": "127.0.0.1", "port": str(self.port), **changes})

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the test's database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statement: str) -> None:
        """Execute a statement in the test's database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def is_another(self, before: tuple[str, ...]) -> bool:
        """Whether another process than before is active."""
        now = self.machine.properties("syncd", "MainPID", "ActiveState")
        return now[0] != before[0] and now[1] == "active"

    def track(self, count: int) -> list[UUID]:
        """Track transcripts that are finished."""
        ids = [self.emulator.add(Scenario()) for _ in range(count)]
        for id_ in ids:
            self.ask(f"select recall.track('{id_}')")
        return ids

    def secret(self, name: str, text: str) -> None:
        """Replace a secret, as an operator does."""
        self.machine.write(f"/etc/syncd/{name}", text)

    def settings(self, **settings: str) -> None:
        """Replace the environment file."""
        given = {"SYNCD_API_URL": self.emulator.api_url, "SYNCD_DOWNLOAD_ORIGINS": self.emulator.files_url} | settings
        text = "".join(f"{name}={value}\n" for name, value in given.items())
        self.machine.write("/etc/syncd/syncd.env", text, "644")

    def status(self) -> str:
        """The line of `systemctl status`."""
        return self.machine.properties("syncd", "StatusText")[0]

    def journal(self, *matches: str) -> list[dict[str, str]]:
        """What syncd itself wrote."""
        said = self.machine.run("journalctl", "--output=json", "--quiet", "_SYSTEMD_UNIT=syncd.service", *matches)
        return [json.loads(line) for line in said.splitlines()]

    def events(self, *matches: str) -> list[str]:
        """What happened, of these entries."""
        return [entry.get("EVENT", entry["MESSAGE"]) for entry in self.journal(*matches)]


@pytest.fixture
def database(database_url: str) -> Forwarder:
    """The way from the machine to the database, which is not open yet."""
    return Forwarder(database_url)


@pytest.fixture
def unit(machine: Machine, database_url: str, database: Forwarder, emulator: Emulator) -> Iterator[Unit]:
    """The unit, not started, with a good key and an empty journal."""
    unit = Unit(machine, database_url, emulator, database.port)
    machine.run("journalctl", "--rotate", "--vacuum-time=1us", "--quiet", is_checked=False)
    unit.settings(SYNCD_LEASE_SECONDS="3")
    unit.secret("api_key", "demo-key\n")
    unit.secret("database_url", unit.url())
    yield unit
    machine.run("systemctl", "stop", "syncd")
    machine.run("systemctl", "reset-failed", "syncd", is_checked=False)


@pytest.fixture
def revoked(unit: Unit) -> None:
    """The key is one that Recall refuses."""
    unit.secret("api_key", "revoked-key\n")


@pytest.fixture
def started(unit: Unit, database: Forwarder) -> Iterator[Unit]:
    """The unit, started."""
    with database.open():
        unit.machine.run("systemctl", "start", "syncd")
        yield unit


def test_a_rotated_key_is_taken_by_itself_and_the_journal_tells_what_happened(revoked: None, started: Unit) -> None:
    (id_, *_) = started.track(3)
    until(lambda: started.status().startswith("Paused: Recall refused the API key (401)."))
    (pid,) = started.machine.properties("syncd", "MainPID")
    started.machine.run("systemctl", "start", "syncd-secrets.path")  # it reloads by itself
    started.secret("api_key", "demo-key\n")
    until(lambda: not started.ask("select 1 from syncd.queue"))
    assert started.machine.properties("syncd", "MainPID", "NRestarts") == (pid, "0")
    assert started.events("PRIORITY=3") == ["the workspace is paused"]
    assert started.events("CODE=SYNCD-API-KEY", "PRIORITY=3") == ["the workspace is paused"]
    assert started.events("PRIORITY=4") == ["the workspace is tried again"]
    (finished,) = started.journal(f"TRANSCRIPT_ID={id_}")
    assert (finished["EVENT"], finished["WORKSPACE"], finished["PRIORITY"]) == ("finished", "default", "6")
    assert int(finished["WORDS"]) > 0
    everything = started.machine.run("journalctl", "--output=export")
    started.machine.run("systemctl", "stop", "syncd-secrets.path")
    assert [secret for secret in ("revoked-key", "demo-key", "Signature=") if secret in everything] == []


def test_what_cannot_be_used_is_refused_and_the_next_reload_takes_another_login(started: Unit) -> None:
    role = f"rotated_{os.getpid()}"
    started.secret("proxy", "http://127.0.0.1:9\n")  # where nobody listens
    started.machine.run("systemctl", "reload", "syncd")
    started.machine.run("rm", "/etc/syncd/api_key", "/etc/syncd/proxy")
    with pytest.raises(AssertionError, match=r"Job for syncd\.service failed"):
        started.machine.run("systemctl", "reload", "syncd")
    assert "The credential api_key (/etc/syncd/api_key" in started.status()
    assert " is missing. [SYNCD-SETTING]" in started.status()
    told = started.machine.run("systemctl", "status", "--lines=0", "syncd")
    assert "ExecReload=/usr/local/sbin/syncd-reload (code=exited, status=1/FAILURE)\n" in told
    started.secret("api_key", "demo-key\n")
    started.secret("database_url", started.url(user=role))
    started.settings(SYNCD_LEASE_SECONDS="3", SYNCD_LOG_LEVEL="debug")
    with pytest.raises(AssertionError, match=r"Job for syncd\.service failed"):
        started.machine.run("systemctl", "reload", "syncd")
    assert started.status().startswith("Runs with the former settings: ")
    assert role in started.status()
    until(lambda: started.ask("select 1 from syncd.processes where reason like 'Runs with the former settings:%'"))
    started.secret("database_url", started.url())
    said = started.machine.run("syncd", "status", "--check", is_checked=False)
    started.secret("database_url", started.url(user=role))
    assert said.startswith("SYNCD WARNING - default: Runs with the former settings: ")
    started.execute(f"create role {role} superuser login")
    try:
        started.machine.run("systemctl", "reload", "syncd")
        until(lambda: started.ask(f"select 1 from pg_stat_activity where usename = '{role}'"))
        started.track(1)
        until(lambda: not started.ask("select 1 from syncd.queue"))
        assert started.machine.run("syncd", "status", "--check").startswith("SYNCD OK - ")
        assert started.events("CHANGED=SYNCD_DATABASE_URL, SYNCD_PROXY, SYNCD_LOG_LEVEL") == [
            "the settings were read again"
        ]
        started.machine.run("systemctl", "stop", "syncd")
    finally:
        started.execute(f"drop role {role}")


def test_whatever_ends_it_systemd_starts_it_again_and_nothing_is_lost(started: Unit) -> None:
    ids = started.track(40)
    for number in ("KILL", "TERM"):
        before = started.machine.properties("syncd", "MainPID", "ActiveState")
        started.machine.run("systemctl", "kill", f"--signal={number}", "syncd")
        until(lambda before=before: started.is_another(before))  # type: ignore[misc]  # mypy cannot infer it
    assert started.events("PRIORITY=3") == ["a former process ended without stopping"]  # the one that was killed
    started.machine.run("systemctl", "restart", "syncd")  # as an upgrade does
    until(lambda: not started.ask("select 1 from syncd.queue"))
    loaded = "select count(*) from recall.transcripts where payload_state = 'loaded'"
    assert started.ask(loaded) == [(len(ids),)]


def test_a_database_that_is_down_at_boot_is_waited_for_and_a_monitor_is_told(unit: Unit, database: Forwarder) -> None:
    check = partial(unit.machine.run, "syncd", "status", "--check", is_checked=False)
    unit.settings(SYNCD_DATABASE_WAIT_SECONDS="1")
    unit.machine.run("systemctl", "start", "--no-block", "syncd")
    until(lambda: unit.machine.properties("syncd", "NRestarts") != ("0",))
    assert "SYNCD CRITICAL - The database" in check()
    with database.open():
        until(lambda: unit.machine.properties("syncd", "ActiveState") == ("active",))
        until(lambda: "SYNCD OK - default: 1 alive" in check())
        unit.machine.run("systemctl", "stop", "syncd")
        unit.machine.run("rm", "/etc/syncd/api_key")  # which a look does not need
        assert "SYNCD CRITICAL - default: No daemon is alive." in check()
