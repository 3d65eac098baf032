"""`syncd erase`: transcripts with all their rows, for good."""

import sys
from typing import Annotated

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.core.admin.erasure import Erasable, SelectedBy, select
from syncd.db.admin import erasures
from syncd.db.admin.erasures import Extent
from syncd.db.engine import reaching_database, transact
from syncd.errors import BadInput
from syncd.pipeline.erase import erase as erase_all


def erase(
    transcript: Annotated[list[str] | None, typer.Option(metavar="ID", help="This one; may be given again.")] = None,
    recording: Annotated[str | None, typer.Option(metavar="ID", help="All of this recording.")] = None,
    participant_email: Annotated[
        str | None, typer.Option(metavar="E", help="All in which somebody with this e-mail address took part.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="KEY", help="All in which somebody with this id of Zoom, Teams, Meet or Slack took part."
        ),
    ] = None,
    metadata: Annotated[
        str | None, typer.Option(metavar="KEY=VALUE", help="All whose metadata, or whose recording's, say so.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; kept in the receipt, so name nobody in it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase transcripts with all their rows and files, keep them from coming back, and print the receipts."""
    what = select(transcript or [], recording, participant_email, person, metadata)
    with open_database(open_settings(), is_written=not dry_run) as engine, reaching_database():
        there = transact(engine, lambda connection: erasures.extent(connection, what))
        if dry_run:
            typer.echo(f"{_said(there)} would be erased.")
            return
        _confirm(what, there, is_confirmed=yes)
        count = 0
        for receipts in erase_all(engine, what, reason):
            for each in receipts:
                digests = "".join(f" {kind} {digest}" for kind, digest in sorted(each.digests.items()))
                sizes = f"{each.row_count} rows {each.word_count} words {each.byte_count} bytes"
                typer.echo(f"{each.transcript_id} {sizes}{digests}")
            count += len(receipts)
        transact(engine, erasures.analyze)
    typer.echo(f"{count:,} erased; the receipts are in recall.erasures.", err=True)


def _said(there: Extent) -> str:
    return (
        f"{there.transcript_count:,} transcript(s), {there.word_count:,} words, {there.byte_count:,} bytes of files"
    )


def _confirm(what: Erasable, there: Extent, *, is_confirmed: bool) -> None:
    """Ask whoever sits before a terminal. Raises BadInput where nobody does, and Abort for a no."""
    if is_confirmed or (there.transcript_count == 0 and what.by != SelectedBy.TRANSCRIPT):
        return
    if not sys.stdin.isatty():
        raise BadInput(f"{_said(there)} would be erased. Nothing was: say --yes where nobody can be asked.")
    typer.confirm(f"{_said(there)} will be erased for good. Go on?", abort=True, err=True)
