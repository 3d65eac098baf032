"""Errors of a real server: sorted by SQLSTATE, told in one sentence, and tried again where they may pass."""

import threading
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import exc, text

from syncd import errors
from syncd.db import engine as engines
from syncd.db import faults, libpq
from syncd.db.engine import (
    Connection,
    Engine,
    after_commit,
    make_engine,
    psycopg_connection,
    reaching_database,
    transact,
)
from syncd.db.pool import longest_unanswered_s

RAISE = """
create sequence public.raised;
create function public.raise_error() returns trigger language plpgsql as $$
begin
    if nextval('public.raised') <= {times} then raise exception using errcode = '{sqlstate}'; end if;
    return new;
end $$;
create trigger raise_error before insert or update on {table} for each row execute function public.raise_error();
"""


def raise_sql(table: str, sqlstate: str, times: int) -> bytes:
    """Makes the first `times` writes of rows of a table fail; a sequence counts them, for it is not rolled back."""
    return RAISE.format(table=table, sqlstate=sqlstate, times=times).encode()


def make_raise(connection: Connection, table: str, sqlstate: str, times: int) -> None:
    """The same through SQLAlchemy."""
    connection.exec_driver_sql(raise_sql(table, sqlstate, times).decode())


@pytest.mark.parametrize("option", ["work_mem=abc", "role=nobody_at_all", "nosuch=1"])
def test_an_option_that_the_server_does_not_take_is_a_wrong_setting(database_url: str, option: str) -> None:
    conninfo = psycopg.conninfo.make_conninfo(database_url, options=f"-c {option}")
    with pytest.raises(errors.ConfigError, match=option.partition("=")[0]) as caught, reaching_database():
        make_engine(conninfo).connect()
    assert type(caught.value) is errors.ConfigError


def test_a_database_that_allows_no_connections_is_away(server_url: str, empty_database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(empty_database_url)["dbname"]
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'alter database "{name}" allow_connections false'.encode())
    with pytest.raises(errors.DatabaseAway), reaching_database():
        libpq.connect(empty_database_url)


def test_where_none_of_several_hosts_answered_each_is_told() -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        libpq.connect("host=127.0.0.1,127.0.0.1 port=1,2 dbname=d")
    told = str(faults.fault_of(caught.value))
    assert [told.count(each) for each in ("port 1 failed:", "port 2 failed:", "refused", "host:")] == [1, 1, 2, 0]


def test_an_error_of_a_session_is_told_in_its_own_words_alone(engine: Engine) -> None:
    with pytest.raises(errors.SchemaError) as caught, reaching_database(), engine.begin() as connection:
        connection.exec_driver_sql("select nothing")
    assert caught.value.message.endswith(': column "nothing" does not exist (SQLSTATE 42703)')


def copy(line: str) -> Callable[[Connection], object]:
    def work(connection: Connection) -> None:
        with engines.psycopg_connection(connection).cursor() as cursor, cursor.copy("copy told from stdin") as copied:
            copied.write(line)

    return work


def ask(question: str, value: str) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(text(question), {"value": value})


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (copy("raise\tcanary\n"), "boom (SQLSTATE P0001)"),
        (
            copy("\\N\tcanary\n"),
            'null value in column "a" of relation "told" violates not-null constraint (SQLSTATE 23502)',
        ),
        (copy("a\tcanary\tcanary\n"), "extra data after last expected column (SQLSTATE 22P04)"),
        (ask("insert into told values (:value, '1'), (:value, '2')", "canary"), '"told_pkey" (SQLSTATE 23505)'),
        (ask("select cast(:value as integer)", 'a "canary", or\ncanary'), 'type integer: "..." (SQLSTATE 22P02)'),
        (ask("select cast(:value as jsonb)", '{"canary'), "invalid input syntax for type json (SQLSTATE 22P02)"),
    ],
)
def test_no_error_tells_a_row_or_a_value(engine: Engine, work: Callable[[Connection], object], words: str) -> None:
    with pytest.raises(faults.Sorted) as caught, engine.begin() as connection:
        connection.exec_driver_sql("create temp table told (a text primary key, b text) on commit drop")
        connection.exec_driver_sql(
            "create function pg_temp.boom() returns trigger language plpgsql as $$begin raise 'boom'; end$$;"
            "create trigger boom before insert on told for each row"
            " when (new.a = 'raise') execute function pg_temp.boom()"
        )
        work(connection)
    told = "".join(traceback.format_exception(caught.value))
    assert "canary" not in told
    assert words in told


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03", "57014", "25006"])
def test_what_may_pass_is_done_again_in_place(engine: Engine, sqlstate: str) -> None:
    tries = 0
    told: list[int] = []
    with engine.begin() as connection:
        make_raise(connection, "syncd.workspaces", sqlstate, 3)

    def work(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        after_commit(connection, lambda: told.append(tries))
        return connection.exec_driver_sql(
            "insert into syncd.workspaces (workspace, registered_at) values ('w', now())"
        ).rowcount

    assert transact(engine, work) == 1
    assert (tries, told) == (4, [4])


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [("53100", errors.DatabaseFull), ("42501", errors.RightsMissing), ("42703", errors.SchemaError)],
)
def test_what_does_not_pass_is_not_done_again(engine: Engine, sqlstate: str, kind: type[errors.SyncdError]) -> None:
    with engine.begin() as connection:
        make_raise(connection, "syncd.workspaces", sqlstate, 1)
    insert = "insert into syncd.workspaces (workspace, registered_at) values ('w', now())"
    with pytest.raises(kind):
        transact(engine, lambda connection: connection.exec_driver_sql(insert))
    with engine.begin() as connection:
        assert connection.exec_driver_sql(insert).rowcount == 1


