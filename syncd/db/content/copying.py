"""Put the rows of one transcript into tables, by COPY."""

import functools
from collections.abc import Iterable, Sequence
from itertools import islice
from uuid import UUID

from psycopg import sql
from sqlalchemy import Connection, Delete, bindparam, delete

from syncd.db.engine import psycopg_connection, storing
from syncd.db.tables import Base

LINES_AT_ONCE = 1_000
"""Rows that are handed over together; a judgement: some 500 kB, so that a large transcript is in memory only once."""


def delete_rows(connection: Connection, transcript_id: UUID, *entities: type[Base]) -> None:
    """Delete what the tables hold of the transcript, in one statement."""
    connection.execute(_delete(entities), {"key": transcript_id})


@functools.cache
def _delete(entities: tuple[type[Base], ...]) -> Delete:
    """Made once for each set of tables."""
    tables = (entity.__table__ for entity in entities)
    first, *others = (delete(table).where(table.c.transcript_id == bindparam("key")) for table in tables)
    return first.add_cte(*(other.cte(f"other_{number}") for number, other in enumerate(others)))


def copy_rows(
    connection: Connection, entity: type[Base], transcript_id: UUID, columns: Sequence[str], lines: Iterable[str]
) -> None:
    """Copy rows in; `columns` leaves transcript_id out, and so do the lines (copy_text.line).

    Raises Unstorable; the transaction can then only be rolled back.
    """
    table = entity.__table__
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.schema or "public", table.name),
        sql.SQL(", ").join(map(sql.Identifier, ("transcript_id", *columns))),
    )
    before, left = f"{transcript_id}\t", iter(lines)
    with storing(), psycopg_connection(connection).cursor() as cursor, cursor.copy(statement) as copy:
        while some := list(islice(left, LINES_AT_ONCE)):
            copy.write((before + before.join(some)).encode())
