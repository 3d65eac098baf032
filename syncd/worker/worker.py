"""The worker: claims what is due and runs the path of each transcript in a thread.

Any number of workers, in any number of processes, share one database: leases keep them apart, the budget row makes
them pay together. Each public method is one run of one kind of work; the service triggers them regularly.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from syncd.core.polling.claim_order import Turn
from syncd.core.queue.fetch_order import fetch_rank, is_backlog
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.pace import DUE_NOW
from syncd.core.reading.artifact import Links
from syncd.core.transcript import PAID_STAGES
from syncd.db.engine import Engine, reaching_database
from syncd.db.polling import thresholds
from syncd.db.queue import leases
from syncd.db.rate_limit import calls
from syncd.errors import DatabaseAway, LeaseLost, OperatorError, SyncdError
from syncd.log import get_logger
from syncd.pipeline.claim import Blocker, Claimed, claim_due, claim_one, hold_store_probe
from syncd.pipeline.context import Context, Postponed
from syncd.pipeline.list_page import read_list_page
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery, Planner
from syncd.pipeline.observations import Observations
from syncd.pipeline.path import resume, run_from_links, run_listed, run_path
from syncd.pipeline.reprice import reprice
from syncd.pipeline.settle import fail, unexpected
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.worker.large_files import LargeFiles
from syncd.worker.pools import BACKLOG_READS, LARGE, Pools
from syncd.worker.releases import CLAIM, FILES, PAGE, POLL, Releases

MOST_POSTPONED = 100
"""Large files that wait for memory while small ones flow past; more wait in the slots of small ones. A judgement: at
a minute for each the links of the last one are two hours old, of six (docs/recall-api.md, Links)."""

log = get_logger(__name__)


class Worker:
    """Claims leases and runs their transcripts in threads. `on_slot_free` is called whenever a run is over."""

    def __init__(
        self,
        engine: Engine,
        api: RecallApi,
        store: FileStore,
        limits: WorkerLimits,
        discovery: Discovery = NO_DISCOVERY,
        on_slot_free: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._large_files = LargeFiles(self._may_postpone)
        self._observations = Observations(engine, limits.workspace)
        self._context = Context(
            engine,
            api,
            store,
            limits,
            self._observations,
            wait_for_memory=self._large_files.wait,
            ask_for_memory=self._large_files.ask,
        )
        self._backlog_context = replace(self._context, reading=threading.Semaphore(BACKLOG_READS))
        self._planner = Planner(engine, limits, self._observations, discovery)
        self._on_slot_free = on_slot_free
        self._pools = Pools(limits.concurrency, on_slot_free)
        self._releases = Releases(engine)
        self._claiming, self._listing = threading.Lock(), threading.Lock()
        self._is_closed = False
        self._turn = Turn()
        self.ahead = DUE_NOW
        self._store_probe: int | None = None
        self._lateness: list[float] = []
        self._lateness_guard = threading.Lock()

    @property
    def in_flight_count(self) -> int:
        """How many leases this worker holds right now."""
        return len(self._pools.tokens)

    @property
    def refusal(self) -> DatabaseAway | OperatorError | None:
        """What the database refused to a run, a page or a claim; None once the same has succeeded again."""
        return self._releases.refusal

    @property
    def is_idle(self) -> bool:
        """Whether it holds nothing, and has discovered what there was when it began, where it is to do so."""
        return self.in_flight_count == 0 and self._planner.has_surveyed

    @property
    def until_next_page_s(self) -> float:
        """Seconds until another page of the list may be worth a call, unless something happens; may be infinite."""
        return self._planner.until_next_s

    def claim_due(self) -> int:
        """Claim as many due transcripts as there are free slots and calls; how many. Raises DatabaseAway.

        What it saw is in `ahead`.
        """
        with self._claiming:
            self.ahead = DUE_NOW
            self._releases.release()
            free = self._releases.slots(self._pools.free_slots, self.in_flight_count)
            if free <= 0 or self._is_closed:
                return 0
            takes_backlog = self._pools.takes_backlog
            with self._releases.noting(CLAIM), reaching_database():
                claimed = claim_due(self._engine, self._limits, free, self._turn, takes_backlog=takes_backlog)
            with self._lateness_guard:
                self._lateness += claimed.lateness
            polls = [lease for lease in claimed.leases if lease.stage in PAID_STAGES]
            self._turn = self._turn.after([not lease.is_observed for lease in polls])
            self.ahead = claimed.ahead
            self._start(claimed)
        return len(claimed.leases)

    def poll_now(self, transcript_id: UUID) -> Blocker | None:
        """Claim one transcript, due or not, and run it; or what is in the way. Raises DatabaseAway."""
        with reaching_database():
            claimed = claim_one(self._engine, self._limits, transcript_id)
        if isinstance(claimed, Blocker):
            return claimed
        self._start(claimed)
        return None

    def _start(self, claimed: Claimed) -> None:
        if claimed.claimed_at is not None:
            self._context.clock.set(claimed.claimed_at, claimed.claimed_s)
        for lease in claimed.leases:
            if lease.store is StoreHealth.PROBED:
                self._store_probe = lease.token
            is_poll = lease.stage in PAID_STAGES
            context = self._context if is_poll else self._backlog_context
            run = partial(run_path, context, lease, claimed.send_by, partial(self._fetch, is_backlog(lease)))
            pool = self._pools.polls if is_poll else self._pools.backlog
            pool.start(lease, partial(self._run, lease, run, POLL if is_poll else FILES))

    def _fetch(self, is_of_backlog: bool, lease: Lease, links: Links) -> None:
        """Fetch the files of one that was polled: in another thread, so that this one is free for the next poll."""
        if self._is_closed:
            return run_from_links(self._context, lease, links)
        return self._start_fetch(
            lease, lease.created_at, partial(run_from_links, lease=lease, links=links), is_of_backlog
        )

    def _start_fetch(
        self, lease: Lease, created_at: datetime | None, run: Callable[[Context], None], is_of_backlog: bool
    ) -> None:
        context = self._backlog_context if is_of_backlog else self._context
        rank = fetch_rank(created_at, lease.claimed_at) if is_of_backlog else None
        self._pools.start_fetch(lease, partial(self._run, lease, partial(run, context)), rank)

    def catch_up(self) -> None:
        """Plan with what other processes have observed, and with their threshold. Raises DatabaseAway."""
        self.flush()
        with reaching_database(), self._engine.connect() as connection:
            self._observations.set_threshold(
                thresholds.read_threshold(connection, self._limits.workspace).threshold_s
            )

    def read_list_page(self) -> int:
        """Read one page of the list, if one is worth a call; how many transcripts it brought whose files to fetch.

        Raises DatabaseAway.
        """
        with self._listing:
            if (
                self._is_closed
                or not self._pools.takes_live
                or not self._releases.slots(1, self.in_flight_count, PAGE)
            ):
                return 0
            with reaching_database():
                request = self._planner.next_request(takes_backlog=self._pools.takes_backlog)
            if request is None:
                return 0
            with self._releases.noting(PAGE), reaching_database():
                found = read_list_page(self._context, request)
            for lease, answer in found:  # what has no file is settled at once
                self._start_fetch(
                    lease,
                    answer.artifact.created_at,
                    partial(run_listed, lease=lease, answer=answer),
                    is_backlog(lease) and answer.links.transcript is not None,
                )
        self._on_slot_free()  # some may be missing from the page, and are polled first
        return sum(each.answer.links.transcript is not None for each in found)

    def reprice(self) -> bool:
        """Set the threshold of polls anew; whether it is settled while nothing happens. Raises DatabaseAway."""
        with self._lateness_guard:
            lateness, self._lateness = self._lateness, []
        with reaching_database():
            repriced = reprice(self._engine, self._limits, self._observations, lateness)
        if repriced.brought_forward:
            self._on_slot_free()  # some may be due now
        return repriced.is_settled

    def flush(self) -> None:
        """Write the observations down, and plan with those of all processes. Raises DatabaseAway."""
        with reaching_database():
            self._observations.flush()

    def renew_leases(self) -> None:
        """Renew the leases in flight, and the probe of the file store with its own. Raises DatabaseAway."""
        if tokens := self._pools.tokens:
            with reaching_database(), self._engine.begin() as connection:
                leases.renew(connection, tokens, self._limits.lease_s)
                if self._store_probe in tokens:
                    hold_store_probe(connection, self._limits)

    def delete_old_calls(self) -> None:
        """Delete calls that count for no budget any more. Raises DatabaseAway."""
        with reaching_database(), self._engine.begin() as connection:
            calls.delete_old(connection)

    def drain(self, seconds: float) -> int:
        """Claim nothing more, wait for the runs in flight, release what is not done by then; how much that was.

        Raises DatabaseAway; the leases then run out by themselves.
        """
        self._is_closed = True
        until = time.monotonic() + seconds
        for claiming in (self._claiming, self._listing):  # what is claiming leases comes to its end first
            if claiming.acquire(timeout=max(0.0, until - time.monotonic())):
                claiming.release()
        self._pools.close()
        self._pools.wait(lambda: until - time.monotonic())
        self._releases.release()
        if not (tokens := self._pools.tokens):
            return 0
        with reaching_database(), self._engine.begin() as connection:
            return leases.release(connection, tokens)

    def close(self) -> None:
        """After `drain`: close the connections to Recall and to the file store.

        Where a run or a page outlasted it, they stay: to cut it off would count as a failure. They go with it.
        """
        if self._listing.acquire(blocking=False):
            self._listing.release()
            if self.in_flight_count == 0:
                self._context.api.close()
                self._context.store.close()

    def _run(self, lease: Lease, run: Callable[[], bool | None], step: str = FILES) -> None:
        """Run one transcript as far as it goes; whatever happens ends in its row or in the log."""
        try:
            with reaching_database():
                is_handed_on = run()
            self._releases.came_through(step, is_proof=not is_handed_on)  # its files may not be written yet
        except Postponed as later:
            run = partial(resume, self._context, lease, later.links)
            self._pools.large.start(lease, partial(self._run, lease, run))
        except LeaseLost:
            _log_lost(lease)
        except (DatabaseAway, OperatorError) as error:
            log.warning("the transcript waits for the database", transcript_id=lease.transcript_id, reason=str(error))
            self._releases.add(lease, error, step)
        except Exception as error:  # a fault of ours must cost this row one attempt and not end the daemon
            log.exception("unexpected error", transcript_id=lease.transcript_id)
            self._fail(lease, unexpected(error), step)
        finally:
            self._large_files.release()

    def _may_postpone(self) -> bool:
        """Not a run that was postponed before, and not so many that their links grow old before their turn."""
        is_large = threading.current_thread().name.startswith(LARGE)
        return not is_large and len(self._pools.large) < MOST_POSTPONED

    def _fail(self, lease: Lease, error: SyncdError, step: str) -> None:
        try:
            with reaching_database():
                fail(self._context, lease, error)
        except LeaseLost:
            _log_lost(lease)
        except (DatabaseAway, OperatorError) as away:
            self._releases.add(lease, away, step)


def _log_lost(lease: Lease) -> None:
    why = "its lease ran out, or it was erased or tracked anew meanwhile"
    log.warning("nothing is written", transcript_id=lease.transcript_id, reason=why)
