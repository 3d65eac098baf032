"""What the daemon tells systemd, heard on a socket of our own: the real command, a real database, no systemd."""

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

PATIENCE_S = 60.0


class Ear:
    """Listens as systemd does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def count(self, start: str) -> int:
        """How many assignments that begin so were heard."""
        return sum(each.startswith(start) for each in self.heard)

    def wait_for(self, start: str, count: int = 1, timeout_s: float = PATIENCE_S) -> str:
        """The last assignment that begins so, once so many of them were heard. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while len(found := [each for each in self.heard if each.startswith(start)]) < count:
            self._socket.settimeout(max(0.01, until - time.monotonic()))
            self.heard += self._socket.recv(4096).decode().split("\n")
        return found[-1]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    ear = Ear(tmp_path / "notify")
    yield ear
    ear.close()


class Daemon(subprocess.Popen[str]):
    """`syncd run` as systemd would start it."""

    def __init__(self, environment: dict[str, str], ear: Ear, **settings: str) -> None:
        told = {"NOTIFY_SOCKET": str(ear.path), "WATCHDOG_USEC": "3000000"}
        super().__init__(
            [sys.executable, "-m", "syncd", "run"],
            env=environment | told | settings,
            stderr=subprocess.PIPE,
            text=True,
        )

    def told(self) -> str:
        """What it wrote until its end."""
        return self.communicate(timeout=PATIENCE_S)[1]


@pytest.fixture
def service(environment: dict[str, str], ear: Ear) -> Iterator[Daemon]:
    with Daemon(environment, ear) as service:
        yield service
        service.kill()


def test_a_service_tells_that_it_is_ready_how_it_stands_that_it_lives_and_that_it_stops(
    service: Daemon, ear: Ear
) -> None:
    ear.wait_for("READY=1")
    assert ear.heard[0] == "READY=1"  # nothing was said before everything was checked
    ear.wait_for("WATCHDOG=1", count=3)
    assert ear.wait_for("STATUS=0 ") == "STATUS=0 unfinished, 0 in hand"
    service.send_signal(signal.SIGTERM)
    ear.wait_for("STOPPING=1")
    service.told()
    assert service.returncode == 0


def test_a_service_without_its_schema_is_never_ready(
    environment: dict[str, str], ear: Ear, empty_database_url: str
) -> None:
    with Daemon(environment, ear, SYNCD_DATABASE_URL=empty_database_url) as service:
        assert "syncd migrate" in service.told()
    assert (service.returncode, ear.heard) == (78, [])


def test_a_start_without_a_database_asks_for_more_time_and_can_be_stopped(
    environment: dict[str, str], ear: Ear
) -> None:
    nowhere = "postgresql://nobody:a-password@127.0.0.1:9/nothing"
    with Daemon(environment, ear, SYNCD_DATABASE_URL=nowhere) as service:
        ear.wait_for("EXTEND_TIMEOUT_USEC=90000000")
        assert ear.wait_for("STATUS=") == "STATUS=Waiting for the database"
        service.send_signal(signal.SIGTERM)
        assert "a-password" not in service.told()
    assert (service.returncode, "READY=1" in ear.heard) == (-signal.SIGTERM, False)


def test_the_watchdogs_abort_leaves_the_stack_of_every_thread(service: Daemon, ear: Ear) -> None:
    ear.wait_for("READY=1")
    service.send_signal(signal.SIGABRT)
    written = service.told()
    assert "Fatal Python error: Aborted" in written
    assert service.returncode in (-signal.SIGABRT, -signal.SIGSEGV)  # writing the stacks races with the threads,
    if service.returncode == -signal.SIGABRT:  # and may lose the last of them
        assert str(Path("daemon", "life.py")) in written


class Stuck:
    """A worker whose first tick never comes to its end, until it is released."""

    in_hand = 0

    def __init__(self) -> None:
        self.release = threading.Event()

    def tick(self) -> int:
        self.release.wait(PATIENCE_S)
        return 0

    def renew(self) -> None: ...

    def drain(self, _seconds: float) -> int:
        return 0


def test_only_a_loop_that_turns_feeds_the_watchdog(engine: Engine, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(ear.path))
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    worker = Stuck()
    life = Service(engine, "default", Schedule(tick_s=0.05, lease_s=60.0, drain_s=0.0))
    moments: list[float] = []

    def look_on() -> None:
        try:
            ear.wait_for("READY=1")
            began = time.monotonic()
            while time.monotonic() < began + 2.0:
                with contextlib.suppress(TimeoutError):
                    ear.wait_for("WATCHDOG=1", ear.count("WATCHDOG=1") + 1, timeout_s=0.2)
                    moments.append(time.monotonic() - began)
            worker.release.set()
            ear.wait_for("WATCHDOG=1", ear.count("WATCHDOG=1") + 3)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # ends the life below

    watcher = threading.Thread(target=look_on)
    watcher.start()
    life.run(cast(Worker, worker))
    watcher.join()
    assert moments
    assert max(moments) < 1.0  # fed for half of its time after the last tick, then no more
