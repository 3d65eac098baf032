"""What systemd passes: credentials at a start, and newer ones that a reload has left in the runtime directory.

systemd reads secrets and the environment at a start only. The unit's ExecReload= puts both as they are by then into
files, the environment last, before it sends SIGHUP (deploy/systemd/syncd-reload), and waits for the answer. From then
on those of the start do not count. A credential that the next start would miss is a link to nothing.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
RELOADED_VARIABLE = "RUNTIME_DIRECTORY"
ENVIRONMENT = "environment"


def credential(name: str) -> Path:
    """Where the newest credential of that name is, if there is one."""
    is_reloaded = _in_directory(RELOADED_VARIABLE, ENVIRONMENT).exists()
    return _in_directory(RELOADED_VARIABLE if is_reloaded else CREDENTIALS_VARIABLE, name)


def take_reloaded_environment(prefix: str) -> Mapping[str, str]:
    """Take over the variables of this prefix that a reload has left, if it has; answers those of before."""
    before = {name: value for name, value in os.environ.items() if name.startswith(prefix)}
    try:
        found = _in_directory(RELOADED_VARIABLE, ENVIRONMENT).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return before
    pairs = (each.partition("=") for each in found.split("\0"))
    set_environment(prefix, {name: value for name, _, value in pairs if name.startswith(prefix)})
    return before


def tell_reload(is_taken: bool) -> None:
    """Leave a file in the runtime directory that says to ExecReload= what came of it."""
    with contextlib.suppress(OSError):
        _in_directory(RELOADED_VARIABLE, "reload-taken" if is_taken else "reload-refused").touch()


def set_environment(prefix: str, variables: Mapping[str, str]) -> None:
    """Make these the only variables of this prefix."""
    for name in [name for name in os.environ if name.startswith(prefix)]:
        del os.environ[name]
    os.environ.update(variables)


def _in_directory(variable: str, name: str) -> Path:
    return Path(os.environ.get(variable, "/nonexistent")) / name
