"""A server that speaks German: what an error is depends on its SQLSTATE, and on no word."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import exc

from recall_emulator import Emulator, Scenario
from syncd import errors
from syncd.db.engine import make_engine, reaching_database
from tests.acceptance.test_signals import until
from tests.acceptance.truth import assert_everything_is_true
from tests.conftest import Command
from tests.servers import Server, server_with_password

COMPILING = {"jit_above_cost": "0", "jit_inline_above_cost": "0", "jit_optimize_above_cost": "0"}
"""Each statement would be compiled, which takes longer than a call may wait after it is paid for."""
NO_ROOM = """
do $$ begin
    raise exception 'Auf dem Gerät ist kein Speicherplatz mehr verfügbar' using errcode = 'disk_full';
end $$
"""
TOO_MUCH = """
set local temp_file_limit = 0; set local work_mem = 64;
select count(*) from (select n from generate_series(1, 100000) as n order by random()) as numbers
"""


@pytest.fixture(scope="module")
def german() -> Iterator[Server]:
    with server_with_password("canary", is_german=True) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for name, value in COMPILING.items():
                connection.execute(f"alter system set {name} = {value}".encode())
            connection.execute("select pg_reload_conf()")
            connection.execute("create role full_up login connection limit 0 password 'canary'")
            connection.execute("create role stranger login password 'canary'")
        yield server


def test_it_is_served_and_each_refusal_has_its_own_code(german: Server, syncd: Command, emulator: Emulator) -> None:
    emulator.add(scenario := Scenario(words=60, provider="deepgram_async"))

    def run(*arguments: str, exit_code: int = 0, code: str = "", **changes: str) -> None:
        url = make_conninfo(german.url, **changes)
        done = syncd(*arguments, SYNCD_DATABASE_URL=url, SYNCD_DATABASE_WAIT_SECONDS="0")
        assert (done.returncode, f"[{code}]" in done.stderr) == (exit_code, bool(code)), done.stderr

    run("migrate")
    run("track", str(scenario.transcript_id))
    run("run", "--until-idle", "--timeout", "60")
    assert_everything_is_true(german.url, emulator, [scenario])
    run("status", exit_code=78, code="SYNCD-DB-LOGIN", password="wrong")
    run("status", exit_code=78, code="SYNCD-DB-LOGIN", user="nobody")
    run("status", exit_code=78, code="SYNCD-DB-LOGIN", dbname="nowhere")
    run("status", exit_code=78, code="SYNCD-DB-RIGHTS", user="stranger")
    run("status", exit_code=69, code="SYNCD-DB-CONNECTIONS", user="full_up")
    run("run", exit_code=69, code="SYNCD-DB-READONLY", options="-c default_transaction_read_only=on")


@pytest.mark.parametrize(
    ("statements", "kind", "words"),
    [
        ("set local statement_timeout = 1; select pg_sleep(60)", errors.DatabaseBusy, "Anfrage"),
        ("set transaction read only; create table public.one (n int)", errors.DatabaseReadOnly, "Read-Only"),
        ("set local role stranger; select * from recall.transcripts", errors.RightsMissing, "keine Berechtigung"),
        ("select * from public.nowhere", errors.SchemaError, "existiert nicht"),
        (TOO_MUCH, errors.DatabaseFault, "temp_file_limit"),
        (NO_ROOM, errors.DatabaseFull, "Speicherplatz"),
        ("select cast(chr(120) as integer)", exc.DataError, r'ungültig.*: "\.\.\." \(SQLSTATE 22P02\)'),
    ],
)
def test_what_a_transaction_meets_is_what_its_sqlstate_says(
    german: Server, statements: str, kind: type[Exception], words: str
) -> None:
    engine = make_engine(german.url)
    with pytest.raises(kind, match=words), reaching_database(), engine.begin() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()


def test_a_deadlock_is_one_in_any_language(german: Server) -> None:
    engine = make_engine(german.url)
    lock = "select pg_advisory_xact_lock({})"
    with psycopg.connect(german.url) as other, psycopg.connect(german.url, autocommit=True) as observer:
        other.execute("set deadlock_timeout = '10min'")
        other.execute(lock.format(1).encode())
        with pytest.raises(errors.DatabaseBusy, match="Verklemmung"), reaching_database(), engine.begin() as ours:
            ours.exec_driver_sql(f"set local deadlock_timeout = 1; {lock.format(2)}")
            waiting = threading.Thread(target=other.execute, args=(lock.format(2).encode(),))
            waiting.start()
            until(lambda: observer.execute("select 1 from pg_locks where not granted").fetchone())
            ours.exec_driver_sql(lock.format(1))
        waiting.join()
    engine.dispose()
