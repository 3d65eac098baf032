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
    change = "as it was" if before == after else f"it was at {before or 'nothing'}"
    typer.echo(f"The schema is at {after}; {change}.")
