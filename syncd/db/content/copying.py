"""Replace the rows of one transcript in a table, by COPY."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from psycopg import sql
from sqlalchemy import Connection, delete

from syncd.db.engine import psycopg_connection, storing
from syncd.db.tables import Base, table_of


def replace_rows(
    connection: Connection,
    entity: type[Base],
    transcript_id: UUID,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Delete what the table holds of the transcript and copy the rows in; `columns` leaves transcript_id out.

    Raises Unstorable; the transaction can then only be rolled back.
    """
    table = table_of(entity)
    connection.execute(delete(table).where(table.c.transcript_id == transcript_id))
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.schema or "public", table.name),
        sql.SQL(", ").join(map(sql.Identifier, ("transcript_id", *columns))),
    )
    with storing(), psycopg_connection(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((transcript_id, *row))
