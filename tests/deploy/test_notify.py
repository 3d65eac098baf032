"""What the daemon tells systemd, received on a socket of our own: the real command, a real database, no systemd."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from syncd.db.engine import Engine
from syncd.service.service import Schedule, Service
from syncd.worker.worker import Worker

TIMEOUT_S = 60.0


class NotifySocket:
    """Receives what `sd_notify` sends, as systemd does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.received: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def count(self, start: str) -> int:
        """How many assignments that begin so were received."""
        return sum(each.startswith(start) for each in self.received)

    def wait_for(self, start: str, count: int = 1, timeout_s: float = TIMEOUT_S) -> str:
        """The last assignment that begins so, once so many of them were received. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
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
        assert systemd_socket.wait_for("STATUS=") == "STATUS=Waiting for the database"
        service.send_signal(signal.SIGTERM)
        assert "a-password" not in service.told()
    assert (service.returncode, "READY=1" in systemd_socket.received) == (-signal.SIGTERM, False)


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

    def __init__(self) -> None:
        self.release = threading.Event()

    def claim_due(self) -> int:
        self.release.wait(TIMEOUT_S)
        return 0

    def read_list_page(self) -> int:
        return 0

    def reprice(self) -> None: ...

    def flush(self) -> None: ...

    def renew_leases(self) -> None: ...

    def delete_old_calls(self) -> None: ...

    def drain(self, _seconds: float) -> int:
        return 0


def test_only_claims_that_end_notify_the_watchdog(
    engine: Engine, systemd_socket: NotifySocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(systemd_socket.path))
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    worker = Stuck()
    service = Service(engine, "default", Schedule(claim_s=0.05, lease_s=60.0, drain_s=0.0))
    moments: list[float] = []

    def receive() -> None:
        try:
            systemd_socket.wait_for("READY=1")
            began = time.monotonic()
            while time.monotonic() < began + 2.0:
                with contextlib.suppress(TimeoutError):
                    systemd_socket.wait_for("WATCHDOG=1", systemd_socket.count("WATCHDOG=1") + 1, timeout_s=0.2)
                    moments.append(time.monotonic() - began)
            worker.release.set()
            systemd_socket.wait_for("WATCHDOG=1", systemd_socket.count("WATCHDOG=1") + 3)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # ends the service below

    watcher = threading.Thread(target=receive)
    watcher.start()
    service.run(cast(Worker, worker))
    watcher.join()
    assert moments
    assert max(moments) < 1.0  # notified for half of its time after the last claim, then no more
