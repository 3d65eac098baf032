"""What all tests share: a clean environment, a real Postgres, a database of its own for each test, an emulator."""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from recall_emulator import Emulator, EmulatorOptions
from syncd.db.admin import schema
from syncd.db.engine import Engine, make_engine
from syncd.embedded import running

TEST_SERVER = os.environ.get("SYNCD_TEST_DATABASE_URL")
TEMPLATE = f"syncd_template_{os.getpid()}"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests must not leak into them."""
    for name in list(os.environ):
        if name.startswith("SYNCD_") or name in ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A Postgres server: the one that is named, or the embedded one for the length of the session."""
    if TEST_SERVER:
        yield TEST_SERVER
        return
    # not below pytest's own directory, which pytest closes to the user that Postgres runs as under root
    with tempfile.TemporaryDirectory(prefix="syncd-pg-") as directory, running(Path(directory) / "data") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter system set fsync = off")  # tests crash processes, not machines
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a migrated database, from which each test gets its copy."""
    _create(server_url, TEMPLATE, "template0")
    engine = make_engine(_named(server_url, TEMPLATE))
    schema.migrate(engine)
    engine.dispose()
    yield TEMPLATE
    _drop(server_url, TEMPLATE)


@contextmanager
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a copy of a database, dropped in the end."""
    name = f"syncd_test_{uuid.uuid4().hex[:12]}"
    _create(server_url, name, template)
    yield _named(server_url, name)
    _drop(server_url, name)


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A fresh, migrated database."""
    with fresh_database(server_url, template) as url:
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A fresh database that syncd has never seen."""
    with fresh_database(server_url, "template0") as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated database."""
    engine = make_engine(database_url, pool_size=20)
    yield engine
    engine.dispose()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A Recall of its own, with limits no test will meet by chance."""
    with Emulator(EmulatorOptions(retrieve_limit=100_000, list_limit=100_000)) as emulator:
        yield emulator


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(database_url: str, emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    """The environment of a real command that talks to the test's own Postgres and Recall."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SYNCD_DATABASE_URL": database_url,
        "SYNCD_API_URL": emulator.api_url,
        "SYNCD_API_KEY": "demo-key",
        "SYNCD_DOWNLOAD_ORIGINS": emulator.files_url,
        "SYNCD_RETRIEVE_LIMIT": "60000",
        "SYNCD_LOG_FORMAT": "json",
    }


@pytest.fixture
def syncd(environment: dict[str, str], tmp_path: Path) -> Command:
    """Runs the real command: syncd("track", "-", stdin="..."). Further settings go in as keywords."""

    def run(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "syncd", *arguments],
            env=environment | settings,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            cwd=tmp_path,
            check=False,
        )

    return run


def _named(url: str, name: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    user, password = parts.get("user", ""), parts.get("password", "")
    host, port = str(parts.get("host", "")), parts.get("port", "5432")
    credentials = f"{user}:{password}@" if password else f"{user}@"
    if host.startswith("/"):
        return f"postgresql://{credentials}/{name}?host={host}&port={port}"
    return f"postgresql://{credentials}{host}:{port}/{name}"


def _create(server_url: str, name: str, template: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} encoding 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
