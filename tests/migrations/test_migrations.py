"""Migrations: up from nothing equals the metadata, down and up again, and every object is described."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql

from syncd.db.admin import schema
from syncd.db.engine import Connection, Engine, make_engine
from syncd.db.tables import CONTROL, DATA, metadata
from syncd.db.tables.descriptions import FUNCTIONS, VIEWS
from syncd.errors import ConfigError, SchemaError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_database_url)
    yield engine
    engine.dispose()


def differences(connection: Connection) -> list[object]:
    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return name in (CONTROL, DATA) if kind == "schema" else name != "alembic_version"

    options = {"include_schemas": True, "include_name": is_ours, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_up_from_nothing_equals_the_metadata_comments_and_all(empty: Engine) -> None:
    assert schema.migrate(empty) == (None, schema.head_revision())
    with empty.connect() as connection:
        assert differences(connection) == []
    schema.check(empty)


def test_down_and_up_again_leaves_nothing_behind(empty: Engine) -> None:
    schema.migrate(empty)
    assert schema.migrate(empty, "base") == (schema.head_revision(), None)
    with empty.connect() as connection:
        left = connection.exec_driver_sql(
            "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where n.nspname in ('syncd', 'recall') and c.relkind in ('r', 'v', 'S')"
        )
        assert left.scalars().all() == ["syncd.alembic_version"]
    schema.migrate(empty)
    with empty.connect() as connection:
        assert differences(connection) == []


def test_the_word_for_a_stored_file_changes_in_rows_and_indexes(engine: Engine) -> None:
    asked = """
        select array_agg((payload_state, provider_data_state)::text order by transcript_id),
            (select count(*) from pg_indexes where schemaname = 'recall' and indexdef ~ %(word)s)
        from recall.transcripts
    """
    states = [("pending", None), ("loaded", "stored"), ("stored", "stored"), ("stored", None), ("empty", "none")]
    with engine.begin() as connection:
        for number, (transcript, provider_data) in enumerate(states):
            connection.exec_driver_sql(
                "insert into recall.transcripts"
                " (transcript_id, workspace, first_seen_at, payload_state, provider_data_state)"
                " values (lpad(%s, 32, '0')::uuid, 'default', now(), %s, %s)",
                (str(number), transcript, provider_data),
            )

    def found(word: str) -> list[tuple[list[str], int]]:
        with engine.connect() as connection:
            return [(row[0], row[1]) for row in connection.exec_driver_sql(asked, {"word": word})]

    now = ["(pending,)", "(loaded,stored)", "(stored,stored)", "(stored,)", "(empty,none)"]
    assert found("stored") == [(now, 3)]
    schema.migrate(engine, f"-{int(schema.head_revision()) - 6}")  # to 0006
    assert found("shelved") == [([row.replace("stored", "shelved") for row in now], 3)]
    schema.migrate(engine)
    assert found("stored") == [(now, 3)]


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    assert schema.migrate(engine) == (schema.head_revision(), schema.head_revision())


def test_there_is_one_line_of_revisions() -> None:
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    assert script.get_heads() == [schema.head_revision()]


@pytest.mark.parametrize(
    ("revision", "words"),
    [(None, "no syncd schema yet. Run: syncd migrate"), ("9999", "newer .* Upgrade syncd")],
    ids=["nothing", "newer"],
)
def test_another_schema_is_refused_in_one_sentence(engine: Engine, revision: str | None, words: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from syncd.alembic_version")
        if revision:
            connection.exec_driver_sql("insert into syncd.alembic_version values (%s)", (revision,))
    with pytest.raises(SchemaError, match=words):
        schema.check(engine)
    if revision:
        with pytest.raises(SchemaError, match=words):
            schema.migrate(engine)


def test_a_database_that_is_not_utf8_is_refused_with_the_remedy(server_url: str, empty_database_url: str) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(empty_database_url)["dbname"])
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("create database {} template template0 encoding 'SQL_ASCII' locale 'C'").format(
                sql.Identifier(name)
            )
        )
    engine = make_engine(empty_database_url)
    for act in (schema.check, schema.migrate):
        with pytest.raises(ConfigError, match=r"SQL_ASCII; syncd needs UTF8.*createdb"):
            act(engine)
    engine.dispose()


def test_every_table_view_column_and_function_is_described(engine: Engine) -> None:
    undescribed = """
        select format('%I.%I.%I', n.nspname, c.relname, a.attname)
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0 and not a.attisdropped
        where n.nspname in ('syncd', 'recall') and c.relkind in ('r', 'v') and c.relname <> 'alembic_version'
          and coalesce(col_description(c.oid, a.attnum), '') = ''
        union all
        select format('%I.%I', n.nspname, c.relname)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('syncd', 'recall') and c.relkind in ('r', 'v') and c.relname <> 'alembic_version'
          and coalesce(obj_description(c.oid, 'pg_class'), '') = ''
        union all
        select p.oid::regprocedure::text
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('syncd', 'recall') and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
    """
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert driver.execute(undescribed.encode()).fetchall() == []
    assert VIEWS and FUNCTIONS


def test_every_primary_key_of_the_data_plane_starts_with_transcript_id() -> None:
    for table in metadata.sorted_tables:
        if table.schema == DATA and table.name not in ("events", "search_configs", "workspaces"):
            assert table.primary_key.columns.keys()[0] == "transcript_id", table.name
        for key in table.foreign_keys:
            assert key.column.table.schema == table.schema, f"{table.name} reaches into the other schema"


def test_alembic_upgrade_head_works_from_the_checkout(empty_database_url: str, syncd: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "SYNCD_DATABASE_URL": empty_database_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    engine = make_engine(empty_database_url)
    schema.check(engine)
    with engine.connect() as connection:
        assert differences(connection) == []
        described = connection.exec_driver_sql(
            "select count(*) from pg_description join pg_class on pg_class.oid = objoid"
            " where relnamespace = 'recall'::regnamespace and objsubid > 0"
        ).scalar_one()
    engine.dispose()
    assert described > 70