def test_what_is_to_be_told_after_a_commit_is_refused_where_nothing_would_tell_it(engine: Engine) -> None:
    told: list[str] = []

    def fail(connection: Connection) -> None:
        after_commit(connection, told.append, "of a rollback")
        raise errors.BadInput

    with pytest.raises(errors.BadInput):
        transact(engine, fail)
    transact(engine, lambda connection: after_commit(connection, told.append, "of a commit"))
    with engine.begin() as connection, pytest.raises(KeyError):  # `transact` has had it before
        after_commit(connection, told.append, "of nobody")
    assert told == ["of a commit"]


def test_a_fault_of_ours_stays_what_it_is(engine: Engine) -> None:
    with pytest.raises(exc.IntegrityError), reaching_database():
        transact(engine, lambda connection: connection.exec_driver_sql("insert into syncd.workspaces values (null)"))


def test_a_transaction_that_was_cut_off_is_done_again_but_not_one_whose_commit_was(
    engine: Engine, database_url: str
) -> None:
    def cut(connection: Connection) -> None:
        pid = connection.exec_driver_sql("select pg_backend_pid()").scalar_one()
        with psycopg.connect(database_url, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s, 5000)", (pid,))

    cuts: list[Callable[[Connection], None]] = [cut, lambda _: None]

    def work(connection: Connection) -> Any:
        cuts.pop(0)(connection)
        return connection.exec_driver_sql("select 1").scalar_one()

    assert transact(engine, work) == 1
    assert cuts == []
    with pytest.raises(errors.DatabaseAway):
        transact(engine, cut)  # the commit fails, and may have been done


def test_where_the_server_only_reads_the_connections_are_made_anew(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pid(connection: Connection) -> int:
        return int(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())

    with engine.connect() as one, engine.connect() as two:
        before = {pid(one), pid(two)}
    monkeypatch.setattr(libpq, "remedy_where_read_only", lambda _: "Do this")
    with (
        pytest.raises(errors.DatabaseReadOnly, match=r"transaction \(SQLSTATE 25006\)\. Do this"),
        reaching_database(),
        engine.begin() as connection,
    ):
        connection.exec_driver_sql("set transaction read only")
        connection.exec_driver_sql("insert into syncd.workspaces (workspace, registered_at) values ('w', now())")
    with engine.connect() as one, engine.connect() as two:
        assert before.isdisjoint({pid(one), pid(two)})


def test_who_gets_no_connection_of_the_server_waits_for_one_of_the_pool(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "AGAIN_FOR_S", 0.0)  # it is the pool that waits
    ready = threading.Barrier(6)
    pids = set[int]()

    def work(connection: Connection) -> None:
        pids.add(connection.exec_driver_sql("select pg_backend_pid() from pg_sleep(0.02)").scalar_one())

    def run() -> None:
        ready.wait(60)
        for _ in range(5):
            transact(engine, work)

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create role limited login connection limit 2")
    engine = make_engine(psycopg.conninfo.make_conninfo(database_url, user="limited"), pool_size=6)
    try:
        threads = [threading.Thread(target=run) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert 0 < len(pids) <= 2
    finally:
        engine.dispose()
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute("drop role limited")


def sleep_until_cancelled(connection: Connection) -> None:
    with pytest.raises(exc.OperationalError):
        connection.exec_driver_sql("select pg_sleep(60)")


def test_a_pool_whose_connections_are_all_in_use_says_so_in_the_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CONNECTION_WAIT_S", 0.05)
    engine = make_engine(database_url, pool_size=1)
    with (
        engine.connect() as connection,
        pytest.raises(errors.NoConnectionFree, match="SYNCD_DATABASE_CONNECTIONS"),
        reaching_database(),
    ):
        engine.connect()
    with engine.connect() as connection:
        sleep = threading.Thread(target=sleep_until_cancelled, args=(connection,), daemon=True)
        sleep.start()
        while longest_unanswered_s(engine) < engines.CONNECTION_WAIT_S:  # 0 until the statement is sent
            assert sleep.is_alive()
        with pytest.raises(errors.DatabaseStuck), reaching_database():  # more connections would not help
            engine.connect()
        psycopg_connection(connection).cancel()
        sleep.join(60)
    assert longest_unanswered_s(engine) == 0.0
    engine.dispose()
