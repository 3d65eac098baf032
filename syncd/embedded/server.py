"""One Postgres server: made, started, asked and stopped, with its own programs and without a shell."""

import contextlib
import ctypes
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncd.embedded.account import MAJOR, Account, is_open, program, programs
from syncd.embedded.sharing import beside
from syncd.errors import EmbeddedFault

SUPERUSER, DATABASE, PORT = "postgres", "postgres", 5432
SOCKET = f".s.PGSQL.{PORT}"
PLAIN_FOLDER = re.compile(r"[\w./+-]{1,70}", re.ASCII)
"""Where a socket can be: its whole path may have 107 bytes, and libpq and Postgres read some characters otherwise."""
READY_S = 300.0
"""A server that was killed reads its log of changes first, which takes time."""
END_S = 60.0
GOODBYE_S = 1.0
"""How long connections may take to end after their clients have closed them."""
SERVER_CHECK_S = 0.02
PROCESSES = Path("/proc")
"""Not in every chroot."""
CLONE_NEWUSER = 0x10000000
_KEPT = ("PATH", "LD_PRELOAD", "NSS_WRAPPER_PASSWD", "NSS_WRAPPER_GROUP")
_children: dict[Path, "subprocess.Popen[bytes]"] = {}
"""The servers that this process has started, so that their ends are noticed."""
_TELLING = re.compile(
    r"(?:(?:FATAL|PANIC|ERROR|error|DETAIL|detail|HINT|hint): |LOG:  (?:could not|unrecognized|invalid|syntax)).*"
)
# Everybody else's connections. Not in syncd.db, which knows nothing of servers.
_CLIENTS = "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"


def exists(directory: Path) -> bool:
    """Whether the directory holds a whole cluster; one that is being made has another name."""
    return (directory / "PG_VERSION").exists()


def start(directory: Path, who: Account, *, is_alone: bool) -> Path:
    """Start the server, unless it runs; the folder of its socket. Raises EmbeddedFault and OSError.

    `is_alone`: no other process uses it, so what a server that was killed has left behind is cleared away.
    """
    if not exists(directory):
        _make(directory, who)
    version = (directory / "PG_VERSION").read_text(encoding="ascii", errors="backslashreplace").strip()
    if version != str(MAJOR):
        raise EmbeddedFault(
            f"The data in {directory} are those of Postgres {version}, and this is Postgres {MAJOR}. Dump them with"
            " the syncd that made them, and restore them in an empty folder."
        )
    if (running := _postmaster(directory)) is not None:
        return running[1]
    if is_alone:
        _clear(directory)
    if (ended := _children.pop(directory, None)) is not None:
        ended.wait()
    return _start(directory, who)


def has_clients(directory: Path) -> bool:
    """Whether anybody is connected, or a server that runs does not say."""
    until = time.monotonic() + GOODBYE_S
    while (found := _postmaster(directory)) is not None:
        where = ("-h", str(found[1]), "-p", str(PORT), "-U", SUPERUSER, "-d", DATABASE)
        done = subprocess.run(  # noqa: S603  no input
            [program("psql"), "-XAtc", _CLIENTS, *where], env=_environment(), capture_output=True, check=False
        )
        if done.stdout.strip() == b"0":
            return False
        if done.returncode != 0 or time.monotonic() > until:
            return True
        time.sleep(SERVER_CHECK_S)
    return False


def stop(directory: Path) -> None:
    """Stop the server if it runs, and wait for its end; connections are closed."""
    if (found := _postmaster(directory)) is not None:
        os.kill(found[0], signal.SIGINT)
        until = time.monotonic() + END_S
        while _postmaster(directory) is not None and time.monotonic() < until:
            time.sleep(SERVER_CHECK_S)
        _remove_sockets(found[1])
    if (child := _children.pop(directory, None)) is not None:
        child.wait(END_S)


def _make(directory: Path, who: Account) -> None:
    """Make the cluster beside, and give it its name when it is whole."""
    new = directory if directory.is_mount() else beside(directory, "new")
    if new != directory:
        shutil.rmtree(new, ignore_errors=True)  # of one that was killed meanwhile
    new.mkdir(exist_ok=True, mode=0o700)
    if os.geteuid() != who.uid:
        os.chown(new, who.uid, who.gid)
    try:
        _initdb(new, who)
        new.rename(directory)
    except EmbeddedFault as error:
        raise EmbeddedFault(f"The embedded Postgres cannot be made in {directory}: {error.message}") from None
    finally:
        if new != directory:
            shutil.rmtree(new, ignore_errors=True)


@contextlib.contextmanager
def _reached(directory: Path, who: Account) -> Iterator[tuple[Path, dict[str, Any]]]:  # Any: arguments of subprocess
    """The directory's name for a program of this account, and what else subprocess needs to run it.

    The program gets nothing of the caller's: not its locale, its terminal, its folder, its PG variables, its secrets.
    Where its account may not enter the folders above, it is handed the directory itself, opened; no modes change.
    """
    options = {"env": _environment(), "stdin": subprocess.DEVNULL, "cwd": "/", **who.options()}
    if who.uid == os.geteuid() or is_open(directory):
        yield directory, options
        return
    file = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield Path(f"/proc/self/fd/{file}"), {"pass_fds": (file,), **options}
    finally:
        os.close(file)


