"""`syncd emulator`: the command of recall-emulator, with options named like syncd's settings."""

import shlex
from typing import TYPE_CHECKING

import typer

from syncd.demo import require_emulator

if TYPE_CHECKING:
    from recall_emulator import Emulator


def emulator(context: typer.Context) -> None:
    """Emulate the Recall API and its file store, until interrupted."""
    require_emulator()
    from recall_emulator.command import main

    main(context.args, "syncd emulator", _announce)


def _announce(emulated: "Emulator") -> None:
    key = next(iter(emulated.options.keys))
    typer.echo(f"Emulating the Recall API on {emulated.api_url}, its file store on {emulated.files_url}.", err=True)
    typer.echo("To point syncd at it, in its shell:\n", err=True)
    typer.echo(f"  export SYNCD_API_URL={emulated.api_url}", err=True)
    typer.echo(f"  export SYNCD_API_KEY={shlex.quote(key)}", err=True)
    typer.echo(f"  export SYNCD_DOWNLOAD_ORIGINS={emulated.files_url}\n", err=True)
