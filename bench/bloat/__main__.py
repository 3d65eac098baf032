"""Whether the queue stays small and quick: `python -m bench.bloat [polls] [--write]`.

Rows that never finish are polled in turn, a million times in all, by the statements of the daemon, on an embedded
Postgres: once alone, and once beside a transaction that keeps its first snapshot all the while, as a forgotten psql
does. Prints sizes of syncd.queue and times of a claim, and one line of JSON; `--write` draws docs/images/bloat.svg.

A poll takes 0.2 s at Recall's limit and less than a millisecond here. So autovacuum looks every second instead of
every minute, which is after more polls still than in production.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import psycopg

from bench.bloat import chart
from bench.bloat.polls import Sample, fill
from syncd.db.admin import schema
from syncd.db.engine import make_engine
from syncd.embedded import running

_POLLS, _ROWS, _SAMPLES = 1_000_000, 20_000, 10
_IMAGE = Path(__file__).parents[2] / "docs" / "images" / "bloat.svg"


def main(polls: int = _POLLS, rows: int = _ROWS, image: Path | None = None) -> Iterator[str]:
    """Poll with and without an old snapshot; the lines to print."""
    found: dict[str, list[Sample]] = {}
    for name, is_old in (("alone", False), ("beside an old snapshot", True)):
        yield f"\n{name}\n\n| polls | table | indexes | claim | from the start | looked anew |"
        yield "|--:|--:|--:|--:|--:|--:|"
        found[name] = []
        for sample in _samples(polls, rows, is_old=is_old):
            found[name].append(sample)
            sizes = f"{sample.table_size / 1e6:.1f} MB | {sample.index_size / 1e6:.1f} MB"
            claims = f"{sample.claim_ms:.1f} ms | {sample.claim_from_start_ms:.1f} ms"
            yield f"| {sample.polls:,} | {sizes} | {claims} | {sample.look_anew_ms:.1f} ms |"
    if image is not None:
        chart.write(image, found)
    samples = {name: [asdict(sample) for sample in each] for name, each in found.items()}
    yield "\n" + json.dumps({"bench": "bloat", "rows": rows, "samples": samples})


def _samples(polls: int, rows: int, *, is_old: bool) -> Iterator[Sample]:
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        running(Path(directory) / "postgres") as url,
        psycopg.connect(url) as reader,
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("alter system set autovacuum_naptime = '1s'")
            connection.execute("select pg_reload_conf()")
        engine = make_engine(url)
        schema.migrate(engine)
        polling = fill(engine, rows, datetime.now().astimezone())
        if is_old:
            reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            reader.execute("select count(*) from recall.transcripts")
        yield from polling.run(polls, -(-polls // _SAMPLES))
        engine.dispose()


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    for line in main(numbers[0] if numbers else _POLLS, image=_IMAGE if "--write" in sys.argv else None):
        print(line, flush=True)
