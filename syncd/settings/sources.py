"""Where settings come from besides the environment: a TOML file, files of secrets, systemd's credentials."""

import difflib
import os
from collections.abc import Callable, Iterable
from pathlib import Path, PosixPath
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, TomlConfigSettingsSource

from syncd.errors import ConfigError

PREFIX = "SYNCD_"
CONFIG_VARIABLE = "SYNCD_CONFIG"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"


class _Named(PosixPath):
    """A path that is opened whatever is there; the library would pass in silence over what is not a regular file."""

    def is_file(self) -> bool:
        return True


class ConfigFile(TomlConfigSettingsSource):
    """The file that SYNCD_CONFIG names. A secret that the environment names in either way comes from there."""

    def __init__(self, settings_class: type[BaseSettings], path: str | None) -> None:
        super().__init__(settings_class, _Named(path) if path else None)

    def __call__(self) -> dict[str, Any]:  # as pydantic-settings declares it
        fields = self.settings_cls.model_fields
        refuse_unknown(self.toml_data, fields, lambda name: name.lower().removeprefix(PREFIX.lower()))
        named = {name.removesuffix("_file") for name in self.current_state}
        return {name: value for name, value in self.toml_data.items() if name.removesuffix("_file") not in named}


def refuse_unknown(names: Iterable[str], known: Iterable[str], meant: Callable[[str], str]) -> None:
    """Raises ConfigError for a name that is not known; `meant` brings it into the form of the known ones."""
    for name in sorted(set(names) - set(known)):
        close = difflib.get_close_matches(meant(name), list(known), n=1)
        hint = f"; did you mean {close[0]}?" if close else ". docs/settings.md lists all of them."
        raise ConfigError(f"Unknown setting {name}{hint}")


def secret_from_file(name: str, path: Path | None, check: Callable[[str], str]) -> SecretStr | None:
    """What the given file holds, or else the credential called `name`; None where there is neither.

    Read when asked for: not every command needs a key. SecretsSettingsSource reads at once, knows no path of a single
    file, would let the credential win over the named file, and names no file in its errors.
    """
    found = path or Path(os.environ.get(CREDENTIALS_VARIABLE, "/nonexistent")) / name
    try:
        return SecretStr(check(found.read_text(encoding="utf-8")))
    except OSError as error:
        if path is None and isinstance(error, FileNotFoundError):
            return None
        raise ConfigError(f"{PREFIX}{name.upper()}: the file {found} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:  # its own words would quote the file
        raise ConfigError(f"{PREFIX}{name.upper()}: the file {found} is not text.") from None
    except ValueError as error:
        raise ConfigError(f"{PREFIX}{name.upper()}: the file {found} {error}.") from None
