"""`syncd psql`: the configured database, or the embedded one, in psql."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from syncd import embedded
from syncd.cli.bootstrap import open_settings
from syncd.db.engine import libpq_environment
from syncd.errors import ConfigError


def psql(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[-- PSQL ARGUMENTS]", help="Handed on to psql.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--embedded", metavar="DIRECTORY", help="The embedded Postgres in this directory.")
    ] = None,
) -> None:
    """Open the database in psql, starting the embedded Postgres for as long as it takes."""
    settings = open_settings()
    opened = embedded.running(directory) if directory else embedded.database_url(settings)
    with opened as url:
        environment = os.environ | libpq_environment(url)
        done = subprocess.run([_psql(), *(arguments or [])], env=environment, check=False)  # noqa: S603  the user's own arguments
    sys.exit(done.returncode)


def _psql() -> str:
    """The embedded one, which is the newest, or the machine's own."""
    with contextlib.suppress(ImportError):
        return str(embedded.program("psql"))
    found = shutil.which("psql")
    if found is None:
        raise ConfigError("There is no psql on this machine. Install postgresql-client, or syncd[embedded].")
    return found
