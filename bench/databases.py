"""Fresh databases for benchmarks, on one Postgres with its default durability.

The server is the one that SYNCD_BENCH_DATABASE_URL names, whose role must be allowed to create databases, or an
embedded one with its data in a temporary directory (TMPDIR says where).
"""

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.embedded import running

VARIABLE = "SYNCD_BENCH_DATABASE_URL"


@dataclass(frozen=True)
class Databases:
    """A server, and the name of a database in it that has the schema of syncd and no rows."""

    url: str
    template: str

    @contextlib.contextmanager
    def fresh(self, *, is_migrated: bool = True) -> Iterator[str]:
        """The URL of a database, with syncd's schema or empty, dropped in the end."""
        with _database(self.url, f"syncd_bench_{_word()}", self.template if is_migrated else "template0") as url:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("checkpoint")  # so that no run pays for what another has written
            yield url

    def cpu_s(self) -> float:
        """Processor seconds of the server so far; 0 where it runs on another machine."""
        with psycopg.connect(self.url) as connection:
            here = (
                psutil.Process(connection.info.backend_pid)
                if psutil.pid_exists(connection.info.backend_pid)
                else None
            )
            server = here.parent() if here is not None and here.name().startswith("postgres") else None
            if server is None:
                return 0.0
            ended = server.cpu_times()
            living_s = sum(map(_used_s, server.children()))
        return float(ended.children_user + ended.children_system + living_s)


def _used_s(process: psutil.Process) -> float:
    """Processor seconds; 0 for one that has just ended, whose time its parent counts."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """The server, while the block lasts."""
    with contextlib.ExitStack() as stack:
        url = os.environ.get(VARIABLE)
        if url is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncd-bench-")))
            url = stack.enter_context(running(directory / "postgres"))
        template = f"syncd_bench_template_{_word()}"
        engine = make_engine(stack.enter_context(_database(url, template, "template0")))
        schema.migrate(engine)
        engine.dispose()
        yield Databases(url, template)


@contextlib.contextmanager
def _database(server_url: str, name: str, template: str) -> Iterator[str]:
    create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield _named(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(drop)


def _named(url: str, name: str) -> str:
    """The same server, another database; as a URL, which all contenders understand."""
    parts = conninfo_to_dict(url)
    user, password, host = (quote(str(parts.get(key) or ""), safe="") for key in ("user", "password", "host"))
    credentials = f"{user}:{password}" if password else user
    port = parts.get("port") or 5432
    if host.startswith("%2F"):
        return f"postgresql://{credentials}@/{name}?host={host}&port={port}"
    return f"postgresql://{credentials}@{host}:{port}/{name}"


def _word() -> str:
    return uuid.uuid4().hex[:12]
