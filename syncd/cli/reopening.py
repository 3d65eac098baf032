"""Settings and database of the daemon, opened once and again: a reload takes what has changed and can change."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from syncd.cli.bootstrap import configure_log, open_database
from syncd.cli.wiring import with_key
from syncd.db.engine import Engine
from syncd.log import get_logger
from syncd.settings import PREFIX, Settings, load_settings
from syncd.settings.reloaded import set_environment, take_reloaded_environment
from syncd.settings.secret import Secret

NEED_RESTART = ("state_dir",)
NEED_POOL = ("database_connections", "database_url")
"""Settings that a reload leaves as they are: always, and where it makes no new pool. Another URL makes one, but not a
change between the embedded database and another one."""

FROM_FILES = ("api_key", "database_url", "proxy")
"""Settings that may come from files of their own."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings, and the database that they name."""

    settings: Settings
    secrets: Sequence[Secret | None]
    """Those of FROM_FILES, as they were read with the settings."""
    engine: Engine
    resources: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    """Closes the engine."""

    def has_other_secret(self) -> bool:
        """Whether the key or the database's URL is another one by now, where it comes from a file."""
        with contextlib.suppress(Exception):  # a file that cannot be read, while somebody writes it perhaps
            return _secrets(self.settings) != self.secrets
        return False


def opened(settings: Settings, wait_s: float) -> Opened:
    """The settings with their database, its schema checked. Raises ConfigError, SchemaError, DatabaseAway."""
    secrets = _secrets(settings)
    with contextlib.ExitStack() as stack:
        engine = stack.enter_context(open_database(settings, is_written=True, wait_s=wait_s))
        return Opened(settings, secrets, engine, stack.pop_all())


def reopened(before: Opened) -> Opened:
    """The settings as they are now, and their database. Raises as `opened` does; then all is as it was before."""
    environment = take_reloaded_environment(PREFIX)
    try:
        settings = with_key(load_settings())
        configure_log(before.settings, settings)
        return _reopened(before, settings)
    except Exception:
        set_environment(PREFIX, environment)
        raise


def _reopened(before: Opened, settings: Settings) -> Opened:
    secrets = _secrets(settings)
    changed = _changed(before, settings, secrets)
    urls = (secrets[1], before.secrets[1])
    has_new_pool = None not in urls and urls[0] != urls[1]
    need_restart = NEED_RESTART if has_new_pool else NEED_RESTART + NEED_POOL
    stays = [name for name in changed if name in need_restart]
    after = opened(settings, 0.0) if has_new_pool else before
    after = Opened(settings, secrets, after.engine, after.resources)
    configure_log(settings)
    taken = [f"SYNCD_{name.upper()}" for name in changed if name not in stays]
    log.info("the settings were read again", changed=", ".join(taken) or "nothing")
    for name in stays:
        log.warning("this setting needs a restart; it stays as it was", setting=f"SYNCD_{name.upper()}")
    return after


def _secrets(settings: Settings) -> Sequence[Secret | None]:
    return settings.key, settings.dsn, settings.proxy_url


def _changed(before: Opened, settings: Settings, secrets: Sequence[Secret | None]) -> list[str]:
    """Names of the settings that have another value now; never a value."""
    hidden = {*FROM_FILES, *(f"{name}_file" for name in FROM_FILES)}
    names = [name for name in settings.__struct_fields__ if name not in hidden]
    pairs = zip(FROM_FILES, before.secrets, secrets, strict=True)
    other = [name for name, was, is_now in pairs if was != is_now]
    return other + [name for name in names if getattr(settings, name) != getattr(before.settings, name)]
