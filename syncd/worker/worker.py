"""One tick of work: pay, take leases, walk each transcript as far as it goes.

Any number of workers, in any number of processes, share one database: leases keep them apart, the budget row makes
them pay together.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.reading.artifact import Links
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import Engine, reaching_database
from syncd.db.polling import thresholds
from syncd.db.queue import leases
from syncd.db.rate_limit import calls
from syncd.errors import ConfigError, DatabaseAway, LeaseLost, SyncdError
from syncd.log import get_logger
from syncd.pipeline.claim import Blocker, claim_one, take
from syncd.pipeline.download import download
from syncd.pipeline.list_page import read_list_page
from syncd.pipeline.list_plan import NO_DISCOVERY, Discovery, Planner
from syncd.pipeline.load import load
from syncd.pipeline.observations import Observations
from syncd.pipeline.reprice import reprice
from syncd.pipeline.retrieve import poll, refuse
from syncd.pipeline.settle import finish, put_off
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore

FETCHED_SHARE = 4
"""Finished transcripts from pages that may be in hand, for each slot, before no further page is asked for."""

log = get_logger(__name__)


class Worker:
    """Takes leases and walks their transcripts in threads. `on_slot_free` is called whenever one comes back."""

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
        self._api = api
        self._store = store
        self._limits = limits
        self._observations = Observations(engine, limits.workspace)
        self._planner = Planner(engine, limits, self._observations, discovery)
        self._on_slot_free = on_slot_free
        self._walkers = ThreadPoolExecutor(limits.concurrency, thread_name_prefix="walk")
        # apart, so that a page full of files to fetch does not keep looks waiting that were paid for
        self._fetchers = ThreadPoolExecutor(max(1, limits.concurrency // 2), thread_name_prefix="fetch")
        self._walking: set[int] = set()
        self._fetching: set[int] = set()
        self._not_begun: set[int] = set()
        self._changed = threading.Condition()
        self._ticking = threading.Lock()
        self._sweeping = threading.Lock()
        self._is_closed = False
        self._turn = 0
        self._lateness: list[float] = []
        self._large = threading.Lock()
        self._large_owner = threading.local()

    @property
    def in_hand(self) -> int:
        """How many transcripts this worker holds right now."""
        with self._changed:
            return len(self._walking | self._fetching)

    @property
    def is_idle(self) -> bool:
        """Whether it holds nothing, and has discovered what there was when it began, where it is to do so."""
        return self.in_hand == 0 and self._planner.has_surveyed

    def claim_due(self) -> int:
        """Take as many due transcripts as there are free slots and tokens; how many. Raises DatabaseAway."""
        with self._ticking:
            free = self._limits.concurrency - len(self._walking)
            if free <= 0 or self._is_closed:
                return 0
            self._turn += 1
            with reaching_database():
                taken = take(self._engine, self._limits, free, self._turn)
            self._lateness += taken.lateness
            for lease in taken.leases:
                self._begin(self._walkers, self._walking, lease, partial(self._walk_stages, lease, taken.send_by))
        return len(taken.leases)

    def poll_now(self, transcript_id: UUID) -> Blocker | None:
        """Take one transcript, due or not, and walk it; or what is in the way. Raises DatabaseAway."""
        with reaching_database():
            taken = claim_one(self._engine, self._limits, transcript_id)
        if isinstance(taken, Blocker):
            return taken
        for lease in taken.leases:
            self._begin(self._walkers, self._walking, lease, partial(self._walk_stages, lease, taken.send_by))
        return None

    def catch_up(self) -> None:
        """Learn what other processes have learned, and their price of a look. Raises DatabaseAway."""
        self.flush()
        with reaching_database(), self._engine.connect() as connection:
            self._observations.set_threshold(thresholds.read(connection, self._limits.workspace).threshold_s)

    def read_list_page(self) -> int:
        """Read one page of the list, if one is worth a call; how many finished transcripts it brought.

        Raises DatabaseAway.
        """
        with self._sweeping:
            if self._is_closed or len(self._fetching) > FETCHED_SHARE * self._limits.concurrency:
                return 0
            with reaching_database():
                request = self._planner.next_request()
                if request is None:
                    return 0
                found = read_list_page(self._engine, self._api, self._limits, self._observations, request)
            for lease, links in found:
                self._begin(self._fetchers, self._fetching, lease, partial(self._fetch, lease, links))
        self._on_slot_free()  # there may be some who left the list
        return len(found)

    def reprice(self) -> None:
        """Set the price of a look. Raises DatabaseAway."""
        lateness, self._lateness = self._lateness, []
        with reaching_database():
            reprice(self._engine, self._limits, self._observations, lateness)

    def flush(self) -> None:
        """Write down what was learned about durations, and plan with it. Raises DatabaseAway."""
        with reaching_database():
            self._observations.flush()

    def renew_leases(self) -> None:
        """Keep the leases in hand. Raises DatabaseAway."""
        with self._changed:
            tokens = self._walking | self._fetching
        if tokens:
            with reaching_database(), self._engine.begin() as connection:
                leases.renew(connection, tokens, self._limits.lease_s)

    def delete_old_calls(self) -> None:
        """Forget what nothing counts any more. Raises DatabaseAway."""
        with reaching_database(), self._engine.begin() as connection:
            calls.tidy(connection)

    def drain(self, seconds: float) -> int:
        """Take nothing more, wait for the work in hand, give back what is not done by then; how much that was.

        Raises DatabaseAway; the leases then run out by themselves.
        """
        self._is_closed = True
        until = time.monotonic() + seconds
        for taking in (self._ticking, self._sweeping):  # what is taking leases comes to its end first
            if taking.acquire(timeout=max(0.0, until - time.monotonic())):
                taking.release()
        for threads in (self._walkers, self._fetchers):
            threads.shutdown(wait=False, cancel_futures=True)
        with self._changed:
            self._changed.wait_for(self._has_only_what_never_began, max(0.0, until - time.monotonic()))
            tokens = self._walking | self._fetching
        if not tokens:
            return 0
        with reaching_database(), self._engine.begin() as connection:
            return leases.release(connection, tokens)

    def _has_only_what_never_began(self) -> bool:
        return self._walking | self._fetching <= self._not_begun

    def _begin(self, threads: ThreadPoolExecutor, held: set[int], lease: Lease, walk: Callable[[], None]) -> None:
        """Walk a leased transcript in a thread, as soon as one is free."""
        with self._changed:
            held.add(lease.token)
            self._not_begun.add(lease.token)
        with contextlib.suppress(RuntimeError):  # the threads are gone: `drain` gives the lease back
            threads.submit(self._walk, held, lease, walk)

    def _walk(self, held: set[int], lease: Lease, walk: Callable[[], None]) -> None:
        """Walk one transcript as far as it goes; whatever happens ends in its row or in the log."""
        with self._changed:
            self._not_begun.discard(lease.token)
        try:
            with reaching_database():
                walk()
        except LeaseLost:
            log.warning("the lease ran out and another worker has the transcript", transcript_id=lease.transcript_id)
        except (DatabaseAway, ConfigError) as error:
            log.warning("the transcript waits for the database", transcript_id=lease.transcript_id, reason=str(error))
        except Exception as error:  # a fault of ours must cost this row a turn, not the daemon its life
            log.exception("unexpected error", transcript_id=lease.transcript_id)
            self._lose_turn(lease, SyncdError(f"Unexpected {type(error).__name__}; the log has the details."))
        finally:
            self._release_large()
            with self._changed:
                held.discard(lease.token)
                self._changed.notify_all()
            self._on_slot_free()

    def _walk_stages(self, lease: Lease, send_by: float) -> None:
        if put_off(self._engine, lease, _jitter()):
            return
        if lease.stage != Stage.POLL:
            load(self._engine, lease, self._claim_large)  # what an earlier turn stored_file and did not come to read
        if lease.stage not in PAID_STAGES:
            finish(self._engine, lease, [], _jitter())
            return
        limit = self._limits.retrieve_limit
        polled = poll(self._engine, self._api, self._observations, lease, send_by, limit, _jitter())
        if polled is not None:
            self._fetch(*polled)

    def _fetch(self, lease: Lease, links: Links) -> None:
        """From fresh links to the end."""
        lease, failures = download(self._engine, self._store, lease, links, self._claim_large)
        load(self._engine, lease, self._claim_large)
        finish(self._engine, lease, failures, _jitter())

    def _claim_large(self) -> None:
        """One transcript at a time may hold large files in memory; this thread's does until its walk ends."""
        if not getattr(self._large_owner, "is_me", False):
            self._large.acquire()
            self._large_owner.is_me = True

    def _release_large(self) -> None:
        if getattr(self._large_owner, "is_me", False):
            self._large_owner.is_me = False
            self._large.release()

    def _lose_turn(self, lease: Lease, error: SyncdError) -> None:
        try:
            with reaching_database():
                with self._engine.connect() as connection:
                    lease = leases.current(connection, lease)
                refuse(self._engine, lease, error, self._limits.retrieve_limit, _jitter())
        except (LeaseLost, DatabaseAway, ConfigError):
            log.warning("the turn could not be given back; its lease will run out", transcript_id=lease.transcript_id)


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads looks in time, guards no secret
