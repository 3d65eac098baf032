"""The scheduler: APScheduler triggers the worker; the queue says what is due, and each job how long it may sleep.

APScheduler 3 times its jobs by the wall clock, so a clock stepped backwards by an hour would stop it for an hour.
The monotonic clock cannot be stepped: `check_clock` compares the two and triggers all jobs after a step.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


@dataclass(slots=True)
class _Job:
    """A job, and its times by the monotonic clock."""

    seconds: float
    act: Callable[[], float | None]
    due_s: float
    began_s: float
    """When its last run began; when it was added, if none did."""
    is_running: bool = False
    wanted_s: float = math.inf
    """When it is to run again, as was asked for while it ran."""


class Scheduler:
    """Runs a few jobs at regular intervals, less often where they say so. No job runs twice at the same time."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._clock = ClockWatch(time.time(), time.monotonic())
        self._jobs: dict[str, _Job] = {}
        self._guard = threading.RLock()

    def every(self, seconds: float, name: str, act: Callable[[], float | None]) -> None:
        """Add the job `name`: call `act` now, and again every so many seconds.

        Where `act` answers a longer time, in seconds, the job sleeps for so long; with infinity, until it is woken.
        """
        self._scheduler.add_job(
            self._run, "interval", args=(name,), seconds=seconds, id=name, next_run_time=datetime.now(UTC)
        )
        now_s = time.monotonic()
        self._jobs[name] = _Job(seconds, act, due_s=now_s, began_s=now_s)

    def start(self) -> None:
        """Run the jobs, in threads of its own."""
        self._scheduler.start()

    def trigger(self, name: str, within_s: float = 0.0) -> None:
        """Run the job within so many seconds, if it would sleep longer. A run that is under way does not count."""
        with self._guard:
            self._bring_forward(name, time.monotonic() + within_s)

    def resume(self, name: str) -> None:
        """Wake the job: its next run begins when its interval is over since the last one."""
        with self._guard:
            job = self._jobs[name]
            self._bring_forward(name, max(time.monotonic(), job.began_s + job.seconds))

    def check_clock(self) -> None:
        """Trigger all jobs if the wall clock was stepped. To be called every second or so."""
        step_s = self._clock.stepped_by(time.time(), time.monotonic())
        if step_s:
            log.warning("the wall clock was stepped", seconds=round(step_s, 1))
            with self._guard:
                for name in self._jobs:
                    self._plan(name, time.monotonic())

    def overdue_s(self, name: str) -> float:
        """For how long the run under way has lasted; where there is none, for how long one should have begun."""
        with self._guard:
            job = self._jobs[name]
            return max(0.0, time.monotonic() - (job.began_s if job.is_running else job.due_s))

    def stop(self) -> None:
        """Start no further run. Does not wait for those under way."""
        with self._guard:
            self._scheduler.shutdown(wait=False)

    def _run(self, name: str) -> None:
        job = self._jobs[name]
        with self._guard:
            if job.is_running:
                return
            job.is_running, job.began_s, job.wanted_s = True, time.monotonic(), math.inf
        sleep_s = None
        try:
            sleep_s = job.act()
        finally:
            with self._guard:
                job.is_running = False
                job.due_s = max(time.monotonic(), job.began_s + job.seconds)
                if sleep_s is not None and sleep_s > job.seconds:
                    self._plan(name, time.monotonic() + sleep_s)
                self._bring_forward(name, job.wanted_s)

    def _bring_forward(self, name: str, at_s: float) -> None:
        job = self._jobs[name]
        if job.is_running:
            job.wanted_s = min(job.wanted_s, at_s)
        elif at_s < job.due_s:
            self._plan(name, at_s)

    def _plan(self, name: str, at_s: float) -> None:
        self._jobs[name].due_s = at_s
        if self._scheduler.running:
            in_s = at_s - time.monotonic()
            at = None if math.isinf(in_s) else datetime.now(UTC) + timedelta(seconds=in_s)
            self._scheduler.modify_job(name, next_run_time=at)
