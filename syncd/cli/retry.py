"""`syncd retry`: another try for transcripts that ended without their content."""

from typing import Annotated

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.core.admin.reparse import read_moment
from syncd.core.admin.retry import Retriable, read_state
from syncd.core.reading.ids import read_id
from syncd.db.engine import reaching_database, transact
from syncd.db.queue import tracking
from syncd.errors import BadInput


def retry(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="These only.")] = None,
    state: Annotated[
        str | None, typer.Option(metavar="S", help="Only those in this payload_state, such as unavailable.")
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option(metavar="R", help="Only those whose payload_reason holds this, in any case of letters."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only those that ended then or later; UTC if it does not say.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Name them, and change nothing.")] = False,
) -> None:
    """Give transcripts that are missing, abandoned, unavailable, too large or unreadable another try."""
    chosen = Retriable(
        ids=tuple(sorted({read_id(each) for each in ids or []})) or None,
        state=None if state is None else read_state(state),
        reason=reason,
        since=None if since is None else read_moment(since),
    )
    with open_database(open_settings(), is_written=not dry_run) as engine, reaching_database():
        found = transact(engine, lambda connection: tracking.retry(connection, chosen, is_dry_run=dry_run))
    for each in found:
        typer.echo(str(each))
    typer.echo(f"{len(found):,} {'would get' if dry_run else 'get'} another try", err=True)
    if chosen.ids is not None and len(found) < len(chosen.ids):
        left = len(chosen.ids) - len(found)
        raise BadInput(f"{left:,} of the ids do not: `syncd explain ID` says where each of them stands.")
