"""One life of the daemon: ready, at work, and away without leaving a lease behind."""

import contextlib
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from syncd import systemd
from syncd.core.polling.repricing import REPRICE_S
from syncd.db.engine import Engine, reaching_database
from syncd.db.queue import leases, wake
from syncd.db.reports import overview
from syncd.errors import DatabaseAway, OperatorError, StillWaiting
from syncd.log import get_logger
from syncd.service.scheduler import Scheduler
from syncd.worker.worker import Worker

TICK, SWEEP, STEER, LEARN = "tick", "sweep", "reprice", "learn"
RENEW, TELL, TIDY, COUNT = "renew", "tell", "tidy", "count"
SUPERVISE_S = 0.25
TIDY_S = 60.0
LEARN_S = 60.0
COUNT_S = 0.25
STATUS_S = 5.0
LAST_SECONDS = 1.0
"""Of a time-out, kept for giving leases back and leaving."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a life is paced, seconds."""

    tick_s: float
    lease_s: float
    drain_s: float
    until_idle: bool = False
    ends_at: float | None = None
    """When to be gone at the latest, work done or not; monotonic."""

    @property
    def is_bounded(self) -> bool:
        """Whether the life has an end of its own, and so owes an answer whether the work is done."""
        return self.until_idle or self.ends_at is not None


class Service:
    """Ties the worker to the scheduler, to signals and to systemd."""

    def __init__(self, engine: Engine, workspace: str, schedule: Schedule) -> None:
        self._engine = engine
        self._workspace = workspace
        self._schedule = schedule
        self._metronome = Scheduler()
        self._stop = threading.Event()
        self._unfinished: int | None = None
        self._life_s = self._left_s()
        self._is_away = False
        self._watchdog_s = systemd.watchdog_s()

    def wake(self) -> None:
        """There may be something to take."""
        self._metronome.prompt(TICK)

    def run(self, worker: Worker) -> None:
        """Work until a signal, the end of all work, or the time-out. Raises StillWaiting after a time-out."""
        self._metronome.every(self._schedule.tick_s, TICK, lambda: self._guarded(worker.claim_due))
        self._metronome.every(self._schedule.tick_s, SWEEP, lambda: self._guarded(worker.read_list_page))
        self._metronome.every(REPRICE_S, STEER, lambda: self._guarded(worker.reprice))
        self._metronome.every(LEARN_S, LEARN, lambda: self._guarded(worker.flush))
        self._metronome.every(self._schedule.lease_s / 4, RENEW, lambda: self._guarded(worker.renew_leases))
        self._metronome.every(STATUS_S, TELL, lambda: self._guarded(lambda: self._tell(worker)))
        if self._schedule.until_idle:
            self._metronome.every(COUNT_S, COUNT, lambda: self._guarded(self._count))
        self._metronome.every(TIDY_S, TIDY, lambda: self._guarded(worker.delete_old_calls))
        with stopping(self._stop):
            self._metronome.start()
            wake.listen(self._engine, self.wake, self._stop)
            systemd.notify("READY=1", "STATUS=Working")
            log.info("ready", workspace=self._workspace, pid=os.getpid())
            try:
                self._supervise(worker)
            finally:
                self._leave(worker)
        if self._schedule.is_bounded and not self._is_idle():
            raise StillWaiting(self._why_waiting())

    def _supervise(self, worker: Worker) -> None:
        """Until the end of the life. Waits for no server, so that a stop and the watchdog never do either."""
        while not self._stop.wait(SUPERVISE_S):
            self._metronome.tend()
            self._feed_watchdog()
            if self._is_nearly_over():
                return
            if self._schedule.until_idle and self._unfinished == 0 and worker.is_idle:
                return

    def _leave(self, worker: Worker) -> None:
        systemd.notify("STOPPING=1", "STATUS=Finishing the work in hand")
        self._metronome.stop()
        drain_s = max(0.0, min(self._schedule.drain_s, self._left_s() - LAST_SECONDS))
        log.info("stopping", in_hand=worker.in_hand)
        self._stop.set()
        with contextlib.suppress(DatabaseAway, OperatorError):  # the leases run out by themselves
            given_back = worker.drain(drain_s)
            log.info("stopped", given_back=given_back)

    def _guarded(self, act: Callable[[], object]) -> None:
        """A beat outlives a database that is away or, since the start, refuses us; it says so once."""
        try:
            act()
        except (DatabaseAway, OperatorError) as error:
            if not self._is_away:
                log.error("waiting for the database", reason=str(error))
                systemd.notify("STATUS=Waiting for the database")
            self._is_away = True
        except Exception:
            log.exception("unexpected error in a beat")

    def _feed_watchdog(self) -> None:
        """Only progress feeds it: a tick that came to its end, whether or not the database answered."""
        if self._watchdog_s is not None and self._metronome.silent_s(TICK) < self._watchdog_s / 2:
            systemd.notify("WATCHDOG=1")

    def _tell(self, worker: Worker) -> None:
        """One line for `systemctl status`; and as the one beat that always asks the database, it knows when that is
        back. Raises DatabaseAway.
        """
        self._count()
        if self._is_away:
            log.info("the database is back")
        self._is_away = False
        if not self._stop.is_set():
            systemd.notify(f"STATUS={self._unfinished} unfinished, {worker.in_hand} in hand")

    def _count(self) -> None:
        """See how much is left to do. Raises DatabaseAway."""
        with reaching_database(), self._engine.connect() as connection:
            self._unfinished = leases.unfinished(connection, self._workspace)

    def _is_idle(self) -> bool:
        with contextlib.suppress(DatabaseAway):
            self._count()
            return self._unfinished == 0
        return False

    def _left_s(self) -> float:
        ends_at = self._schedule.ends_at
        return math.inf if ends_at is None else ends_at - time.monotonic()

    def _is_nearly_over(self) -> bool:
        """Whether only the time for the work in hand and for leaving is left."""
        return self._left_s() <= LAST_SECONDS + min(2.0, self._life_s / 4)

    def _why_waiting(self) -> str:
        with contextlib.suppress(DatabaseAway), reaching_database(), self._engine.connect() as connection:
            return overview.why_waiting(connection, self._workspace)
        return "Nobody knows what still waits: the database does not answer."


@contextlib.contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT stop gently; a second one leaves at once, and the leases run out by themselves."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
