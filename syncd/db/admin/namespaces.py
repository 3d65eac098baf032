"""The two schemas, as they are found: missing, made by a DBA and given to this role, or somebody else's."""

from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateSchema

from syncd.db.tables.base import CONTROL, DATA
from syncd.errors import ConfigError

_FOUND = text("""
    select found.nspname, pg_has_role(found.nspowner, 'usage') as is_ours,
        exists (select from pg_class where relnamespace = found.oid and relname !~ '^alembic_version')
            or exists (select from pg_proc where pronamespace = found.oid)
            or exists (select from pg_type where typnamespace = found.oid and typname !~ '^_?alembic_version')
            as is_filled
    from pg_namespace as found where found.nspname in (:control, :data)
""")


def prepare(connection: Connection) -> None:
    """Create the schemas that are missing, before the first migration. An empty one of ours is used as it is.

    Raises ConfigError for one that is not ours, or that holds anything. `create schema if not exists` would need the
    right to create schemas even where both are there.
    """
    found = {row.nspname: row for row in connection.execute(_FOUND, {"control": CONTROL, "data": DATA})}
    for name, row in found.items():
        if row.is_filled:
            raise ConfigError(
                f"Schema {name} of this database holds what is not syncd's. Give syncd a database of its own."
            )
        if not row.is_ours:
            raise ConfigError(
                f"Schema {name} belongs to another role. Run `syncd migrate` as its owner, or have it made over with:"
                f" alter schema {name} owner to ..."
            )
    for name in (CONTROL, DATA):
        if name not in found:
            connection.execute(CreateSchema(name))
