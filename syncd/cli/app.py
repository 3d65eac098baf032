"""The command: its verbs, and how errors leave it."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from syncd import __version__
from syncd.cli import demo, emulator, explain, grants, look, migrate, psql, reparse, run, status, track
from syncd.errors import SyncdError
from syncd.log import Scrubber

app = typer.Typer(
    name="syncd",
    help="Keep Recall.ai transcripts in Postgres, without webhooks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, which hold keys
    context_settings={"help_option_names": ["-h", "--help"]},
)
VERBS: tuple[Callable[..., None], ...] = (
    run.run,
    track.track,
    status.status,
    explain.explain,
    look.look,
    reparse.reparse,
    migrate.migrate,
    grants.grants,
    psql.psql,
    demo.demo,
    emulator.emulator,
)
for verb in VERBS:
    app.command()(verb)


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"syncd {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Keep Recall.ai transcripts in Postgres, without webhooks."""


def main() -> None:
    """The console script. A known error is one sentence on standard error and its own exit code."""
    try:
        app()
    except SyncdError as error:
        typer.echo(f"syncd: {Scrubber().scrub(str(error))}", err=True)
        sys.exit(error.exit_code)
