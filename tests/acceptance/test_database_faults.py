"""The real command on a database that refuses it: a code, a sentence and an exit code, and no traceback."""

import json
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from recall_emulator import Emulator, Scenario
from tests.acceptance.test_signals import DEADLINE_S, daemon, until
from tests.conftest import Command
from tests.db.test_faults import raise_sql


@pytest.fixture
def role(database_url: str) -> Iterator[str]:
    """A role that may do nothing; its name."""
    name = f"role_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
        yield name
        connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def alter(database_url: str, what: str, name: str, change: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(sql.SQL(f"alter {what} {{}} {change}").format(sql.Identifier(name)))


@pytest.mark.parametrize("command", [["status"], ["run"]])
@pytest.mark.parametrize(
    ("change", "exit_code", "code"),
    [
        ("nologin", 78, "SYNCD-DB-LOGIN"),
        ("connection limit 0", 69, "SYNCD-DB-CONNECTIONS"),
        ("nosuperuser", 78, "SYNCD-DB-RIGHTS"),
    ],
)
def test_a_role_that_is_refused_is_told_so(
    syncd: Command, database_url: str, role: str, command: list[str], change: str, exit_code: int, code: str
) -> None:
    alter(database_url, "role", role, change)
    url = make_conninfo(database_url, user=role)
    done = syncd(*command, SYNCD_DATABASE_URL=url, SYNCD_DATABASE_WAIT_SECONDS="0")
    assert (done.returncode, done.stderr.count("\n")) == (exit_code, 1), done.stderr
    assert done.stderr.endswith(f"[{code}]\n")


def test_a_database_that_is_not_there_is_a_wrong_setting(syncd: Command, database_url: str) -> None:
    done = syncd("status", SYNCD_DATABASE_URL=make_conninfo(database_url, dbname="nowhere"))
    assert (done.returncode, "[SYNCD-DB-LOGIN]" in done.stderr) == (78, True)


def test_a_read_only_database_is_shown_but_not_served(syncd: Command, database_url: str) -> None:
    name = str(conninfo_to_dict(database_url)["dbname"])
    alter(database_url, "database", name, "set default_transaction_read_only = on")
    done = syncd("run", SYNCD_DATABASE_WAIT_SECONDS="0")
    assert (done.returncode, done.stderr.count("\n")) == (69, 1)
    assert "read just now. [SYNCD-DB-READONLY]" in done.stderr
    assert syncd("status").returncode == 0
    host = str(conninfo_to_dict(database_url)["host"])
    done = syncd(
        "run", SYNCD_DATABASE_WAIT_SECONDS="0", SYNCD_DATABASE_URL=make_conninfo(database_url, host=f"{host},{host}")
    )
    assert "names several hosts: set target_session_attrs=read-write in it [SYNCD-DB-READONLY]" in done.stderr


def test_read_only_under_a_daemon_is_told_once_and_its_end_too(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    name = str(conninfo_to_dict(database_url)["dbname"])
    log = tmp_path / "log"
    with daemon(environment, log) as process:
        until(lambda: '"ready"' in log.read_text())
        alter(database_url, "database", name, "set default_transaction_read_only = on")
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("set default_transaction_read_only = off")
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            emulator.add(scenario := Scenario())
            connection.execute("select recall.track(%s)", (scenario.transcript_id,))
            until(lambda: "SYNCD-DB-READONLY" in log.read_text())
            told = log.read_text().count("waiting for the database")
            process.send_signal(signal.SIGHUP)  # takes settings, and does not end the daemon
            until(lambda: process.poll() is not None or log.read_text().count("waiting for the database") > told)
            told = log.read_text().count("waiting for the database")
            connection.execute(
                sql.SQL("alter database {} reset default_transaction_read_only").format(sql.Identifier(name))
            )
            until(lambda: "the database is back" in log.read_text())
            until(lambda: connection.execute("select from syncd.queue").fetchone() is None)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    assert log.read_text().count("waiting for the database") == told
    assert log.read_text().count("the database is back") == 1


@pytest.mark.parametrize(
    "happens", ["alter table syncd.queue rename column due_at to due_when; notify syncd_wake", ""]
)
def test_a_daemon_leaves_when_the_schema_is_another_one(
    environment: dict[str, str], database_url: str, tmp_path: Path, happens: str
) -> None:
    log = tmp_path / "log"
    if not happens:
        environment["SYNCD_HEARTBEAT_SECONDS"] = "1"
    with daemon(environment, log) as process:
        until(lambda: '"ready"' in log.read_text())
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("update syncd.alembic_version set version_num = '9999'")
            connection.execute(happens.encode())
        assert process.wait(DEADLINE_S) == 69
    told = json.loads(log.read_text().splitlines()[-1])
    assert (told["level"], told["event"]) == ("error", "left, to be started again")
    assert told["reason"] == (
        "The schema of the database is newer (9999) than this syncd. Upgrade syncd. [SYNCD-SCHEMA]"
    )
    assert "Traceback" not in log.read_text()


def test_a_daemon_whose_login_is_refused_takes_the_url_that_its_file_holds_by_then(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path, role: str
) -> None:
    alter(database_url, "role", role, "superuser")
    url, log = tmp_path / "url", tmp_path / "log"
    url.write_text(make_conninfo(database_url, user=role))
    del environment["SYNCD_DATABASE_URL"]
    with daemon(environment | {"SYNCD_DATABASE_URL_FILE": str(url)}, log) as process:
        until(lambda: '"ready"' in log.read_text())
        alter(database_url, "role", role, "nologin")
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", (role,))
            emulator.add(scenario := Scenario())
            connection.execute("select recall.track(%s)", (scenario.transcript_id,))
            until(lambda: "SYNCD-DB-LOGIN" in log.read_text())
            url.write_text(database_url)
            until(lambda: connection.execute("select from syncd.queue").fetchone() is None)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0


def test_a_full_disk_is_told_once_and_what_it_held_up_is_loaded_in_the_end(
    environment: dict[str, str], database_url: str, emulator: Emulator, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(raise_sql("recall.utterance_data", "53100", 1000))
        for _ in range(3):
            emulator.add(scenario := Scenario())
            connection.execute("select recall.track(%s)", (scenario.transcript_id,))
        with daemon(environment, log) as process:
            until(lambda: "waiting for the database" in log.read_text())
            told = connection.execute("select last_error from syncd.queue where attempts = 0").fetchall()
            assert all("[SYNCD-DB-FULL]" in error for (error,) in told if error)
            connection.execute("drop trigger raise_error on recall.utterance_data")
            until(lambda: connection.execute("select from syncd.queue").fetchone() is None)
            process.send_signal(signal.SIGTERM)
            assert process.wait(DEADLINE_S) == 0
    lines = [line for line in log.read_text().splitlines() if '"waiting for the database"' in line]
    assert [('"level": "error"' in line, "[SYNCD-DB-FULL]" in line) for line in lines] == [(True, True)]
