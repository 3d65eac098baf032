"""Session defaults of a database, a role or PG* variables: they change nothing, or are refused in a sentence."""

import subprocess
from collections.abc import Callable, Iterable, Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from recall_emulator import Emulator, Scenario
from syncd.db.engine import Connection, make_engine, psycopg_connection
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., subprocess.CompletedProcess[str]]

DATABASE = {
    "datestyle": "SQL, DMY",
    "intervalstyle": "sql_standard",
    "timezone": "Asia/Kathmandu",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "backslash_quote": "off",
    "search_path": "nowhere",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "row_security": "off",
    "exit_on_error": "on",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "statement_timeout": "500ms",
    "lock_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "check_function_bodies": "off",
    "xmlbinary": "hex",
    "xmloption": "document",
    "default_text_search_config": "pg_catalog.turkish",
    "client_min_messages": "debug5",
    "quote_all_identifiers": "on",
    "escape_string_warning": "off",
    "lc_monetary": "C",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "parallel_setup_cost": "0",
    "min_parallel_table_scan_size": "0",
    "default_toast_compression": "pglz",
    "synchronous_commit": "off",
    "jit_above_cost": "0",
    "lo_compat_privileges": "on",
    "client_connection_check_interval": "1s",
    "password_encryption": "md5",
}
"""What a database can bring along. Where it would change what is read, written or waited for, the code pins it."""
SHADOWING_FUNCTION = """
create schema nowhere;
create function nowhere.unnest(text[]) returns setof text language plpgsql
as $$ begin raise exception 'somebody''s own function'; end $$;
grant usage on schema nowhere to public;
"""
"""A better match than the function of Postgres, which takes any array, though its schema comes later in the path."""
SINCE_17 = {"transaction_timeout": "500ms"}
ROLE = {"client_encoding": "LATIN1", "datestyle": "German", "idle_session_timeout": "2s"}
VARIABLES = {
    "PGCLIENTENCODING": "LATIN2",
    "PGTZ": "America/Caracas",
    "PGDATESTYLE": "Postgres, DMY",
    "PGOPTIONS": "-c statement_timeout=400ms -c standard_conforming_strings=off",
    "PGAPPNAME": "Zoë's",
}


@pytest.fixture
def odd(server_url: str, empty_database_url: str) -> Iterator[str]:
    """The connection string of an ordinary role, in a new database with the strangest defaults."""
    name = str(conninfo_to_dict(empty_database_url)["dbname"])
    database, role = sql.Identifier(name), sql.Identifier(name.replace("test", "odd"))
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        newer = SINCE_17 if connection.info.server_version >= 170000 else {}
        connection.execute(SHADOWING_FUNCTION.encode())
        connection.execute(sql.SQL("create role {} login password 'secret'").format(role))
        for schema in ("syncd", "recall"):  # by a DBA
            connection.execute(sql.SQL("create schema {} authorization {}").format(sql.Identifier(schema), role))
        for setting, value in ROLE.items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
            )
        for setting, value in (DATABASE | newer).items():
            connection.execute(
                sql.SQL("alter database {} set {} = {}").format(database, sql.Identifier(setting), sql.Literal(value))
            )
    yield make_conninfo(empty_database_url, user=name.replace("test", "odd"), password="secret")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("alter database {} reset all").format(database))
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop owned by {}").format(role))
        connection.execute(sql.SQL("drop role {}").format(role))


def test_none_of_them_changes_a_row_or_a_command(
    odd: str, server_url: str, empty_database_url: str, emulator: Emulator, syncd: Command
) -> None:
    scenarios = [
        Scenario(words=300, flavour="pass_through", hostile="missing_times"),
        Scenario(words=60, hostile="cjk_rtl_emoji"),
        Scenario(words=40, provider="deepgram_async"),
    ]
    ids = [str(emulator.add(scenario)) for scenario in scenarios]
    settings = {"SYNCD_DATABASE_URL": odd, **VARIABLES}

    def run(*arguments: str) -> str:
        done = syncd(*arguments, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("migrate")
    run("track", *ids)
    run("run", "--until-idle", "--timeout", "120")
    assert "3 transcripts" in run("reparse")
    assert "loaded" in run("status")
    assert "loaded" in run("explain", ids[0])
    assert "as before" in run("migrate")
    under_them = analyst_reads(odd)
    with psycopg.connect(server_url, autocommit=True) as connection:
        database = sql.Identifier(str(conninfo_to_dict(empty_database_url)["dbname"]))
        connection.execute(sql.SQL("alter database {} reset all").format(database))
    assert_everything_is_true(empty_database_url, emulator, scenarios)
    assert under_them == analyst_reads(empty_database_url)


def analyst_reads(url: str) -> tuple[object, ...] | None:
    """What the functions for analysts answer in a session that has the defaults of this role."""
    with psycopg.connect(url, autocommit=True, options="-c statement_timeout=0") as connection:
        return connection.execute("""
            select count(*), count(distinct chunk), md5(string_agg(text, '' order by transcript_id, chunk)),
                (select count(*) from recall.search((select min(text) from recall.words where text ~ '^[a-z]{5}')))
            from recall.chunks(20)
        """).fetchone()


def settings(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """The settings of these names, as they are now."""
    asked = "select name, replace(setting, '\"', '') from pg_settings where name = any(%s)"
    return dict(psycopg_connection(connection).execute(asked, (list(names),)).fetchall())


def test_every_transaction_has_them_and_leaves_nothing_behind(odd: str) -> None:
    engine = make_engine(odd, pool_size=1)
    pinned = {
        "DateStyle": "ISO, MDY",
        "exit_on_error": "off",
        "jit": "off",
        "search_path": "pg_catalog, pg_temp",
        "statement_timeout": "120000",
        "transaction_isolation": "read committed",
    }
    with engine.begin() as connection:
        assert settings(connection, pinned) == pinned
        backend = psycopg_connection(connection).info.backend_pid
    with engine.connect() as connection:  # psycopg's own statements begin it, too
        driver = psycopg_connection(connection)
        assert settings(connection, pinned) == pinned
        assert driver.info.backend_pid == backend
        driver.rollback()
        left = settings(connection, pinned)
    assert left["search_path"] == DATABASE["search_path"]
    assert left["DateStyle"] == "German, DMY"
    assert left["statement_timeout"] == "500"
    engine.dispose()


def test_a_role_for_which_no_foreign_key_counts_is_refused(
    server_url: str, database_url: str, syncd: Command
) -> None:
    name = str(conninfo_to_dict(database_url)["dbname"])
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter database {} set session_replication_role = replica").format(sql.Identifier(name))
        )
    for command in ("run", "migrate"):
        done = syncd(command)
        assert done.returncode == 78
        assert done.stderr.startswith("syncd: session_replication_role is replica for this role or database:")
