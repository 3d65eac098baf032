"""Replace the rows of one transcript in a table, by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table

from syncd.db.engine import storing


def replace_rows(
    connection: Connection, table: Table, transcript_id: UUID, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Delete what the table holds of the transcript and copy the rows in; `columns` leaves transcript_id out.

    Raises Unstorable; the transaction can then only be rolled back.
    """
    connection.execute(table.delete().where(table.c.transcript_id == transcript_id))
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):  # pragma: no cover: the engine is made for psycopg
        raise TypeError(driver)
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.schema or "public", table.name),
        sql.SQL(", ").join(map(sql.Identifier, ("transcript_id", *columns))),
    )
    with storing(), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((transcript_id, *row))
