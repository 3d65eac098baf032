"""A database with so many transcripts, made by SQL; their content stays empty."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from syncd.db.admin import schema
from syncd.db.engine import Connection, Engine, psycopg_connection

_HERE = Path(__file__).parent
_ROWS_AT_ONCE = 500_000
_INDEXES = """
    select format('%I.%I', schemaname, indexname), indexdef from pg_indexes
    where schemaname = 'recall' and indexname not like '%_pkey'
"""


def build(engine: Engine, settled: int, pending: int) -> None:
    """Fill a new database, and let Postgres count it, as autovacuum would."""
    schema.migrate(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver = psycopg_connection(connection)
        driver.execute("set statement_timeout = 0")
        driver.execute("set session_replication_role = replica")  # foreign keys hold by themselves here
        driver.execute("set maintenance_work_mem = '512MB'")
        _fill(connection, settled, pending)
        driver.execute("vacuum analyze")
        driver.execute("checkpoint")


def _fill(connection: Connection, settled: int, pending: int) -> None:
    driver = psycopg_connection(connection)
    indexes = _row_list(driver.execute(_INDEXES).fetchall())
    for name, _ in indexes:
        driver.execute(sql.SQL("drop index {}").format(sql.Identifier(*name.split("."))))
    now = datetime.now().astimezone()
    parameters = {"now": now, "settled": settled, "pending": pending}
    transcripts = _client_side(driver)
    for first in range(1, settled + 1, _ROWS_AT_ONCE):
        some = {"first": first, "last": min(first + _ROWS_AT_ONCE - 1, settled)}
        transcripts.execute((_HERE / "transcripts.sql").read_bytes(), parameters | some)
    driver.execute((_HERE / "others.sql").read_bytes())
    transcripts.execute((_HERE / "pending.sql").read_bytes(), parameters)
    for _, definition in indexes:
        driver.execute(definition.encode())


def _client_side(driver: psycopg.Connection) -> "psycopg.ClientCursor[tuple[object, ...]]":
    """Several statements with parameters at once: only a client can put them in."""
    return psycopg.ClientCursor(driver)


def _row_list(rows: Sequence[tuple[object, ...]]) -> list[tuple[str, str]]:
    return [(str(name), str(definition)) for name, definition in rows]
