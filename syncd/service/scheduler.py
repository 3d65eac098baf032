"""The scheduler: APScheduler triggers the worker regularly; the queue says what is due.

APScheduler 3 times its jobs by the wall clock, so a clock stepped backwards by an hour would stop it for an hour.
The monotonic clock cannot be stepped: `check_clock` compares the two and triggers all jobs after a step.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from syncd.log import get_logger

STEP_S = 1.0
"""A wall clock that moved this much more or less than the monotonic one has been stepped. A judgement: NTP
slews both alike, and a smaller step delays no job by more."""

log = get_logger(__name__)


class ClockWatch:
    """Notices a wall clock that was stepped."""

    def __init__(self, wall_s: float, monotonic_s: float) -> None:
        self._offset_s = wall_s - monotonic_s

    def stepped_by(self, wall_s: float, monotonic_s: float) -> float:
        """By how many seconds the wall clock was stepped since the last call; 0 where it was not."""
        offset_s = wall_s - monotonic_s
        step_s, self._offset_s = offset_s - self._offset_s, offset_s
        return step_s if abs(step_s) >= STEP_S else 0.0


class Scheduler:
    """Runs a few jobs at regular intervals. A run that is late, or due while the last one runs, is not repeated."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._clock = ClockWatch(time.time(), time.monotonic())
        self._ended_at: dict[str, float] = {}
        self._guard = threading.Lock()

    def every(self, seconds: float, name: str, act: Callable[[], object]) -> None:
        """Add the job `name`: call `act` now, and again every so many seconds."""
        self._scheduler.add_job(
            self._run, "interval", args=(name, act), seconds=seconds, id=name, next_run_time=datetime.now(UTC)
        )
        self._ended_at[name] = time.monotonic()

    def start(self) -> None:
        """Run the jobs, in threads of its own."""
        self._scheduler.start()

    def trigger_now(self, name: str) -> None:
        """Run the job as soon as possible, in addition."""
        with self._guard:
            if self._scheduler.running:
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def check_clock(self) -> None:
        """Trigger all jobs if the wall clock was stepped. To be called every second or so."""
        step_s = self._clock.stepped_by(time.time(), time.monotonic())
        if step_s:
            log.warning("the wall clock was stepped", seconds=round(step_s, 1))
            for name in self._ended_at:
                self.trigger_now(name)

    def seconds_since(self, name: str) -> float:
        """Seconds since the job last ended; since it was added, if it never did."""
        return time.monotonic() - self._ended_at[name]

    def stop(self) -> None:
        """Start no further run. Does not wait for those under way."""
        with self._guard:
            self._scheduler.shutdown(wait=False)

    def _run(self, name: str, act: Callable[[], object]) -> None:
        act()
        self._ended_at[name] = time.monotonic()
