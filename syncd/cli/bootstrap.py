"""What every command does first: read the settings, set up the log, reach the database, check its schema."""

import contextlib
import time
from collections.abc import Iterable, Iterator

from syncd import log
from syncd.db.admin import revision
from syncd.db.engine import Engine, make_engine
from syncd.embedded import database_url
from syncd.errors import ConfigError, DatabaseAway, LoginRefused
from syncd.settings import Settings, load_settings
from syncd.settings.secret import Secret
from syncd.systemd import is_managed, notify

CONNECT_AGAIN_S = 1.0
LISTENING = 1
"""Connections of a process beside its pool: the one that listens for hints."""
_NEWER_LOGIN = "If it was changed in the file since this start, `systemctl restart syncd` reads it at once."


def open_settings(others: list[str] | None = None) -> Settings:
    """The settings, checked as `load_settings` does; the log is set up from then on. Raises ConfigError."""
    settings = load_settings(others)
    secrets: list[Secret | None] = [settings.dsn]
    with contextlib.suppress(ConfigError):  # not every command needs a key
        secrets.append(settings.key)
    with contextlib.suppress(ConfigError):  # or a proxy
        secrets.append(settings.proxy_url)
    configure_log(settings, secrets)
    return settings


def configure_log(settings: Settings, secrets: Iterable[Secret | None] = ()) -> None:
    """Log as the settings say, without these secrets and those that were given before."""
    known = [secret.get_secret_value() for secret in secrets if secret]
    log.configure(settings.log_level, settings.log_format, known, workspace=settings.workspace)


@contextlib.contextmanager
def open_database(
    settings: Settings, *, is_migrated: bool = True, is_written: bool = False, wait_s: float = 0.0
) -> Iterator[Engine]:
    """An engine on the configured or embedded database, its schema checked unless it is about to be migrated.

    With `is_written` it must be possible to write, too. Waits up to `wait_s` seconds for a database that is away.
    Raises ConfigError, SchemaError, DatabaseAway.
    """
    with database_url(settings, creates=not is_migrated) as url:
        engine = make_engine(url, pool_size=settings.database_connections - LISTENING)
        try:
            if is_migrated:
                _check_patiently(engine, wait_s, is_written=is_written)
            yield engine
        finally:
            engine.dispose()


def _check_patiently(engine: Engine, wait_s: float, *, is_written: bool) -> None:
    """A login that is refused is tried again under systemd only: it may be changing just now, and nobody waits."""
    until, told = time.monotonic() + wait_s, ""
    while True:
        try:
            revision.check(engine)
            if is_written:
                revision.require_writable(engine)
        except (DatabaseAway, LoginRefused) as error:
            is_hopeless = isinstance(error, LoginRefused) and not is_managed()
            if is_hopeless or time.monotonic() >= until:
                raise
            hint = f" {_NEWER_LOGIN}" if isinstance(error, LoginRefused) else ""
            if told != (told := f"{error}{hint}"):
                log.get_logger(__name__).warning("waiting for the database", reason=told)
            notify(f"STATUS=Waiting for the database: {told}", f"EXTEND_TIMEOUT_USEC={int(wait_s + 30) * 1_000_000}")
            time.sleep(CONNECT_AGAIN_S)
        else:
            return
