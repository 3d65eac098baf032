"""What a worker has in flight: the leases whose runs are queued or under way in a pool of threads."""

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from syncd.core.queue.lease import Lease


class InFlight:
    """Runs of leases in a pool of threads of its own. Safe for threads."""

    def __init__(self, threads: int, name: str, on_done: Callable[[], None] = lambda: None) -> None:
        """`on_done` is called in its thread whenever a run is over and no longer in flight."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._on_done = on_done
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._waiting: list[tuple[float, int, int, Callable[[], None]]] = []
        """A heap: rank, number, token, run."""
        self._queued: set[int] = set()
        self._running: set[int] = set()

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def tokens(self) -> set[int]:
        """The tokens of all leases whose runs are not over."""
        with self._changed:
            return self._queued | self._running

    def start(self, lease: Lease, run: Callable[[], None], rank: float = 0.0) -> None:
        """Run in a thread, as soon as one is free, those of the lowest rank first and then in order.

        Where the pool is closed, the lease is only kept in `tokens`.
        """
        with self._changed:
            self._queued.add(lease.token)
            heapq.heappush(self._waiting, (rank, next(self._numbers), lease.token, run))
        try:
            self._pool.submit(self._run_first)
        except RuntimeError:  # the pool is closed: whoever drains releases the lease
            return

    def close(self) -> None:
        """Begin no further run; those that are queued never run."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wait(self, seconds: float) -> None:
        """Wait until no run is under way, or so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running, max(0.0, seconds))

    def _run_first(self) -> None:
        with self._changed:
            _, _, token, run = heapq.heappop(self._waiting)
            self._queued.discard(token)
            self._running.add(token)
        try:
            run()
        finally:
            with self._changed:
                self._running.discard(token)
                self._changed.notify_all()
            self._on_done()
