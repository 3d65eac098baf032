"""Connections to the database, bounded in time, and failing with words that hold no secret."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    TableValuedAlias,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from syncd.core.reading.document import write_document
from syncd.db import libpq, session
from syncd.db.faults import after_commit, make_anew_where_read_only, reaching_database, storing, transact
from syncd.db.pool import Pool, note_statements

__all__ = [
    "Connection",
    "Engine",
    "after_commit",
    "conninfo",
    "database_now",
    "make_engine",
    "psycopg_connection",
    "reaching_database",
    "storing",
    "transact",
    "unnested",
]

CONNECTION_WAIT_S = 30.0
"""How long to wait for a free connection. A judgement: hundreds of transactions fit into it."""
_CONNINFO = "syncd_conninfo"


def make_engine(database: str | Callable[[], str], pool_size: int = 5) -> Engine:
    """An engine for a connection string, or for whatever string the callable answers when a connection is made.

    It makes at most `pool_size` connections; who finds none free waits. SQLAlchemy never sees the string: libpq takes
    it as it is. Raises ConfigError where libpq refuses it.
    """

    def current() -> str:
        return database if isinstance(database, str) else database()

    libpq.check(current())
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: libpq.connect(current()),
        poolclass=Pool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=CONNECTION_WAIT_S,
        pool_pre_ping=True,
        use_native_hstore=False,  # else each connection asks for its type, outside any transaction
        json_serializer=write_document,
        hide_parameters=True,  # parameters hold transcripts; they must not reach a traceback
        execution_options={_CONNINFO: current},
    )
    note_statements(engine)
    event.listen(engine, "begin", _begin)
    make_anew_where_read_only(engine, lambda: libpq.remedy_where_read_only(current()))
    return engine


def conninfo(engine: Engine) -> str:
    """The engine's database for psycopg itself. Holds the password: never log it."""
    current: Callable[[], str] = engine.get_execution_options()[_CONNINFO]
    return current()


def _begin(connection: Connection) -> None:
    """Begin the transaction with what it relies on, in one message; psycopg, in autocommit mode, begins none."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return
    statements = session.begin(_driver(connection).info.server_version)
    connection.exec_driver_sql(statements, execution_options={"no_parameters": True})


def psycopg_connection(connection: Connection) -> psycopg.Connection:
    """The driver's own connection, in the same transaction, for what SQLAlchemy has no words for."""
    if not connection.in_transaction():
        connection.begin()
    return _driver(connection)


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):  # pragma: no cover: the engine is made for psycopg
        raise TypeError(driver)
    return driver


def database_now(connection: Connection) -> datetime:
    """The database's clock: the only one that decisions are made by."""
    return connection.execute(select(func.clock_timestamp(type_=DateTime(timezone=True)))).scalar_one()


def unnested(
    name: str,
    columns: Mapping[str, tuple[Sequence[object], Any]],  # Any: an SQL type, each column's own, or its class
) -> TableValuedAlias:
    """Rows to join with, handed in as one array for each column: its values and their type."""
    arrays = [
        cast(bindparam(None, list(values), type_=ARRAY(type_)), ARRAY(type_)) for values, type_ in columns.values()
    ]
    return func.unnest(*arrays).table_valued(*columns, name=name).render_derived()
