"""One tick of work: pay, take leases, walk each transcript as far as it goes.

Any number of workers, in any number of processes, share one database: leases keep them apart, the budget row makes
them pay together.
"""

import random
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from syncd.core.breaker import PROBE_S
from syncd.core.budget import SEND_WITHIN_S
from syncd.core.lease import Lease
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db import budgets, calls, queue, workspaces
from syncd.db.engine import Connection, Engine, database_now, reaching_database
from syncd.errors import ConfigError, DatabaseAway, DownloadError, LeaseLost, SyncdError
from syncd.log import get_logger
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore
from syncd.stages.download import download
from syncd.stages.finish import finish, put_off
from syncd.stages.load import load
from syncd.stages.poll import poll, refuse

CALL_MARGIN_S = 10.0
"""Between the end of our patience with a call and the last moment it could still be on its way."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker works under."""

    workspace: str
    retrieve_limit: int
    """Calls a minute."""
    concurrency: int
    """Transcripts in hand at the same time."""
    lease_s: float
    call_s: float
    """The longest that one call may take."""
    holder: str
    """Names this process in the queue."""

    @property
    def longest_call_s(self) -> float:
        """From payment to the last moment the call could reach Recall, with something to spare."""
        return SEND_WITHIN_S + self.call_s + CALL_MARGIN_S


class Worker:
    """Takes leases and walks their transcripts in threads. `on_slot_free` is called whenever one comes back."""

    def __init__(
        self,
        engine: Engine,
        api: RecallApi,
        store: FileStore,
        terms: Terms,
        on_slot_free: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._api = api
        self._store = store
        self._terms = terms
        self._on_slot_free = on_slot_free
        self._threads = ThreadPoolExecutor(terms.concurrency, thread_name_prefix="walk")
        self._in_hand: set[int] = set()
        self._changed = threading.Condition()
        self._ticking = threading.Lock()
        self._is_closed = False
        self._paid_at = 0.0
        self._large = threading.Lock()
        self._large_owner = threading.local()

    @property
    def in_hand(self) -> int:
        """How many transcripts this worker is walking right now."""
        with self._changed:
            return len(self._in_hand)

    def tick(self) -> int:
        """Take as many due transcripts as there are free slots and tokens; how many. Raises DatabaseAway."""
        with self._ticking:
            free = self._terms.concurrency - self.in_hand
            if free <= 0 or self._is_closed:
                return 0
            with reaching_database():
                leases = self._take(free)
            for lease in leases:
                with self._changed:
                    self._in_hand.add(lease.token)
                self._threads.submit(self._walk, lease, self._paid_at + SEND_WITHIN_S)
        return len(leases)

    def renew(self) -> None:
        """Keep the leases in hand. Raises DatabaseAway."""
        with self._changed:
            tokens = list(self._in_hand)
        if tokens:
            with reaching_database(), self._engine.begin() as connection:
                queue.renew(connection, tokens, self._terms.lease_s)

    def tidy(self) -> None:
        """Forget what nothing counts any more. Raises DatabaseAway."""
        with reaching_database(), self._engine.begin() as connection:
            calls.tidy(connection)

    def drain(self, seconds: float) -> int:
        """Take nothing more, wait for the work in hand, give back what is not done by then; how much that was.

        Raises DatabaseAway; the leases then run out by themselves.
        """
        self._is_closed = True
        until = time.monotonic() + seconds
        if self._ticking.acquire(timeout=seconds):  # a tick that is taking leases comes to its end first
            self._ticking.release()
        with self._changed:
            self._changed.wait_for(lambda: not self._in_hand, max(0.0, until - time.monotonic()))
            tokens = list(self._in_hand)
        self._threads.shutdown(wait=False, cancel_futures=True)
        if not tokens:
            return 0
        with reaching_database(), self._engine.begin() as connection:
            return queue.give_back(connection, tokens)

    def _take(self, free: int) -> list[Lease]:
        """Files to load cost nothing; the slots that remain go to what the budget affords."""
        with self._engine.begin() as connection:
            if not queue.has_due(connection, self._terms.workspace):
                return []
            leases = self._lease(connection, (Stage.LOAD,), free, database_now(connection))
            return leases + self._pay_and_lease(connection, free - len(leases))

    def _pay_and_lease(self, connection: Connection, free: int) -> list[Lease]:
        """Charge only what was taken, in the transaction that takes it."""
        workspace, limit = self._terms.workspace, self._terms.retrieve_limit
        budget = budgets.lock(connection, workspace, budgets.RETRIEVE, limit, database_now(connection))
        now, self._paid_at = database_now(connection), time.monotonic()  # the lock may have been waited for
        occupied = calls.occupied(connection, workspace, budgets.RETRIEVE, now)
        breaker = workspaces.breaker(connection, workspace)
        count = breaker.permits(min(free, budget.available(now, occupied)), now)
        leases = self._lease(connection, PAID_STAGES, count, now)
        if leases:
            budgets.save(connection, workspace, budgets.RETRIEVE, budget.spent(len(leases), now), len(leases))
            ids = [lease.token for lease in leases]
            calls.enter(connection, ids, workspace, budgets.RETRIEVE, now, self._terms.longest_call_s)
        if leases and not breaker.is_closed:
            workspaces.probe(connection, workspace, now, PROBE_S)
        return leases

    def _lease(self, connection: Connection, stages: Collection[Stage], count: int, now: datetime) -> list[Lease]:
        terms = self._terms
        if count <= 0:
            return []
        return queue.take(connection, terms.workspace, stages, count, terms.holder, terms.lease_s, now)

    def _walk(self, lease: Lease, send_by: float) -> None:
        """Walk one transcript as far as it goes; whatever happens ends in its row or in the log."""
        try:
            with reaching_database():
                self._walk_stages(lease, send_by)
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
                self._in_hand.discard(lease.token)
                self._changed.notify_all()
            self._on_slot_free()

    def _walk_stages(self, lease: Lease, send_by: float) -> None:
        if put_off(self._engine, lease, _jitter()):
            return
        failures: list[DownloadError] = []
        if lease.stage != Stage.POLL:
            load(self._engine, lease, self._claim_large)  # what an earlier turn shelved and did not come to read
        if lease.stage in PAID_STAGES:
            polled = poll(self._engine, self._api, lease, send_by, self._terms.retrieve_limit, _jitter())
            if polled is None:
                return
            lease, failures = download(self._engine, self._store, *polled, self._claim_large)
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
                    lease = queue.current(connection, lease)
                refuse(self._engine, lease, error, self._terms.retrieve_limit, _jitter())
        except (LeaseLost, DatabaseAway, ConfigError):
            log.warning("the turn could not be given back; its lease will run out", transcript_id=lease.transcript_id)


def _jitter() -> float:
    return random.random()  # noqa: S311  spreads looks in time, guards no secret