def _initdb(directory: Path, who: Account) -> None:
    """Raises EmbeddedFault with its own words."""
    options = ("--username", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-instructions")
    locale = ("--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    with _reached(directory, who) as (place, reached):
        done = subprocess.run(  # noqa: S603  no input but the name of a folder
            [programs(who) / "initdb", *options, *locale, "-D", place],
            **reached,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=None if _has_name(who.uid) else _take_a_name,
            check=False,
        )
    if done.returncode != 0:
        advice = "" if _has_name(who.uid) else " Give this user a name: a line in /etc/passwd."
        raise EmbeddedFault(_words(done.stdout) + advice)


def _has_name(uid: int) -> bool:
    with contextlib.suppress(KeyError):
        return bool(pwd.getpwuid(uid))
    return False


def _take_a_name() -> None:
    """For initdb, which asks for the name of its user: be somebody who has one, in a user namespace of its own.

    The files belong to the real user. Where the machine allows no such namespace, initdb says what it misses.
    """
    uid, gid = os.geteuid(), os.getegid()
    named = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), None)
    if named is not None and ctypes.CDLL(None).unshare(CLONE_NEWUSER) == 0:
        with contextlib.suppress(OSError):
            for name, content in (
                ("setgroups", "deny"),
                ("uid_map", f"{named} {uid} 1"),
                ("gid_map", f"{gid} {gid} 1"),
            ):
                Path(f"/proc/self/{name}").write_bytes(content.encode())


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C.UTF-8"}


def _start(directory: Path, who: Account) -> Path:
    folder, log = _sockets_folder(directory, who), _log(directory, who)
    options = {"listen_addresses": "", "unix_socket_directories": folder, "port": PORT}
    began = os.fstat(log).st_size
    try:
        with _reached(directory, who) as (place, reached):
            process = subprocess.Popen(  # noqa: S603  as above
                [programs(who) / "postgres", "-D", place, *(f"--{name}={value}" for name, value in options.items())],
                **reached,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the command
            )
        _children[directory] = process
        _await(process, directory, began)
    except BaseException:
        stop(directory)
        _remove_sockets(folder)
        raise
    finally:
        os.close(log)
    return folder


def _await(process: "subprocess.Popen[bytes]", directory: Path, log_begins: int) -> None:
    """Wait until the server is ready. Raises EmbeddedFault with its own words where it ends instead."""
    until = time.monotonic() + READY_S
    while not _is_ready(directory):
        if process.poll() is not None or time.monotonic() > until:
            words = _words((directory / "log").read_bytes()[log_begins:])
            raise EmbeddedFault(f"The embedded Postgres in {directory} does not start: {words}")
        time.sleep(SERVER_CHECK_S)


def _postmaster(directory: Path) -> tuple[int, Path] | None:
    """The process that serves this directory, and the folder of its socket; None where there is none.

    A number in a file may belong to another process by now; the server is the one that works in this directory.
    """
    lines = _noted(directory)
    with contextlib.suppress(OSError, ValueError, IndexError):
        process, folder = int(lines[0]), Path(lines[4])
        os.kill(process, 0)
        if not (PROCESSES / "self").exists() or directory.samefile(PROCESSES / str(process) / "cwd"):
            return process, folder
    return None


def _is_ready(directory: Path) -> bool:
    lines = _noted(directory)
    return len(lines) > 7 and lines[7].strip() == "ready" and _postmaster(directory) is not None


def _noted(directory: Path) -> list[str]:
    """What a server writes down of itself, in the order of Postgres' miscadmin.h."""
    try:
        return (directory / "postmaster.pid").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _clear(directory: Path) -> None:
    """Clear away what a server that was killed has left behind: nobody else uses it, and none works there."""
    lines = _noted(directory)
    if len(lines) > 4:
        _remove_sockets(Path(lines[4]))
    (directory / "postmaster.pid").unlink(missing_ok=True)


def _sockets_folder(directory: Path, who: Account) -> Path:
    """A folder for the socket that only this account may enter, beside the data where a socket can be there."""
    for place in (directory.parent, Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")):  # noqa: S108  mkdtemp is safe
        with contextlib.suppress(OSError):
            can_enter = who.uid == os.geteuid() or is_open(place / "any")
            if can_enter and PLAIN_FOLDER.fullmatch(str(place)) and _keeps_others_out(place):
                folder = Path(tempfile.mkdtemp(prefix="pg-", dir=place))
                if _holds_a_socket(folder):
                    if os.geteuid() != who.uid:
                        os.chown(folder, who.uid, who.gid)
                    return folder
                folder.rmdir()
    raise EmbeddedFault("The embedded Postgres needs a folder for its socket, such as /tmp, and could use none.")


def _keeps_others_out(place: Path) -> bool:
    """Whether nobody else may replace a folder in it."""
    mode = place.stat().st_mode
    return not mode & 0o022 or bool(mode & stat.S_ISVTX)


def _holds_a_socket(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.bind(str(folder / SOCKET))
        except OSError:  # some file systems have none
            return False
    (folder / SOCKET).unlink()
    return True


def _remove_sockets(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for name in (SOCKET, f"{SOCKET}.lock"):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def _log(directory: Path, who: Account) -> int:
    """The server's log, to append to."""
    file = os.open(directory / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.fchown(file, who.uid, who.gid)
    return file


def _words(output: bytes) -> str:
    """What Postgres complains of, in a line."""
    lines = output.decode("utf-8", errors="replace").strip().splitlines()
    telling = [found[0] for line in lines if (found := _TELLING.search(line))]
    return " ".join(telling[-3:] or lines[-1:]) or "it said nothing"
