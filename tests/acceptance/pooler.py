"""A real pgbouncer before the server of the tests, in transaction mode where a test does not ask for more."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
CONFIGURATION = """
[databases]
{databases}
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
"""
START_S = 60.0


@contextlib.contextmanager
def pgbouncer(
    server_url: str, directory: Path, databases: Mapping[str, str] | None = None, **settings: object
) -> Iterator[int]:
    """The port of a pooler with two connections for each database. Skips the test where there is none installed.

    `databases` are further ones, with what theirs have beside the server.
    """
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = {name: str(value) for name, value in conninfo_to_dict(server_url).items()}
    to = " ".join(f"{name}={server[name]}" for name in ("host", "port", "user", "password") if name in server)
    further = "\n".join(f"{name} = {to} {rest}" for name, rest in (databases or {}).items())
    file = directory / "pgbouncer.ini"
    file.write_text(
        CONFIGURATION.format(databases=further, server=to, listen_port=port)
        + "".join(f"{name} = {value}\n" for name, value in settings.items())
    )
    user = ["-u", _owner(server["host"])] if os.geteuid() == 0 else []  # it refuses to run as root
    process = subprocess.Popen([PROGRAM, "-q", *user, file], stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def through(port: int, database_url: str) -> str:
    """The connection string of a database through the pooler."""
    return make_conninfo(
        dbname=str(conninfo_to_dict(database_url)["dbname"]), host="127.0.0.1", port=port, user="any"
    )


def _owner(host: str) -> str:
    """Who may connect to a socket in this folder; of a host elsewhere, anybody."""
    return pwd.getpwuid(Path(host).stat().st_uid).pw_name if host.startswith("/") else "nobody"


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError("pgbouncer does not start")
