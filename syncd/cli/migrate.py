"""`syncd migrate`: bring the schema of the database up to date."""

import typer

from syncd.cli.opening import open_database, open_settings
from syncd.db import schema


def migrate() -> None:
    """Create the schema, or bring it up to date. Safe to repeat."""
    with open_database(open_settings(), is_checked=False) as engine:
        before, after = schema.migrate(engine)
    change = "as it was" if before == after else f"it was at {before or 'nothing'}"
    typer.echo(f"The schema is at {after}; {change}.")
