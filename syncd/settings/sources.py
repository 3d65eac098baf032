"""Where settings come from: the environment, a TOML file, files of secrets, systemd's credentials."""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from syncd.errors import ConfigError
from syncd.settings.reloaded import credential
from syncd.settings.secret import Secret
from syncd.settings.spelling import unquoted

S = TypeVar("S", bound=Secret)

PREFIX = "SYNCD_"
CONFIG_VARIABLE = "SYNCD_CONFIG"
TEST_VARIABLE = "SYNCD_TEST_DATABASE_URL"


def given_settings(names: Iterable[str], faults: dict[str, str]) -> Mapping[str, object]:
    """What environment and config file say, by the names of settings. An empty variable is not set.

    A secret that the environment names in either way comes from there. `faults` gets a sentence for each name that is
    not known, and for a config file that cannot be used.
    """
    variables = {PREFIX + name.upper(): name for name in names}
    ours = [name for name in os.environ if name.upper().startswith(PREFIX)]
    faults |= _unknown(ours, [*variables, CONFIG_VARIABLE, TEST_VARIABLE], str.upper)
    given = {variables[name]: os.environ[name] for name in ours if name in variables and os.environ[name]}
    named = {name.removesuffix("_file") for name in given}
    in_file = _config_file(names, faults)
    return {name: value for name, value in in_file.items() if name.removesuffix("_file") not in named} | given


def _config_file(names: Iterable[str], faults: dict[str, str]) -> Mapping[str, object]:
    if not (path := os.environ.get(CONFIG_VARIABLE)):
        return {}
    try:
        found = tomllib.loads(Path(path).read_bytes().decode())
    except OSError as error:
        faults[CONFIG_VARIABLE] = f"{CONFIG_VARIABLE}={path} cannot be read: {error.strerror}."
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults[CONFIG_VARIABLE] = f"{CONFIG_VARIABLE}={path} is not TOML: {error}."
    else:
        faults |= _unknown(found, names, lambda name: name.lower().removeprefix(PREFIX.lower()))
        return found
    return {}


def _unknown(names: Iterable[str], known: Iterable[str], meant: Callable[[str], str]) -> dict[str, str]:
    """A sentence for each name that is not known; `meant` brings it into the form of the known ones."""
    faults = dict[str, str]()
    for name in sorted(set(names) - set(known)):
        close = difflib.get_close_matches(meant(name), list(known), n=1)
        hint = f"; did you mean {close[0]}?" if close else ". docs/settings.md lists all of them."
        faults[name] = f"Unknown setting {name}{hint}"
    return faults


def secret_from_file(name: str, path: Path | None, read: Callable[[str], S]) -> S | None:
    """What the given file holds, or else the credential called `name`; None where there is neither.

    Read when asked for: not every command needs a key.
    """
    found = path or credential(name)
    whose = f"{written(f'{name}_file')}: the file {path}"
    if path is None:  # the operator's own file is not known here, and systemd's copy is none that could be corrected
        whose = f"The credential {name} (/etc/syncd/{name}, or what LoadCredential= of the unit names)"
    try:
        return read(unquoted(found.read_text(encoding="utf-8")))
    except OSError as error:
        if path is None and isinstance(error, FileNotFoundError):
            if found.is_symlink():
                raise ConfigError(f"{whose} is missing.") from None
            return None
        raise ConfigError(f"{whose} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:  # its own words would quote the file
        raise ConfigError(f"{whose} is not text.") from None
    except ValueError as error:
        raise ConfigError(f"{whose} {error}.") from None


def written(name: str) -> str:
    """The name of a setting as whoever set it has written it: of a variable, or of an entry in the file."""
    variable = PREFIX + name.upper()
    path = os.environ.get(CONFIG_VARIABLE)
    return variable if os.environ.get(variable) or not path else f"{name} in {path}"
