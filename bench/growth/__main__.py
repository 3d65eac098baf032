"""What questions cost as finished transcripts become many: `python -m bench.growth [settled]`.

Two databases with 100,000 pending transcripts each, one with 10,000 finished ones and one with as many as are asked
for, on one embedded Postgres with its own settings. Each question goes to one and the other in turn. Prints medians
and their ratio, and one line of JSON. Ten million take 11 GB and 20 minutes.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.growth.build import build
from bench.growth.questions import ASKED, Ask, Database, claim, unclaim
from syncd.db.engine import make_engine
from syncd.embedded import running

_FEW, _MANY, _PENDING = 10_000, 300_000, 100_000
_RUNS, _WARM_UP = 31, 3


def main(settled: int = _MANY, few: int = _FEW, pending: int = _PENDING, runs: int = _RUNS) -> Iterator[str]:
    """Build both and ask everything; the lines to print."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-", dir=_fastest()) as directory,
        running(Path(directory) / "postgres") as url,
    ):
        small, large = _database(url, "small", few, pending), _database(url, "large", settled, pending)
        yield f"{few:,} and {settled:,} settled transcripts, {pending:,} pending in each\n"
        yield from ("| question | few | many | times |", "|---|--:|--:|--:|")
        found = {}
        for title, ask in ASKED.items():
            few_ms, many_ms = found[title] = _medians(ask, small, large, runs)
            yield f"| {title} | {few_ms:.2f} ms | {many_ms:.2f} ms | {many_ms / few_ms:.2f} |"
        small.engine.dispose()
        large.engine.dispose()
    yield "\n" + json.dumps(_record(settled, few, pending, found))


def _record(settled: int, few: int, pending: int, found: dict[str, tuple[float, float]]) -> dict[str, object]:
    return {
        "bench": "growth",
        "settled": [few, settled],
        "pending": pending,
        "medians_ms": {title: [round(each, 3) for each in both] for title, both in found.items()},
        "worst_ratio": round(max(many / few for few, many in found.values()), 2),
    }


def _fastest() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108  a directory of our own is made in it
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**34 else None


def _database(url: str, name: str, settled: int, pending: int) -> Database:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter system set autovacuum = off")  # nothing else at work while it is asked
        connection.execute("alter system set max_wal_size = '1GB'")
        connection.execute("select pg_reload_conf()")
        connection.execute(f"create database {name}".encode())
    engine = make_engine(url.replace("/postgres?", f"/{name}?"))
    build(engine, settled, pending)
    return Database(engine, settled, pending)


def _medians(ask: Ask, small: Database, large: Database, runs: int) -> tuple[float, float]:
    """Milliseconds, of the one and the other."""
    took: dict[int, list[float]] = {id(small): [], id(large): []}
    for _ in range(_WARM_UP + runs):
        for database in (small, large):
            began = time.perf_counter()
            answer = ask(database)
            took[id(database)].append((time.perf_counter() - began) * 1000)
            if ask is claim:
                unclaim(database, answer)
    few, many = (statistics.median(each[_WARM_UP:]) for each in took.values())
    return few, many


if __name__ == "__main__":
    for line in main(int(sys.argv[1]) if len(sys.argv) > 1 else _MANY):
        print(line, flush=True)
