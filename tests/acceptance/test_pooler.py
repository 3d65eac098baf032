"""The whole product behind a pooler in transaction mode, and another application in the same pool."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from recall_emulator import Emulator, Scenario
from tests.acceptance.pooler import pgbouncer, through
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., subprocess.CompletedProcess[str]]
OWN = {
    "statement_timeout": "77s",
    "idle_in_transaction_session_timeout": "66s",
    "search_path": "theirs",
    "intervalstyle": "sql_standard",
    "timezone": "Asia/Tokyo",
}
"""What the other application's database role has set for all its sessions."""


@pytest.fixture
def pooled(server_url: str, database_url: str, tmp_path: Path) -> Iterator[str]:
    """The connection string of the test's database through a pooler."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for name, value in OWN.items():
            connection.execute(
                psycopg.sql.SQL("alter database {} set {} = {}").format(
                    psycopg.sql.Identifier(connection.info.dbname), psycopg.sql.Identifier(name), value
                )
            )
    with pgbouncer(server_url, tmp_path) as port:
        yield through(port, database_url)


def sessions(pooled: str) -> list[dict[str, str]]:
    """What an application finds in both sessions of the pool, as it holds them at the same time."""
    found = []
    named = make_conninfo(pooled, application_name="other")  # pgbouncer takes no name away where there is none
    with psycopg.connect(named) as first, psycopg.connect(named) as second:
        for connection in (first, second):
            rows = connection.execute(
                "select name, setting from pg_settings where source = 'session' and name <> 'application_name'"
            ).fetchall()
            held = connection.execute(
                "select locktype from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'"
                " union all select pg_listening_channels()"
                " union all select name from pg_prepared_statements"
            ).fetchall()
            found.append({**dict(rows), **{what: "left behind" for (what,) in held}})
            assert {name: connection.execute(f"show {name}".encode()).fetchone() for name in OWN} == {
                name: (value,) for name, value in OWN.items()
            }
    return found


def test_everything_works_behind_it_and_nothing_is_left_in_its_sessions(
    pooled: str, database_url: str, emulator: Emulator, syncd: Command
) -> None:
    scenarios = [Scenario(words=60, provider="deepgram_async") for _ in range(8)]
    ids = [str(emulator.add(scenario)) for scenario in scenarios]

    def run(*arguments: str) -> str:
        done = syncd(*arguments, SYNCD_DATABASE_URL=pooled)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("migrate")
    run("track", *ids)
    assert "no hints behind a pooler" in run("run", "--until-idle", "--timeout", "120")
    assert_everything_is_true(database_url, emulator, scenarios)
    assert "8 transcripts" in run("reparse")
    run("reparse")  # nothing is left of the lock of the one before
    run("status")
    run("explain", ids[0])
    run("poll", ids[0])
    assert sessions(pooled) == [{}, {}]


def test_in_session_mode_it_works_with_the_connections_that_it_gets(
    server_url: str, database_url: str, tmp_path: Path, emulator: Emulator, syncd: Command
) -> None:
    """The pooler has two and says nothing to who wants a third, which each process does by default."""
    scenarios = [Scenario(words=60) for _ in range(8)]
    ids = [str(emulator.add(scenario)) for scenario in scenarios]
    with pgbouncer(server_url, tmp_path, pool_mode="session", query_wait_timeout=600) as port:
        url = make_conninfo(through(port, database_url), connect_timeout=2)
        assert syncd("track", *ids, SYNCD_DATABASE_URL=url).returncode == 0
        run = syncd("run", "--until-idle", "--timeout", "300", SYNCD_DATABASE_URL=url)
        assert run.returncode == 0, run.stdout + run.stderr
        with psycopg.connect(url) as first, psycopg.connect(url) as second:
            assert [connection.execute("select 1").fetchone() for connection in (first, second)] == [(1,), (1,)]
            status = syncd("status", SYNCD_DATABASE_URL=url)
    assert_everything_is_true(database_url, emulator, scenarios)
    assert (status.returncode, status.stderr.count("\n")) == (69, 1)
    assert "SYNCD_DATABASE_CONNECTIONS" in status.stderr
    assert "[SYNCD-DB-CONNECTIONS]" in status.stderr


DATABASES = {
    "by_statement": "dbname={name} pool_mode=statement",
    "of_another": "dbname=nowhere",
    "without_role": "dbname={name} user=nobody_at_all",
    "unreached": "dbname={name} port=1",
}


@pytest.mark.parametrize(
    ("parameters", "exit_code", "words"),
    [
        ({"dbname": "by_statement"}, 78, "SYNCD_DATABASE_URL: a pooler in statement mode allows no transactions."),
        ({"dbname": "of_another"}, 78, 'FATAL:  database "nowhere" does not exist [SYNCD-DB-LOGIN]'),
        ({"dbname": "without_role"}, 78, 'FATAL:  role "nobody_at_all" does not exist [SYNCD-DB-LOGIN]'),
        ({"dbname": "unreached"}, 69, "The pooler got no connection to the server in time."),
        ({"dbname": "pgbouncer"}, 78, "the database pgbouncer is the console of the pooler."),
        ({"dbname": "postgres", "options": "-c work_mem=7MB"}, 78, "unsupported startup parameter: options"),
    ],
    ids=lambda value: value.get("options", value["dbname"]) if isinstance(value, dict) else "",
)
def test_what_a_pooler_has_against_it_is_told_and_not_tried_for_ever(
    server_url: str,
    tmp_path: Path,
    syncd: Command,
    database_url: str,
    parameters: dict[str, str],
    exit_code: int,
    words: str,
) -> None:
    name = str(conninfo_to_dict(database_url)["dbname"])
    databases = {alias: rest.format(name=name) for alias, rest in DATABASES.items()}
    with pgbouncer(server_url, tmp_path, databases, query_wait_timeout=1) as port:
        url = make_conninfo(through(port, database_url), **parameters)
        done = syncd("run", SYNCD_DATABASE_URL=url, SYNCD_DATABASE_WAIT_SECONDS="0")
    assert (done.returncode, done.stderr.count("\n")) == (exit_code, 1), done.stderr
    assert words in done.stderr
