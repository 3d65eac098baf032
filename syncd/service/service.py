"""The daemon from its start to its end: ready, working, stopped without leaving a lease behind."""

import contextlib
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from syncd import __version__, systemd
from syncd.core.polling.repricing import REPRICE_S
from syncd.core.queue.pace import LONGEST_SLEEP_S, until_next_claim
from syncd.db.admin import revision
from syncd.db.engine import Engine, reaching_database
from syncd.db.pool import longest_unanswered_s
from syncd.db.queue.processes import Process
from syncd.db.queue.wake import Hints
from syncd.db.reports import overview
from syncd.errors import DatabaseAway, OperatorError, SchemaError, StillWaiting
from syncd.log import get_logger
from syncd.pipeline.erase import erase_aged
from syncd.service.heartbeat import Heartbeat
from syncd.service.outage import Outage
from syncd.service.reload import Reload
from syncd.service.schedule import (
    CLAIM,
    CLEAN,
    CLEAN_S,
    COUNT,
    COUNT_S,
    END_CHECK_S,
    ERASE,
    ERASE_S,
    FLUSH,
    FLUSH_S,
    FOLLOWERS,
    LIST,
    RENEW,
    RENEWALS,
    REPRICE,
    REVISION,
    REVISION_S,
    STATUS,
    STATUS_S,
    SUPERVISE_S,
    Schedule,
)
from syncd.service.scheduler import Scheduler
from syncd.worker.worker import Worker

RELOAD_DRAIN_SHARE = 4
"""A reload waits for this part of the watchdog's time for what is in flight: nothing notifies it meanwhile."""
LAST_SECONDS = 1.0
"""The end of a time-out, kept for releasing leases and stopping."""
MOST_FOR_IN_FLIGHT_S = 2.0
"""Before that, for what is in flight: this long, or a quarter of the whole where that is less."""

log = get_logger(__name__)


