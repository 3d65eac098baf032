"""What a daemon with nothing to do costs: `python -m bench.idle [seconds] [discover]`.

The real daemon on a real Postgres, with a finished transcript behind it and nothing due. Once it has come to rest it
is watched for so many seconds: its share of one core, its memory, the transactions that Postgres counts, less our
own. Then a transcript is tracked, and the emulator's log says when Recall is asked about it. One line of JSON.
"""

import contextlib
import json
import os
import socket
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
COUNTED = (
    "select sum(xact_commit + xact_rollback)::int8 from pg_stat_database, pg_stat_force_next_flush()"
    " where datname = current_database()"
)


@contextlib.contextmanager
def daemon(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
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
            yield process, ready_s
        finally:
            process.terminate()
            reap(process)


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
        daemon(environment | {"SYNCD_DISCOVER": str(is_discovering)}) as (process, ready_s),
        psycopg.connect(environment["SYNCD_DATABASE_URL"], autocommit=True) as connection,
    ):
        until_first_call(emulator, 0, time.monotonic())
        counter, watched = Counter(connection), Watched(process.pid)
        rest(counter)
        began, cpu_s = time.monotonic(), watched.cpu_s()
        time.sleep(seconds)
        took_s, cpu_s, transactions = time.monotonic() - began, watched.cpu_s() - cpu_s, counter.since()
        new, known = Scenario(), len(emulator.requests())
        emulator.add(new)
        tracked = time.monotonic()
        connection.execute("select recall.track(%s)", (new.transcript_id,))
        return {
            "bench": "idle",
            "cpu_share": round(cpu_s / took_s, 5),
            "rss_mb": round(watched.rss_mb(), 1),
            "transactions_per_s": round(transactions / took_s, 3),
            "ready_s": round(ready_s, 2),
            "track_to_call_s": round(until_first_call(emulator, known, tracked), 3),
        }


if __name__ == "__main__":
    seconds = next((float(argument) for argument in sys.argv[1:] if argument != "discover"), 60.0)
    print(json.dumps(main(seconds, is_discovering="discover" in sys.argv)))
