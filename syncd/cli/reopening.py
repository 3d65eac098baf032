"""Settings and database of the daemon, opened once and again: a reload takes what has changed and can change."""

import contextlib
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from msgspec import structs

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

log = get_logger(__name__)


class Secrets(NamedTuple):
    """The settings that may come from files of their own."""

    api_key: Secret | None
    database_url: Secret | None
    proxy: Secret | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings that are in use, and the database that they name."""

    settings: Settings
    secrets: Secrets
    """As they were read last."""
    url: Secret | None
    """What the engine was made with; None: the embedded database. In `secrets` it may be one that needs a restart."""
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
        return Opened(settings, secrets, secrets.database_url, engine, stack.pop_all())


def reopened(before: Opened) -> Opened:
    """The settings as they are now, and their database. Raises as `opened` does; then all is as it was before."""
    environment = take_reloaded_environment(PREFIX)
    try:
        settings = with_key(load_settings())
        secrets = _secrets(settings)
        configure_log(before.settings, secrets)
        return _reopened(before, settings, secrets)
    except Exception:
        set_environment(PREFIX, environment)
        raise


def _reopened(before: Opened, settings: Settings, secrets: Secrets) -> Opened:
    changed = _changed(before, settings, secrets)
    has_new_pool = None not in (secrets.database_url, before.url) and secrets.database_url != before.url
    need_restart = NEED_RESTART if has_new_pool else NEED_RESTART + NEED_POOL
    stays = [name for name in changed if name in need_restart]
    former = {name: getattr(before.settings, name) for name in stays if name not in Secrets._fields}
    after = opened(settings, 0.0) if has_new_pool else before
    after = replace(after, settings=structs.replace(settings, **former), secrets=secrets)
    configure_log(after.settings)
    taken = [f"SYNCD_{name.upper()}" for name in changed if name not in stays]
    log.info("the settings were read again", changed=", ".join(taken) or "nothing")
    for name in stays:
        log.warning("this setting needs a restart; it stays as it was", setting=f"SYNCD_{name.upper()}")
    return after


def _secrets(settings: Settings) -> Secrets:
    return Secrets(settings.key, settings.dsn, settings.proxy_url)


def _changed(before: Opened, settings: Settings, secrets: Secrets) -> list[str]:
    """Names of the settings that have another value than what is in use; never a value."""
    hidden = {*Secrets._fields, *(f"{name}_file" for name in Secrets._fields)}
    names = [name for name in settings.__struct_fields__ if name not in hidden]
    pairs = zip(Secrets._fields, before.secrets._replace(database_url=before.url), secrets, strict=True)
    other = [name for name, was, is_now in pairs if was != is_now]
    return other + [name for name in names if getattr(settings, name) != getattr(before.settings, name)]
