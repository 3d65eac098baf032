"""Those who bring the same files into Postgres, each from the start of its processes to their end."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg

from bench.databases import Databases
from bench.recall import Served
from syncd.db.engine import make_engine
from syncd.db.queue import tracking

LONGEST_INGEST_S = 1800.0
RUN_UNTIL_IDLE = [sys.executable, "-m", "syncd", "run", "--until-idle"]
CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPTS = CHECKOUT / "bench" / "peers"
ENVIRONMENTS = Path(sys.prefix) / "peers"
"""Where `make bench` puts the environments."""
LOADED: LiteralString = """
    select count(*) from recall.transcripts
    where status = 'done' and 'loaded' in (payload_state, provider_data_state)
"""
SIZE: LiteralString = """
    select sum(pg_total_relation_size(c.oid))::bigint from pg_class as c
    where relkind = 'r' and relnamespace = to_regnamespace(%s)
"""


@dataclass(frozen=True)
class Peer:
    """Another tool: its script and options of it, its environment (None: ours), and where its rows are."""

    name: str
    script: Sequence[str]
    environment: str | None
    schema: str
    count: LiteralString
    """How many files have arrived, in SQL."""

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        if self.environment is None:
            return Path(sys.executable)
        return ENVIRONMENTS / self.environment / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Whether it can run."""
        return self.python.exists()


THEIRS: LiteralString = "select count(*) from loaded.transcripts"
DLT = Peer("dlt", ["with_dlt.py"], "dlt", "loaded", THEIRS)
TARGET_POSTGRES = Peer("target_postgres", ["with_singer.py"], "singer", "loaded", THEIRS)
FASTEST = Peer("target_postgres_fastest", ["with_singer.py", "--fastest"], "singer", "loaded", THEIRS)
COPY = Peer("copy", ["with_copy.py"], None, "public", "select count(*) from public.files")
PEERS = (DLT, TARGET_POSTGRES, FASTEST, COPY)


@dataclass(frozen=True)
class Run:
    """What one run took, seconds: by the clock, and of processors by its processes and by Postgres; and what it left.

    `kept_bytes` are all its tables with their indexes, after a vacuum.
    """

    seconds: float
    cpu_s: float
    postgres_cpu_s: float
    kept_bytes: int = 0


def run_syncd(databases: Databases, served: Served, processes: int = 1) -> Run:
    """So many `syncd run --until-idle` together, into a fresh database."""
    with databases.fresh() as url:
        return replace(load(databases, url, served, processes), kept_bytes=_kept(url, "recall"))


def load(databases: Databases, url: str, served: Served, processes: int = 1) -> Run:
    """The same into this database, which has syncd's schema. The ids are tracked before the processes start."""
    track(url, served)
    run = _timed(databases, [RUN_UNTIL_IDLE] * processes, {**served.environment, "SYNCD_DATABASE_URL": url})
    _check(url, LOADED, len(served.ids))
    _check(url, "select coalesce(sum(word_count), 0)::bigint from recall.transcripts", served.words)
    return run


def profile(databases: Databases, served: Served) -> tuple[Run, Mapping[str, float]]:
    """One process that works on one transcript at a time, and what it spent its seconds on (sampled.py)."""
    with databases.fresh() as url, tempfile.NamedTemporaryFile(prefix="syncd-bench-") as file:
        track(url, served)
        environment = {
            **served.environment,
            "SYNCD_DATABASE_URL": url,
            "SYNCD_CONCURRENCY": "1",
            "PYTHONPATH": str(CHECKOUT),
        }
        run = _timed(databases, [[sys.executable, "-m", "bench.ingest.sampled", file.name]], environment)
        _check(url, LOADED, len(served.ids))
        return run, json.load(file)


def run_peer(databases: Databases, served: Served, peer: Peer) -> Run:
    """The other tool, into an empty database."""
    with databases.fresh(is_migrated=False) as url:
        given = json.dumps({"ids": served.ids, "urls": served.urls})
        environment = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
        script, *arguments = peer.script
        command = [str(peer.python), str(SCRIPTS / script), *arguments, url]
        run = _timed(databases, [command], environment, given)
        _check(url, peer.count, len(served.ids))
        return replace(run, kept_bytes=_kept(url, peer.schema))


def track(url: str, served: Served) -> None:
    """Hand all ids in."""
    engine = make_engine(url)
    with engine.begin() as connection:
        tracking.track(connection, [UUID(id_) for id_ in served.ids], "default")
    engine.dispose()


def _timed(
    databases: Databases, commands: Sequence[Sequence[str]], environment: Mapping[str, str], given: str = ""
) -> Run:
    """From the start of the first to the end of the last. Raises CalledProcessError where one fails."""
    postgres_s, ours_s, began_s = databases.cpu_s(), _cpu_s(), time.monotonic()
    _run_together(commands, environment, given)
    took_s = time.monotonic() - began_s
    return Run(took_s, _cpu_s() - ours_s, databases.cpu_s() - postgres_s)


def _run_together(commands: Sequence[Sequence[str]], environment: Mapping[str, str], given: str) -> None:
    with tempfile.TemporaryDirectory(prefix="syncd-bench-") as name:
        directory = Path(name)
        (directory / "given.json").write_text(given, encoding="utf-8")
        started = [_start(command, environment, directory) for command in commands]
        try:
            for process in started:
                if code := process.wait(LONGEST_INGEST_S):
                    sys.stderr.write((directory / "stderr").read_text(encoding="utf-8"))
                    raise subprocess.CalledProcessError(code, process.args)
        finally:
            for process in started:
                process.kill()


def _start(command: Sequence[str], environment: Mapping[str, str], directory: Path) -> "subprocess.Popen[bytes]":
    with (directory / "given.json").open() as given, (directory / "stderr").open("a") as stderr:
        return subprocess.Popen(  # noqa: S603  our own commands
            command,
            stdin=given,
            stderr=stderr,
            cwd=directory,
            env={"PATH": os.environ["PATH"], **environment},
        )


def _cpu_s() -> float:
    """Processor seconds of all our processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _kept(url: str, schema: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
        found = connection.execute(SIZE, (schema,)).fetchone()
    assert found is not None
    return int(found[0])


def _check(url: str, count: LiteralString, expected: int) -> None:
    """Stop where not everything has arrived: a count in SQL, and what it must be."""
    with psycopg.connect(url) as connection:
        found = connection.execute(count).fetchone()
    assert found == (expected,), f"{found} have arrived, not {expected}: {count}"
