"""`syncd untrack`: end the watch over transcripts."""

from typing import Annotated

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.core.reading.ids import read_id
from syncd.db.engine import reaching_database, transact
from syncd.db.queue import tracking


def untrack(ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Transcript ids.")]) -> None:
    """End the watch over transcripts that have not come to their end. What is here of them stays."""
    wanted = sorted({read_id(each) for each in ids})
    with open_database(open_settings(), is_written=True) as engine, reaching_database():
        count = transact(engine, lambda connection: tracking.untrack(connection, wanted))
    typer.echo(f"{count} no longer tracked, {len(wanted) - count} were not waiting", err=True)
