"""The tables: schema recall for analysts, schema syncd for the daemon, and the descriptions of both.

Each table is a class that stands for it in statements: `select(Queue.stage)`, `update(Queue).where(...)`, executed on
a Connection. There is no ORM. So mypy knows the type of every column, and of every row.

A row becomes a value in one way. The select names the columns of the value in the order of its fields:

    row = connection.execute(select(Workspaces.paused_until, Workspaces.pause_reason).where(...)).one_or_none()
    return None if row is None else CircuitBreaker(*row)

so that mypy compares each column with its field (as far as SQLAlchemy types rows: up to ten columns). Where the SQL
is text, mypy does not see its columns; then they have the names of the fields: `Value(**row._mapping)`, or psycopg's
`class_row(Value)` on a connection of its own. The attributes of a row are never read: they are untyped.
"""

from syncd.db.tables import content, control, recall
from syncd.db.tables.base import CONTROL, DATA, Base, metadata

DATA_TABLES = [table for table in metadata.sorted_tables if table.schema == DATA]
"""Those of schema recall; a table comes after those that it refers to."""

__all__ = ["CONTROL", "DATA", "DATA_TABLES", "Base", "content", "control", "metadata", "recall"]
