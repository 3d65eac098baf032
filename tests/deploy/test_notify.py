"""What the daemon tells systemd, received on a socket of our own: the real command, a real database, no systemd."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from psycopg.conninfo import make_conninfo

from syncd.core.queue.pace import DUE_NOW
from syncd.db.engine import Engine
from syncd.db.queue.processes import Process
from syncd.service import scheduler
from syncd.service import service as service_module
from syncd.service.reload import Reload
from syncd.service.schedule import Schedule
from syncd.service.service import Service
from syncd.worker.worker import Worker

TIMEOUT_S = 60.0
MOST_RECEIVED = 1000


class NotifySocket:
    """Receives what `sd_notify` sends, as systemd does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.received: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def count(self, start: str) -> int:
        """How many assignments that begin so were sent until now."""
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while len(self.received) < MOST_RECEIVED:
                self.received += self._socket.recv(4096).decode().split("\n")
        return sum(each.startswith(start) for each in self.received)

    def wait_for(self, start: str, count: int = 1) -> str:
        """The last assignment that begins so, once so many of them were received. Raises TimeoutError."""
        until = time.monotonic() + TIMEOUT_S
        while len(found := [each for each in self.received if each.startswith(start)]) < count:
            self._socket.settimeout(max(0.01, until - time.monotonic()))
            self.received += self._socket.recv(4096).decode().split("\n")
        return found[-1]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def systemd_socket(tmp_path: Path) -> Iterator[NotifySocket]:
    received = NotifySocket(tmp_path / "notify")
    yield received
    received.close()


class Daemon(subprocess.Popen[str]):
    """`syncd run` as systemd would start it."""

    def __init__(self, environment: dict[str, str], systemd_socket: NotifySocket, **settings: str) -> None:
        told = {"NOTIFY_SOCKET": str(systemd_socket.path), "WATCHDOG_USEC": "3000000"}
        super().__init__(
            [sys.executable, "-m", "syncd", "run"],
            env=environment | told | settings,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self) -> str:
        """What it wrote until its end."""
        return self.communicate(timeout=TIMEOUT_S)[1]


@pytest.fixture
def service(environment: dict[str, str], systemd_socket: NotifySocket) -> Iterator[Daemon]:
    with Daemon(environment, systemd_socket) as service:
        yield service
        service.kill()


def test_a_service_notifies_systemd_of_its_start_its_progress_and_its_stop(
    service: Daemon, systemd_socket: NotifySocket
) -> None:
    systemd_socket.wait_for("READY=1")
    assert systemd_socket.received[0] == "READY=1"  # nothing was said before everything was checked
    systemd_socket.wait_for("WATCHDOG=1", count=3)
    assert systemd_socket.wait_for("STATUS=0 ") == "STATUS=0 unfinished, 0 in flight"
    service.send_signal(signal.SIGTERM)
    systemd_socket.wait_for("STOPPING=1")
    service.told()
    assert service.returncode == 0


def test_a_service_without_its_schema_is_never_ready(
    environment: dict[str, str], systemd_socket: NotifySocket, empty_database_url: str
) -> None:
    with Daemon(environment, systemd_socket, SYNCD_DATABASE_URL=empty_database_url) as service:
        assert "syncd migrate" in service.told()
    assert (service.returncode, systemd_socket.received) == (78, [])


def test_a_start_without_a_database_asks_for_more_time_and_can_be_stopped(
    environment: dict[str, str], systemd_socket: NotifySocket
) -> None:
    nowhere = "postgresql://nobody:a-password@127.0.0.1:9/nothing"
    with Daemon(environment, systemd_socket, SYNCD_DATABASE_URL=nowhere) as service:
        systemd_socket.wait_for("EXTEND_TIMEOUT_USEC=90000000")
        told = systemd_socket.wait_for("STATUS=")
        assert told.startswith("STATUS=Waiting for the database: The database does not answer: ")
        assert told.endswith("[SYNCD-DB-AWAY]")
        service.send_signal(signal.SIGTERM)
        assert "a-password" not in service.told()
    assert (service.returncode, "READY=1" in systemd_socket.received) == (-signal.SIGTERM, False)


def test_a_start_whose_login_is_refused_is_started_again_for_only_that_reads_a_credential_anew(
    environment: dict[str, str], systemd_socket: NotifySocket, database_url: str
) -> None:
    url = make_conninfo(database_url, user="nobody_of_that_name")
    with Daemon(environment, systemd_socket, SYNCD_DATABASE_URL=url, SYNCD_DATABASE_WAIT_SECONDS="1") as service:
        status = systemd_socket.wait_for("STATUS=Waiting for the database: ")
        told = service.told()
    assert status.endswith("`systemctl restart syncd` reads it at once.")
    assert (service.returncode, "[SYNCD-DB-LOGIN]" in told.splitlines()[-1]) == (69, True)


def test_the_watchdogs_abort_leaves_the_stack_of_every_thread(service: Daemon, systemd_socket: NotifySocket) -> None:
    systemd_socket.wait_for("READY=1")
    service.send_signal(signal.SIGABRT)
    written = service.told()
    assert "Fatal Python error: Aborted" in written
    assert service.returncode in (-signal.SIGABRT, -signal.SIGSEGV)  # writing the stacks races with the threads,
    if service.returncode == -signal.SIGABRT:  # and may lose the last of them
        assert str(Path("service", "service.py")) in written


class Stuck:
    """A worker whose first claim does not end until it is released."""

    in_flight_count = 0
    ahead = DUE_NOW
    until_next_page_s = 0.0

    def __init__(self) -> None:
        self.release = threading.Event()
        self.is_claiming_again = threading.Event()
        self._claim_count = 0

    def claim_due(self) -> int:
        self._claim_count += 1
        if self._claim_count > 1:  # one at a time, so the first has ended
            self.is_claiming_again.set()
        self.release.wait(TIMEOUT_S)
        return 0

    def read_list_page(self) -> int:
        return 0

    def reprice(self) -> bool:
        return False

    def flush(self) -> None: ...

    def renew_leases(self) -> None: ...

    def delete_old_calls(self) -> None: ...

    def drain(self, _seconds: float) -> int:
        return 0


class Clock:
    """The clock from which the scheduler knows how long ago a claim ended. It moves only when it is told to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_only_claims_that_end_notify_the_watchdog(
    engine: Engine, systemd_socket: NotifySocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, worker, counts, stop = Clock(), Stuck(), list[int](), threading.Event()

    def turns() -> Iterator[None]:
        """What happens at the beginning of each turn of the supervision, before it may notify the watchdog."""
        for clock.now_s in (0.0, 0.4, 0.6, 5.0):  # since the last claim ended; half of the watchdog's time is 0.5
            yield
            counts.append(systemd_socket.count("WATCHDOG=1"))
        worker.release.set()
        assert worker.is_claiming_again.wait(TIMEOUT_S)
        yield
        counts.append(systemd_socket.count("WATCHDOG=1"))
        stop.set()
        yield

    turn = turns()
    monkeypatch.setenv("NOTIFY_SOCKET", str(systemd_socket.path))
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    monkeypatch.setattr(service_module, "SUPERVISE_S", 0.01)
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(time=clock, monotonic=clock))
    monkeypatch.setattr(scheduler.Scheduler, "check_clock", lambda _: next(turn))
    process, reload = Process("a", "default", "host", 1, "0"), Reload(None, lambda _: None)
    schedule = Schedule(claim_s=0.05, lease_s=60.0, drain_s=0.0)
    Service(engine, process, schedule, reload, stop).run(cast(Worker, worker))
    assert counts == [1, 2, 2, 2, 3]
