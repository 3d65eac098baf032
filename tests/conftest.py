"""What all tests share: a clean environment, a real Postgres, a database of its own for each test, an emulator."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it brings no types

from recall_emulator import Emulator, EmulatorOptions
from syncd.db.admin import schema
from syncd.db.engine import Engine, make_engine
from syncd.embedded import running
from tests import forked

TEST_SERVER = os.environ.get("SYNCD_TEST_DATABASE_URL")
# One server and one template for all processes of a run; the first to come starts and fills them. pytest-xdist hands
# the variable on to its workers.
RUN = os.environ.setdefault("SYNCD_TEST_RUN", uuid.uuid4().hex[:12])

# Under nohup, or in the background of a shell, every process that a test starts would ignore these.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


def _fastest_directory() -> str:
    """In memory, where there is room: on a virtual disk, a database for each test costs more than all tests do."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30
    return str(memory) if has_room else tempfile.gettempdir()


# not below pytest's own directory, which pytest closes to the user that Postgres runs as under root
FILES = os.environ.setdefault("SYNCD_TEST_FILES", _fastest_directory())
SERVER_DIRECTORY = Path(FILES) / f"syncd-pg-{RUN}"
TEMPLATE = f"syncd_template_{RUN}"
TOGETHER = {
    "test_boot.py",
    "test_dbt.py",
    "test_for_analysts.py",
    "test_polling.py",
    "test_server_language.py",
    "test_wheel.py",
}
"""What these begin with takes long, and is made once for the whole module."""
CONFIGURATION = {  # tests crash processes, not machines
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",  # no plan changes in the middle of a test
    "jit": "off",
    "max_wal_size": "'64MB'",
}
# A busy machine is slow, which is no fault. The same examples each time, unless `make explore` asks for others.
settings.register_profile("syncd", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("explore", settings.get_profile("syncd"), derandomize=False, max_examples=500)
settings.load_profile("syncd")


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Each test goes to the process that is free first; those of a module in TOGETHER go to one."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, _ = nodeid.partition("::")
        return module if Path(module).name in TOGETHER else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Called by pytest-xdist."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process is left alone with it in the end."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("long") is None,
            item.path.name not in TOGETHER,
            "acceptance" not in item.path.parts,
            "core" in item.path.parts,
        )
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Clear away, after the last process of the run has ended."""
    if hasattr(config, "workerinput"):
        return
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # unless a worker was killed, it has stopped
        os.kill(int((SERVER_DIRECTORY / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    shutil.rmtree(SERVER_DIRECTORY, ignore_errors=True)
    if TEST_SERVER:
        _drop(TEST_SERVER, TEMPLATE)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests must not leak into them."""
    for name in list(os.environ):
        if name.startswith("SYNCD_") or name in ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A Postgres server: the one that is named, or an embedded one that stops when the last worker leaves it."""
    if TEST_SERVER:
        yield TEST_SERVER
        return
    with running(SERVER_DIRECTORY / "data") as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in CONFIGURATION.items():
                connection.execute(f"alter system set {name} = {value}".encode())
            connection.execute("select pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated database, from which each test gets its copy."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext(%s))", (TEMPLATE,))  # until the connection ends
        if connection.execute("select from pg_database where datname = %s", (TEMPLATE,)).fetchone() is None:
            _migrate_template(server_url)
    return TEMPLATE


def _migrate_template(server_url: str) -> None:
    _create(server_url, TEMPLATE, "template0")
    engine = make_engine(_named(server_url, TEMPLATE))
    schema.migrate(engine)
    engine.dispose()


@contextmanager
def fresh_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a copy of a database, dropped in the end."""
    name = f"syncd_test_{uuid.uuid4().hex[:12]}"
    _create(server_url, name, template)
    yield _named(server_url, name)
    _drop(server_url, name)


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary directories are made where they are fastest."""
    monkeypatch.setattr(tempfile, "tempdir", FILES)


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
        return forked.run(arguments, environment | settings, tmp_path, stdin)

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
            sql.SQL("create database {} template {} encoding 'UTF8' strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def _drop(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
