"""A server that takes TLS only: what the connection string says about it reaches libpq, and psql, whole."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

Command = Callable[..., subprocess.CompletedProcess[str]]
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
IS_ROOT = os.geteuid() == 0


@pytest.fixture
def tls(tmp_path: Path, in_memory: None) -> Iterator[str]:
    """A server with a certificate for localhost, by an authority whose own one lies in a folder with a space."""
    if not PROGRAMS or (IS_ROOT and shutil.which("runuser") is None):
        pytest.skip("there is no Postgres with TLS on this machine: apt-get install postgresql")
    authority, folder = trustme.CA(), tmp_path / "my certs"
    folder.mkdir()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    data = tmp_path.parent / f"tls-{os.urandom(4).hex()}"
    data.mkdir()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(data / "server.pem"))
    (data / "server.pem").chmod(0o600)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = _runner(data)
    run("initdb", "-D", f"{data}/db", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    (data / "db" / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 trust\n")
    options = f"-k {data} -p {port} -h 127.0.0.1 -c fsync=off -c ssl=on"
    options += f" -c ssl_cert_file={data}/server.pem -c ssl_key_file={data}/server.pem"
    run("pg_ctl", "-D", f"{data}/db", "-w", "-o", options, "-l", f"{data}/log", "start")
    yield f"postgresql://owner@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={quote(str(folder))}/ca.pem"
    run("pg_ctl", "-D", f"{data}/db", "-m", "immediate", "stop")
    shutil.rmtree(data)


def _runner(data: Path) -> Callable[..., None]:
    """Runs a program of the server as a user that it accepts, who owns the folder."""
    before = ["runuser", "-u", "postgres", "--"] if IS_ROOT else []
    if IS_ROOT:
        for path in (data, data / "server.pem"):
            shutil.chown(path, "postgres")
        for folder in data.parents:
            if folder.owner() == "root" and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
                folder.chmod(0o755)

    def run(program: str, *arguments: str) -> None:
        user = ["--username=owner"] if program == "initdb" else []
        command = [*before, str(PROGRAMS[-1].with_name(program)), *arguments, *user]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd="/")

    return run


def test_every_command_and_psql_reach_a_server_that_takes_tls_only(tls: str, syncd: Command) -> None:
    migrated = syncd("migrate", SYNCD_DATABASE_URL=tls)
    assert migrated.returncode == 0, migrated.stderr
    asked = syncd(
        "psql", "--", "-XAtc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()", SYNCD_DATABASE_URL=tls
    )
    assert asked.stdout == "t\n", asked.stderr
    wrong = syncd("status", SYNCD_DATABASE_URL=tls.replace("@localhost", "@127.0.0.1"))
    assert wrong.returncode in (69, 78)
    assert "does not match host name" in wrong.stderr
    assert "Traceback" not in wrong.stderr
