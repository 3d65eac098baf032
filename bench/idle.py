"""What a daemon with nothing to do costs: `python -m bench.idle [seconds] [discover]`.

The real daemon on a real Postgres, with a finished transcript behind it and nothing due. Once it has come to rest it
is watched for so many seconds: its share of one core, its memory, the transactions that Postgres counts, less our
own. Then transcripts are tracked, and the emulator's log says when Recall is asked about each. One line of JSON.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.stack import DAEMON, Emulator, EmulatorOptions, Scenario, reap, stack

REST_S = 5.0
"""At rest is a daemon that makes less than one transaction a second for this long."""
PATIENCE_S = 300.0
"""How long it may take to become ready, to come to rest, or to ask Recall."""
TRACKED = 5
"""Transcripts that wake it."""
ASLEEP_S = 2.0
"""After its last transcript a daemon sleeps; eight claims at their usual pace would come in that time."""
COUNTED = (
    "select sum(xact_commit + xact_rollback)::int8 from pg_stat_database, pg_stat_force_next_flush()"
    " where datname = current_database()"
)


class Watched:
    """What the system says about a process."""

    def __init__(self, pid: int) -> None:
        self._proc = Path("/proc") / str(pid)

    def cpu_s(self) -> float:
        """Processor time so far, in user and in system mode."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Memory in use, MB (10^6 bytes)."""
        pages = int((self._proc / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def own_mb(self) -> float:
        """The part of it that no other process shares (USS), MB."""
        lines = (self._proc / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


@contextlib.contextmanager
def daemon(environment: dict[str, str]) -> Iterator[tuple[Watched, float]]:
    """A daemon that is ready, and how many seconds it took from the start of its process."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-") as directory,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told,
    ):
        address = Path(directory) / "notify"
        told.bind(str(address))
        told.settimeout(PATIENCE_S)
        began = time.monotonic()
        process = subprocess.Popen(DAEMON, env=environment | {"NOTIFY_SOCKET": str(address)})  # noqa: S603  our own
        try:
            while b"READY=1" not in told.recv(4096):
                pass
            ready_s = time.monotonic() - began
            told.close()  # what it tells from now on goes nowhere
            yield Watched(process.pid), ready_s
        finally:
            process.terminate()
            reap(process)


class Counter:
    """Transactions in the database since it was last asked, without its own."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._before = self._count()

    def _count(self) -> int:
        row = self._connection.execute(COUNTED).fetchone()
        return int(row[0]) if row else 0

    def since(self) -> int:
        """How many there were."""
        count = self._count()
        found, self._before = count - self._before - 1, count
        return max(0, found)


def until_first_call(emulator: Emulator, count: int, began: float) -> float:
    """Seconds from `began` to the request after the first `count`. Raises TimeoutError."""
    while time.monotonic() < began + PATIENCE_S:
        if len(requests := emulator.requests()) > count:
            return requests[count].monotonic - began
        time.sleep(0.005)
    raise TimeoutError("Recall was not asked")


def from_track_to_call(emulator: Emulator, connection: psycopg.Connection) -> float:
    """Seconds from recall.track to the first request of the transcript; the median of a few, each after a sleep."""
    took = []
    for _ in range(TRACKED):
        new, known, began = Scenario(), len(emulator.requests()), time.monotonic()
        emulator.add(new)
        connection.execute("select recall.track(%s)", (new.transcript_id,))
        took.append(until_first_call(emulator, known, began))
        while connection.execute("select from syncd.queue").fetchone() is not None:
            time.sleep(0.05)
        time.sleep(ASLEEP_S)
    return statistics.median(took)


def rest(counter: Counter) -> None:
    """Until the daemon is at rest. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        counter.since()
        time.sleep(REST_S)
        if counter.since() < REST_S:
            return
    raise TimeoutError("it does not come to rest")


def main(seconds: float, *, is_discovering: bool = False) -> dict[str, str | float]:
    """Watch a daemon for so many seconds; the figures."""
    with (
        stack(EmulatorOptions(), [Scenario()]) as (emulator, environment),
        daemon(environment | {"SYNCD_DISCOVER": str(is_discovering)}) as (watched, ready_s),
        psycopg.connect(environment["SYNCD_DATABASE_URL"], autocommit=True) as connection,
    ):
        ready_cpu_s = watched.cpu_s()
        connection.execute("alter system set autovacuum = off")  # it would be counted
        connection.execute("select pg_reload_conf()")
        until_first_call(emulator, 0, time.monotonic())
        counter = Counter(connection)
        rest(counter)
        began, cpu_s = time.monotonic(), watched.cpu_s()
        time.sleep(seconds)
        took_s, cpu_s, transactions = time.monotonic() - began, watched.cpu_s() - cpu_s, counter.since()
        rss_mb, own_mb = watched.rss_mb(), watched.own_mb()
        return {
            "bench": "idle",
            "cpu_share": round(cpu_s / took_s, 5),
            "rss_mb": round(rss_mb, 1),
            "own_mb": round(own_mb, 1),
            "transactions_per_s": round(transactions / took_s, 3),
            "ready_s": round(ready_s, 2),
            "ready_cpu_s": round(ready_cpu_s, 2),
            "track_to_call_s": round(from_track_to_call(emulator, connection), 3),
        }


if __name__ == "__main__":
    seconds = next((float(argument) for argument in sys.argv[1:] if argument != "discover"), 60.0)
    print(json.dumps(main(seconds, is_discovering="discover" in sys.argv)))
