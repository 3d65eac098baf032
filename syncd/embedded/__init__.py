"""The embedded Postgres: a real server from a wheel, for machines that have none.

It listens on a Unix socket only, and the processes that use it share it: the first starts it, the last one stops it,
unless somebody else is still connected. docs/adr/0009-embedded-postgres.md says what it does to the machine.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from syncd.embedded import account, server
from syncd.embedded.account import program
from syncd.embedded.sharing import Sharing
from syncd.errors import ConfigError, EmbeddedFault
from syncd.log import get_logger
from syncd.settings import Settings

__all__ = ["database_url", "program", "remove", "running"]


@contextlib.contextmanager
def database_url(settings: Settings, *, creates: bool = False) -> Iterator[str]:
    """The URL of the configured database, or else of the embedded one, which is logged.

    Only with `creates` is an embedded one made where there is none. Raises ConfigError where there is neither.
    """
    if (dsn := settings.dsn) is not None:
        yield dsn.get_secret_value()
        return
    if not account.is_installed():
        raise ConfigError(
            "SYNCD_DATABASE_URL is not set. Set it to a Postgres such as postgresql://user@host/database,"
            " or install the embedded one: pip install 'syncd[embedded]'"
        )
    directory = settings.state_directory / "postgres"
    with running(directory, creates=creates) as url:
        get_logger(__name__).info(
            "SYNCD_DATABASE_URL is not set: using the embedded Postgres", directory=str(directory)
        )
        yield url


@contextlib.contextmanager
def running(directory: Path, *, creates: bool = True) -> Iterator[str]:
    """The URL of an embedded Postgres with its data in the directory, while the block lasts.

    Raises EmbeddedFault where there is none and none is to be made, and where it cannot be made or started.
    """
    directory = Path(os.path.realpath(directory))
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # they are about another database, and libpq would use them for this one, too
    with contextlib.ExitStack() as stack:
        with _explained(directory):
            if not creates and not server.exists(directory):
                raise EmbeddedFault(
                    f"There is no embedded Postgres in {directory}. Set SYNCD_DATABASE_URL, or run `syncd migrate`,"
                    " which makes an embedded one in the folder that SYNCD_STATE_DIR names."
                )
            who = account.of(directory)
            directory.parent.mkdir(parents=True, exist_ok=True)
            sharing = stack.enter_context(Sharing(directory, who))
            with sharing.one_at_a_time():
                sockets = server.start(directory, who, is_alone=sharing.join())
        try:
            yield f"postgresql://{server.SUPERUSER}@/{server.DATABASE}?host={sockets}&port={server.PORT}"
        finally:
            with sharing.one_at_a_time():
                if sharing.is_alone() and not server.has_clients(directory):
                    server.stop(directory)


def remove(directory: Path) -> None:
    """Delete the data of an embedded Postgres. Raises EmbeddedFault while anybody uses it."""
    directory = Path(os.path.realpath(directory))
    if not server.exists(directory):
        return
    with _explained(directory), Sharing(directory, account.of(directory)) as sharing, sharing.one_at_a_time():
        if not sharing.is_alone() or server.has_clients(directory):
            raise EmbeddedFault(
                f"The Postgres in {directory} is in use. Leave what is connected to it, such as psql."
            )
        server.stop(directory)
        shutil.rmtree(directory)


@contextlib.contextmanager
def _explained(directory: Path) -> Iterator[None]:
    """Turns the operating system's refusals into EmbeddedFault."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename and str(error.filename) != str(directory) else ""
        raise EmbeddedFault(
            f"The embedded Postgres cannot use {directory}: {error.strerror}{where}. Name another folder in"
            " SYNCD_STATE_DIR."
        ) from None
