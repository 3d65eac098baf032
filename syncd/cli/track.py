"""`syncd track`: begin to track transcripts."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.bootstrap import open_database, open_settings
from syncd.db.engine import reaching_database
from syncd.errors import BadInput
from syncd.pipeline.track import track_lines


def track(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Transcript ids; - reads them from stdin.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A file with one id a line.")] = None,
) -> None:
    """Begin to track transcripts. Tracking one twice is harmless."""
    if not ids and file is None:
        raise BadInput("No ids. Name some, read them from a file with --file F, or from standard input with -.")
    settings = open_settings()
    lines = list(itertools.chain(_arguments(ids or []), _lines(file)))
    with open_database(settings) as engine, reaching_database():
        result = track_lines(engine, lines, settings.workspace)
    typer.echo(f"{result.new_count} new, {result.known_count} known already", err=True)
    for bad in result.bad:
        typer.echo(f"syncd: {BadInput(f'{bad}.')}", err=True)
    for erased in result.erased:
        typer.echo(f"syncd: {BadInput(f'{erased} was erased here, and is not tracked again.')}", err=True)
    if result.bad or result.erased:
        raise typer.Exit(BadInput.exit_code)


def _arguments(ids: list[str]) -> Iterator[str]:
    for argument in ids:
        if argument == "-":
            yield from sys.stdin.buffer.read().decode("utf-8", errors="replace").splitlines()
        else:
            yield argument


def _lines(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        return file.read_bytes().decode("utf-8", errors="replace").splitlines()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.") from None
