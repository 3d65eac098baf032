"""Postgres servers of a test's own, for what a shared one cannot show: a standby that is promoted, a password."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

FILES = os.environ.get("SYNCD_TEST_FILES", tempfile.gettempdir())
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "hot_standby": "on", "max_wal_size": "64MB"}
GERMAN_LOCALE = "de_DE.UTF-8"


def programs() -> Path:
    """Where the machine's own Postgres has its programs; skips the test where there is none with pg_basebackup."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"), key=lambda path: int(path.parts[4]))
    if not found:
        pytest.skip("needs a Postgres with pg_basebackup: apt-get install postgresql")
    return found[-1].parent


def _user() -> str | None:
    """As whom a server may run: not as root."""
    if os.geteuid() != 0:
        return None
    return next(name for name in ("postgres", "pgserver") if name in {user.pw_name for user in pwd.getpwall()})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Server:
    """A server on a port of its own, in a directory of its own."""

    def __init__(self, directory: Path, programs: Path) -> None:
        self.directory, self._programs = directory, programs
        self.port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.settings = dict(SETTINGS)
        self.environment = dict(os.environ)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of Postgres' programs as the server's user."""
        command = [str(self._programs / program), *arguments]
        subprocess.run(
            command, check=True, capture_output=True, user=_user(), cwd=self.directory.parent, env=self.environment
        )

    def create(self, authentication: str, *arguments: str) -> None:
        common = ("-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-A", authentication)
        self.run("initdb", "-D", str(self.directory), *common, *arguments)

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        options += f" -c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self.run("pg_ctl", "start", "-w", "-D", str(self.directory), "-o", options, "-l", f"{self.directory}.log")

    def stop(self) -> None:
        """As a crash does; harmless where it does not run."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.directory))

    def promote(self) -> None:
        self.run("pg_ctl", "promote", "-w", "-D", str(self.directory))


@contextlib.contextmanager
def _servers(*names: str) -> Iterator[list[Server]]:
    """Servers that do not run yet, and stop in the end."""
    found = programs()
    with (
        tempfile.TemporaryDirectory(prefix="syncd-servers-", dir=FILES) as directory,
        contextlib.ExitStack() as stack,
    ):
        if (user := _user()) is not None:
            shutil.chown(directory, user)
        servers = [Server(Path(directory) / name, found) for name in names]
        for server in servers:
            stack.callback(server.stop)
        yield servers


@contextlib.contextmanager
def server_with_password(password: str, *, is_german: bool = False) -> Iterator[Server]:
    """A server that wants a password of everybody; this one of `postgres`."""
    with _servers("one") as (server,):
        if is_german:
            _speak_german(server)
        file = server.directory.parent / "password"
        file.write_text(password)
        server.create("scram-sha-256", f"--pwfile={file}")
        server.start()
        server.url = server.url.replace("@", f":{password}@")
        yield server


def _speak_german(server: Server) -> None:
    """Give it a locale of its own; skips the test where none can be made, or the server knows no German."""
    locale = server.directory.parent / GERMAN_LOCALE
    command = ["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", str(locale)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs localedef and the source of de_DE: apt-get install locales")
    if not list(Path("/usr/share/locale/de/LC_MESSAGES").glob("postgres-*.mo")):
        pytest.skip("needs the translations of Debian's Postgres, which small images leave out")
    server.environment["LOCPATH"] = str(locale.parent)
    server.settings["lc_messages"] = GERMAN_LOCALE


@contextlib.contextmanager
def lone_server() -> Iterator[Server]:
    """A server whose settings may be changed."""
    with _servers("one") as (server,):
        server.create("trust")
        server.start()
        yield server


@contextlib.contextmanager
def primary_and_standby() -> Iterator[tuple[Server, Server]]:
    """A primary, and a standby that follows it by streaming."""
    with _servers("one", "two") as (primary, standby):
        primary.create("trust")
        primary.start()
        standby.run("pg_basebackup", "-d", primary.url, "-D", str(standby.directory), "-R", "-c", "fast")
        standby.start()
        yield primary, standby


def has_caught_up(primary: Server, standby: Server) -> bool:
    """Whether the standby has all that the primary has written."""
    with psycopg.connect(primary.url) as one, psycopg.connect(standby.url) as two:
        written = one.execute("select pg_current_wal_flush_lsn()").fetchone()
        row = two.execute("select pg_last_wal_replay_lsn() >= %s", written).fetchone()
    return row == (True,)
