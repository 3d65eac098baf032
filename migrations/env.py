"""Alembic's way in: the connection that `syncd migrate` hands over, or one made from the settings."""

from alembic import context
from sqlalchemy import Connection, text

from syncd.db.admin import namespaces
from syncd.db.admin.schema import current_revision, describe, head_revision, replace_views
from syncd.db.engine import make_engine
from syncd.db.tables import CONTROL, DATA, metadata
from syncd.embedded import database_url
from syncd.settings import load_settings

MIGRATION_LOCK = 7_312_026


def migrate_with(connection: Connection) -> None:
    """Migrate in the caller's transaction; two processes that migrate at once wait for each other."""
    connection.execute(text("set local statement_timeout = 0"))  # to rewrite a large table takes as long as it takes
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if current_revision(connection) is None:
        namespaces.prepare(connection)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table_schema=CONTROL,
        include_schemas=True,
        include_name=_is_ours,
    )
    context.run_migrations()
    if current_revision(connection) == head_revision():
        replace_views(connection)
        describe(connection)


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    return name in (CONTROL, DATA) if kind == "schema" else name != "alembic_version"


def main() -> None:
    """Run against the connection that was handed over, or the configured database."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate_with(connection)
        return
    with database_url(load_settings(), creates=True) as url, make_engine(url).begin() as connection:
        migrate_with(connection)


main()