class Service:
    """Ties the worker to the scheduler, to a request to stop and to systemd."""

    def __init__(
        self,
        engine: Engine,
        process: Process,
        schedule: Schedule,
        reload: Reload[Any],  # whatever it brings, the service only ends for it
        stop: threading.Event,
        begin: Callable[[], None] | None = None,
    ) -> None:
        """It ends soon after `stop` is set, at once where that was before.

        `begin` is called by the first beat that can write; until then nothing is claimed. It may raise DatabaseAway.
        """
        self._engine = engine
        self._workspace = process.workspace
        self._schedule = schedule
        self._reload = reload
        self._heartbeat = Heartbeat(engine, process, schedule.heartbeat_s)
        self._scheduler = Scheduler()
        self._is_told_to_stop = stop
        self._begin = begin
        self._stop = threading.Event()
        self._run_s = self._left_s()
        self._outage = Outage()
        self._watchdog_s = systemd.watchdog_s()
        self._hints = Hints(engine, self._workspace, lambda: self._scheduler.trigger(CLAIM), self._on_listening)

    def wake(self) -> None:
        """Something has happened: there may be something to claim, and all jobs go on at their pace."""
        self._scheduler.trigger(CLAIM)
        self._resume()

    def _resume(self) -> None:
        for name in FOLLOWERS:
            self._scheduler.resume(name)

    def _on_listening(self) -> None:
        """The heartbeat tells of it. Where hints no longer arrive, a database that went to sleep is let sleep."""
        sleep_s = self._schedule.sleep_s
        self._scheduler.trigger(STATUS, 0.0 if self._hints.arrive or sleep_s <= STATUS_S else sleep_s)
        if not self._hints.arrive:
            self._scheduler.trigger(CLAIM, sleep_s)

    def run(self, worker: Worker, **told: object) -> bool:
        """Work until a stop, the end of all work, or the time-out; whether it ended because of a reload.

        `told` is what the line that it is ready says further.

        Raises StillWaiting after a time-out, and OperatorError where only another process can go on.
        """
        self._add_jobs(worker)
        self._scheduler.start()
        self._hints.listen(self._stop, self._schedule.sleep_s)
        systemd.notify("READY=1", "STATUS=Working")
        log.info("ready", workspace=self._workspace, **told, version=__version__, pid=os.getpid())
        is_reload = False
        try:
            is_reload = self._supervise(worker)
        finally:
            self._end(worker, is_reload=is_reload)
        if is_reload:
            return True
        if self._outage.leaves_for is not None:
            raise self._outage.leaves_for
        if self._schedule.is_bounded and not self._is_idle():
            raise StillWaiting(self._why_waiting())
        return False

    def _add_jobs(self, worker: Worker) -> None:
        schedule = self._schedule
        self._every(schedule.claim_s, CLAIM, lambda: self._claim(worker))
        self._every(schedule.claim_s, LIST, lambda: _read_list_page(worker))
        self._every(REPRICE_S, REPRICE, lambda: math.inf if worker.reprice() else None)
        self._every(FLUSH_S, FLUSH, lambda: _once(worker.flush))
        self._every(schedule.lease_s / RENEWALS, RENEW, lambda: _renew(worker))
        self._every(min(STATUS_S, schedule.heartbeat_s), STATUS, lambda: self._beat(worker))
        self._every(CLEAN_S, CLEAN, lambda: _once(worker.delete_old_calls))
        self._every(REVISION_S, REVISION, lambda: _once(self._check_revision))
        if (days := schedule.retention_days) is not None:
            self._every(ERASE_S, ERASE, lambda: 0.0 if erase_aged(self._engine, self._workspace, days) else None)
        if schedule.until_idle:
            self._every(COUNT_S, COUNT, lambda: self._heartbeat.count() if worker.is_idle else None)

    def _every(self, seconds: float, name: str, act: Callable[[], float | None]) -> None:
        self._scheduler.every(seconds, name, lambda: self._guarded(name, act) if self._may_run(name) else None)

    def _may_run(self, name: str) -> bool:
        return self._begin is None or name in (STATUS, REVISION)

    def _begin_once(self) -> None:
        """Do what the work begins with, if it is not done yet. Raises DatabaseAway."""
        if self._begin is not None:
            self._begin()
            self._begin = None
            for name in (CLAIM, LIST, REPRICE):
                self._scheduler.trigger(name)

    def _claim(self, worker: Worker) -> float:
        """Claim, and say how long the next claim can wait. Raises DatabaseAway."""
        worker.claim_due()
        self._hints.listen_again()
        if not worker.ahead.is_quiet:
            self._resume()
        longest_s = max(self._schedule.sleep_s, LONGEST_SLEEP_S if self._hints.arrive else 0.0)
        return until_next_claim(worker.ahead, self._schedule.claim_s, longest_s)

    def _supervise(self, worker: Worker) -> bool:
        """Until a stop, the end or a reload, and whether it is that. Waits for no server, so that neither a stop nor
        the watchdog ever does."""
        refusal = self._reload.refusal
        while not self._is_told_to_stop.wait(END_CHECK_S if self._schedule.until_idle else SUPERVISE_S):
            self._scheduler.check_clock()
            self._notify_watchdog()
            if self._outage.look(longest_unanswered_s(self._engine)):
                self._scheduler.resume(STATUS)
            if (self._outage.is_on or self._heartbeat.pauses or refusal) and self._outage.leaves_for is None:
                self._reload.look(is_urgent=self._outage.is_login_refused)
            if self._reload.is_ready():
                return True
            if self._reload.refusal != refusal:
                refusal = self._reload.refusal
                self._scheduler.trigger(STATUS)
            if self._is_nearly_over() or (self._outage.leaves_for is not None and not self._reload.is_under_way):
                break
            if self._schedule.until_idle and self._heartbeat.unfinished == 0 and worker.is_idle:
                break
        return False

    def _end(self, worker: Worker, *, is_reload: bool) -> None:
        drain_s = max(0.0, min(self._schedule.drain_s, self._left_s() - LAST_SECONDS))
        if is_reload:
            drain_s = min(drain_s, (self._watchdog_s or math.inf) / RELOAD_DRAIN_SHARE)
        else:
            systemd.notify("STOPPING=1", "STATUS=Finishing what is in flight")
        self._scheduler.stop()
        log.info("reloading" if is_reload else "stopping", in_flight=worker.in_flight_count)
        try:
            with contextlib.suppress(DatabaseAway, OperatorError):  # the leases run out by themselves
                released = worker.drain(drain_s)
                if not is_reload:
                    self._heartbeat.end()
                    log.info("stopped", released=released)
        finally:
            self._stop.set()  # only now: without its connection it would count as dead

    def leave(self) -> None:
        """After a reload, where what follows serves another workspace or database: end the heartbeat of this one."""
        with contextlib.suppress(DatabaseAway, OperatorError):
            self._heartbeat.end()

    def _guarded(self, name: str, act: Callable[[], float | None]) -> float | None:
        """Run a job. A database that is away, or refuses us since the start, does not end it; it is logged once."""
        try:
            sleep_s = act()
            self._outage.came_through(name)
            return sleep_s
        except (DatabaseAway, OperatorError) as error:
            self._outage.met(error, name)
            self._scheduler.resume(STATUS)
            if isinstance(error, SchemaError):
                self._scheduler.trigger(REVISION)
        except Exception:
            log.exception("unexpected error in a job")
        return None

    def _notify_watchdog(self) -> None:
        """Notify it only while claims come to their ends, whether or not the database answers, and begin when due."""
        if self._watchdog_s is not None and self._scheduler.overdue_s(CLAIM) < self._watchdog_s / 2:
            systemd.notify("WATCHDOG=1")

    def _beat(self, worker: Worker) -> float | None:
        """Heartbeat and status line. In an outage this job writes, so it sees when that works again.

        Raises DatabaseAway.
        """
        self._begin_once()
        refusal = worker.refusal or self._outage.stuck
        self._heartbeat.beat(
            worker.in_flight_count,
            reload_refusal=self._reload.refusal,
            database_refusal=refusal,
            listener_pid=self._hints.listener_pid,
            is_forced=self._outage.is_on,
        )
        self._outage.wrote() if refusal is None else self._outage.met(refusal)
        if worker.in_flight_count or self._heartbeat.pauses or self._outage.is_on:
            return None
        self._scheduler.trigger(REVISION)  # else it sleeps on while nothing happens
        return self._schedule.heartbeat_s

    def _check_revision(self) -> None:
        """Leave where the schema is not that of this version any more. Raises DatabaseAway."""
        try:
            revision.check_schema(self._engine)
        except SchemaError as error:
            self._outage.replaced(error)

    def _is_idle(self) -> bool:
        with contextlib.suppress(DatabaseAway):
            self._heartbeat.count()
            return self._heartbeat.unfinished == 0
        return False

    def _left_s(self) -> float:
        ends_at = self._schedule.ends_at
        return math.inf if ends_at is None else ends_at - time.monotonic()

    def _is_nearly_over(self) -> bool:
        """Whether only the time for what is in flight and for stopping is left."""
        return self._left_s() <= LAST_SECONDS + min(MOST_FOR_IN_FLIGHT_S, self._run_s / 4)

    def _why_waiting(self) -> str:
        with contextlib.suppress(DatabaseAway), reaching_database(), self._engine.connect() as connection:
            return overview.why_waiting(connection, self._workspace)
        return "How many still wait is unknown: the database does not answer."


def _read_list_page(worker: Worker) -> float:
    worker.read_list_page()
    return worker.until_next_page_s


def _renew(worker: Worker) -> float | None:
    worker.renew_leases()
    return None if worker.in_flight_count else math.inf


def _once(act: Callable[[], object]) -> float:
    """Of a job that goes on only where something happens."""
    act()
    return math.inf
