"""Those who bring the same files into Postgres, each from the start of its processes to their end."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import psycopg

from bench.databases import Databases
from bench.recall import Served
from syncd.db.engine import make_engine
from syncd.db.queue import tracking

LONGEST_S = 1800.0
COMMAND = [sys.executable, "-m", "syncd", "run", "--until-idle"]


def syncd(databases: Databases, served: Served, processes: int) -> float:
    """Words a second of so many `syncd run --until-idle` together. The ids are tracked before they start."""
    with databases.fresh() as url:
        track(url, served)
        took_s = seconds([COMMAND] * processes, {**served.environment, "SYNCD_DATABASE_URL": url})
        check(url, "select coalesce(sum(word_count), 0)::bigint from recall.transcripts", served.words)
    return served.words / took_s


def track(url: str, served: Served) -> None:
    """Hand all ids in."""
    engine = make_engine(url)
    with engine.begin() as connection:
        tracking.track(connection, [UUID(id_) for id_ in served.ids], "default")
    engine.dispose()


def seconds(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> float:
    """From the start of the first to the end of the last. Raises CalledProcessError where one fails."""
    began_s = time.monotonic()
    started = [
        subprocess.Popen(command, env={"PATH": os.environ["PATH"], **environment})  # noqa: S603  our own commands
        for command in commands
    ]
    try:
        for process in started:
            if code := process.wait(LONGEST_S):
                raise subprocess.CalledProcessError(code, process.args)
        return time.monotonic() - began_s
    finally:
        for process in started:
            process.kill()


def check(url: str, count: str, expected: int) -> None:
    """Stop where not everything has arrived: a count in SQL, and what it must be."""
    with psycopg.connect(url) as connection:
        found = connection.execute(count.encode()).fetchone()
    assert found == (expected,), f"{found} have arrived, not {expected}"
