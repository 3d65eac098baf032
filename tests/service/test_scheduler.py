"""A wall clock that is stepped does not stop the scheduler."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from types import SimpleNamespace

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest

from syncd.service import scheduler
from syncd.service.scheduler import ClockWatch, Scheduler

INTERVAL_S = 0.05
SOON_S = 60.0
MOST_LATE_RUNS = 1000


class WallClock:
    """The machine's wall clock as APScheduler and the scheduler read it, which a test can step."""

    offset = timedelta(0)

    @classmethod
    def time(cls) -> float:
        return time.time() + cls.offset.total_seconds()

    class Datetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain datetime will do
            return datetime.now(tz) + WallClock.offset


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> type[WallClock]:
    for module in (apscheduler.schedulers.base, apscheduler.triggers.interval, scheduler):
        monkeypatch.setattr(module, "datetime", WallClock.Datetime)

    clock = SimpleNamespace(time=WallClock.time, monotonic=time.monotonic)
    monkeypatch.setattr(scheduler, "time", clock)
    monkeypatch.setattr(WallClock, "offset", timedelta(0))
    return WallClock


@pytest.fixture
def running() -> Iterator[tuple[Scheduler, threading.Semaphore]]:
    runs = threading.Semaphore(0)
    scheduler = Scheduler()
    scheduler.every(INTERVAL_S, "claim", runs.release)
    scheduler.start()
    yield scheduler, runs
    scheduler.stop()


def goes_on(runs: threading.Semaphore, seconds: float) -> bool:
    return all(runs.acquire(timeout=seconds) for _ in range(3))


@pytest.mark.usefixtures("wall")
class TestSteps:
    @pytest.mark.parametrize("hours", [-1, 1, -24 * 365])
    def test_a_stepped_clock_does_not_stop_a_scheduler_that_checks_it(
        self, running: tuple[Scheduler, threading.Semaphore], hours: int
    ) -> None:
        scheduler, runs = running
        for step in (timedelta(hours=hours), timedelta(0)):  # there and back again
            assert goes_on(runs, SOON_S)
            WallClock.offset = step
            scheduler.check_clock()
            while runs.acquire(blocking=False):
                pass
            assert goes_on(runs, SOON_S)

    def test_without_the_check_it_would_stop(self, running: tuple[Scheduler, threading.Semaphore]) -> None:
        _, runs = running
        assert goes_on(runs, SOON_S)
        WallClock.offset = timedelta(hours=-1)
        # nothing for twenty intervals, after the runs that were under way
        assert any(not runs.acquire(timeout=20 * INTERVAL_S) for _ in range(MOST_LATE_RUNS))


def test_only_a_step_counts_as_a_step() -> None:
    watch = ClockWatch(wall_s=1000.0, monotonic_s=10.0)
    assert watch.stepped_by(1001.0, 11.0) == 0.0
    assert watch.stepped_by(1002.9, 12.0) == 0.0  # slewed by a time server
    assert watch.stepped_by(-2599.0, 13.0) == pytest.approx(-3602.9)
    assert watch.stepped_by(-2598.0, 14.0) == 0.0
    assert watch.stepped_by(1003.0, 15.0) == pytest.approx(3600.0)


class Sleeper:
    """A job that says how long it sleeps, and whose runs are counted."""

    def __init__(self, sleep_s: float) -> None:
        self.sleep_s = sleep_s
        self.runs = threading.Semaphore(0)
        self.during: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        self.during()
        self.runs.release()
        return self.sleep_s

    def has_run(self) -> bool:
        return self.runs.acquire(timeout=SOON_S)


@pytest.fixture
def sleeper() -> Iterator[tuple[Scheduler, Sleeper]]:
    scheduler, sleeper = Scheduler(), Sleeper(math.inf)
    scheduler.every(INTERVAL_S, "claim", sleeper)
    scheduler.start()
    assert sleeper.has_run()
    yield scheduler, sleeper
    scheduler.stop()


def rests(sleeper: Sleeper) -> bool:
    return not sleeper.runs.acquire(timeout=10 * INTERVAL_S)


@pytest.mark.parametrize("wake", [Scheduler.trigger, Scheduler.resume], ids=["triggered", "resumed"])
def test_a_job_sleeps_as_long_as_it_says_and_can_be_woken(
    sleeper: tuple[Scheduler, Sleeper], wake: Callable[[Scheduler, str], None]
) -> None:
    scheduler, job = sleeper
    assert rests(job)
    assert scheduler.overdue_s("claim") == 0.0
    for _ in range(3):
        wake(scheduler, "claim")
        assert job.has_run()
    assert rests(job)
    job.sleep_s = 0.0
    wake(scheduler, "claim")
    assert goes_on(job.runs, SOON_S)


def test_one_that_is_woken_while_it_runs_runs_again(sleeper: tuple[Scheduler, Sleeper]) -> None:
    scheduler, job = sleeper

    def wake_once() -> None:
        job.during = lambda: None
        scheduler.trigger("claim")

    job.during = wake_once
    scheduler.trigger("claim")
    assert job.has_run() and job.has_run()
    assert rests(job)


def test_a_sleep_can_be_shortened_and_not_prolonged(sleeper: tuple[Scheduler, Sleeper]) -> None:
    scheduler, job = sleeper
    scheduler.trigger("claim", within_s=0.1)
    scheduler.trigger("claim", within_s=1000.0)
    assert job.has_run()


def test_a_run_that_hangs_and_one_that_does_not_begin_are_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(scheduler, "time", SimpleNamespace(time=time.time, monotonic=lambda: now_s))
    hanging, begun, idle = threading.Event(), threading.Event(), Scheduler()

    def hang() -> None:
        begun.set()
        hanging.wait(SOON_S)

    idle.every(1000.0, "claim", hang)
    now_s = 5.0
    assert idle.overdue_s("claim") == 5.0  # nothing begins it
    idle.start()
    assert begun.wait(SOON_S)
    assert idle.overdue_s("claim") == 0.0
    now_s = 12.0
    assert idle.overdue_s("claim") == 7.0
    hanging.set()
    idle.stop()
