"""`syncd reparse`: load the stored files into the tables again."""

import sys
import threading
import time
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from syncd.cli.bootstrap import open_database, open_settings
from syncd.cli.printing import plain
from syncd.core.admin.reparse import Reread, RereadResult, RereadTotals, Selection, select
from syncd.core.explain.wording import span
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.db.admin import reparses
from syncd.db.engine import Engine, reaching_database
from syncd.errors import BadInput, StillWaiting
from syncd.log import get_logger, visible
from syncd.pipeline import reparse as stage
from syncd.service.signals import stopping

TELL_EVERY_S = 10.0
NO_MATCH = "No stored file matches; nothing to read."
HIGHEST_VERSION = 2**31 - 1

log = get_logger(__name__)


def reparse(
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only files downloaded then or later; UTC if it does not say.")
    ] = None,
    provider: Annotated[str | None, typer.Option(help="Only files of this provider, such as deepgram_async.")] = None,
    older_than_parser: Annotated[
        int | None,
        typer.Option(min=1, max=HIGHEST_VERSION, help="Only files that an older parser read last, or none."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would be read, and change nothing.")] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin afresh, even where one like this was interrupted.")
    ] = False,
) -> None:
    """Load the stored files into the tables again, without a call to Recall; a daemon may run meanwhile."""
    selection = select(since, provider, older_than_parser)
    with open_database(open_settings()) as engine:
        if dry_run:
            _count(engine, selection)
        else:
            _reparse(engine, selection, restart)


def _count(engine: Engine, selection: Selection) -> None:
    with reaching_database(), engine.connect() as connection:
        portions = reparses.portions(connection, selection)
        progress = reparses.progress(connection, selection, PARSER_VERSION)
    table = Table("provider", "parser", "files", "bytes", box=None)
    for portion in portions:
        version = "none" if portion.parser_version is None else str(portion.parser_version)
        provider = Text(visible(portion.provider or "not known"))
        table.add_row(provider, version, f"{portion.file_count:>7,}", f"{portion.byte_count:>15,}")
    if not portions:
        typer.echo(NO_MATCH)
        return
    Console(highlight=False).print(table)
    file_count, byte_count = sum(each.file_count for each in portions), sum(each.byte_count for each in portions)
    typer.echo(f"Parser {PARSER_VERSION} would read {file_count:,} files again, {decimal(byte_count)}.")
    if progress is not None:
        typer.echo(f"{_interrupted(progress)}; it would go on there.")


def _reparse(engine: Engine, selection: Selection, is_afresh: bool) -> None:
    tally, stop, began = RereadTotals(), threading.Event(), time.monotonic()
    with stopping(stop), reaching_database(), reparses.only_one(engine, stop):
        progress, absent_count = stage.begin(engine, selection, is_afresh=is_afresh)
        if progress.done_count:
            typer.echo(f"{_interrupted(progress)}; this one goes on there.", err=True)
        total = progress.done_count + absent_count
        if total == 0:
            typer.echo(NO_MATCH)
            return
        teller = _Teller(tally, progress.done_count, total)
        with teller.bar:
            is_through = stage.reparse(engine, selection, progress, stop, teller.tell)
    size, took = decimal(tally.byte_count), span(time.monotonic() - began)
    typer.echo(f"Parser {PARSER_VERSION}, {tally.transcript_count:,} transcripts, {size}, {took}. Files: {tally}.")
    if not is_through:
        done_count = progress.done_count + tally.transcript_count
        raise StillWaiting(
            f"Stopped after {done_count:,} of {total:,} transcripts. The same command goes on there; with --restart"
            " it begins afresh."
        )
    if tally.results[RereadResult.LOST]:
        typer.echo("syncd: What cannot be read any more is in the tables as it was before.", err=True)
        raise typer.Exit(BadInput.exit_code)


def _interrupted(progress: reparses.Progress) -> str:
    return f"One begun at {progress.started_at:%F %T %Z} was interrupted after {progress.done_count:,} transcripts"


class _Teller:
    """Counts, and shows how far it is: a bar on a terminal, elsewhere a line from time to time."""

    def __init__(self, tally: RereadTotals, done_count: int, total: int) -> None:
        self._tally, self._done_count, self._total = tally, done_count, total
        self._is_terminal = sys.stderr.isatty()
        columns = (TextColumn("transcripts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), disable=not self._is_terminal)
        self._task = self.bar.add_task("", total=total, completed=done_count)
        self._told_at = time.monotonic()

    def tell(self, transcript_id: UUID, rereads: list[Reread]) -> None:
        """One transcript more is through."""
        self._tally.add(rereads)
        self.bar.advance(self._task)
        for reread in rereads:
            if reread.result == RereadResult.LOST:
                self._name(f"{transcript_id}, {reread.kind}: {reread.reason}")
        if not self._is_terminal and time.monotonic() - self._told_at >= TELL_EVERY_S:
            self._told_at = time.monotonic()
            log.info("reading again", done=self._done_count + self._tally.transcript_count, total=self._total)

    def _name(self, file: str) -> None:
        if self._is_terminal:
            self.bar.console.print(Text(plain(f"Not readable any more: {file}")))
        else:
            log.warning("not readable any more", file=file)
