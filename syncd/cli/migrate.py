"""`syncd migrate`: bring the schema of the database up to date."""

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.db.admin import schema
from syncd.db.engine import reaching_database
from syncd.db.rate_limit import workspaces


def migrate() -> None:
    """Create the schema, or bring it up to date. Safe to repeat."""
    settings = open_settings()
    with open_database(settings, is_migrated=False) as engine:
        before, after = schema.migrate(engine)
        with reaching_database(), engine.begin() as connection:
            workspaces.register(connection, settings.workspace)  # so that recall.track knows where ids belong
    typer.echo(_said(before, after))


def _said(before: str | None, after: str | None) -> str:
    if before is None:
        return f"The schema was made; it is at {after}."
    return f"The schema is at {after}, {'as before' if before == after else f'and was at {before}'}."
