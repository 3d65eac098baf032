"""The threads of a worker, in pools: nothing waits in one of them behind what takes longer.

Polls have threads of their own, so a paid call never waits for a file. Live transcripts, which somebody waits for,
and the backlog are fetched apart (core/queue/fetch_order.py), and large files one after the other.
"""

from collections.abc import Callable

from syncd.core.queue.lease import Lease
from syncd.worker.in_flight import InFlight

FETCHED_SHARE = 4
"""Finished transcripts, live ones and those of the backlog each, that may be in flight, for each slot of a poll,
before no further ones are asked for. A judgement: at 16 slots 64, less than a page of 100, so that threads rarely
lack work, and a link is used within minutes of its six hours (docs/recall-api.md, Links)."""
BACKLOG_READS = 2
"""Files of the backlog that are read and loaded at once, so that one is decoded while another one is committed. More
would not be faster, since Python runs one thread at a time, but each more makes every poll wait longer for its turn
(bench/backlog.py)."""
LARGE = "large"
"""How the thread for large files is called."""


class Pools:
    """Runs in flight. `on_done` is called whenever one is over."""

    def __init__(self, concurrency: int, on_done: Callable[[], None]) -> None:
        half = max(1, concurrency // 2)
        self.polls = InFlight(concurrency, "poll", on_done)
        self.live = InFlight(half, "live", on_done)
        self.backlog = InFlight(half, "backlog", on_done)
        self.large = InFlight(1, LARGE, on_done)
        self._slots = concurrency

    @property
    def tokens(self) -> set[int]:
        """Of all leases in flight. In the order in which a lease passes from pool to pool, so that none is missed."""
        return set[int]().union(*(each.tokens for each in self._all))

    @property
    def free_slots(self) -> int:
        """How many polls can be started; none while more live transcripts wait than can be fetched."""
        return self._slots - len(self.polls) if self.takes_live else 0

    @property
    def takes_live(self) -> bool:
        """Whether there is room for files of live transcripts."""
        return len(self.live) <= FETCHED_SHARE * self._slots

    @property
    def takes_backlog(self) -> bool:
        """Whether there is room for files of the backlog."""
        return len(self.backlog) <= FETCHED_SHARE * self._slots

    def start_fetch(self, lease: Lease, run: Callable[[], None], backlog_rank: float | None) -> None:
        """Fetch files; with a rank among the backlog, and otherwise as those of a live transcript."""
        if backlog_rank is None:
            self.live.start(lease, run)
        else:
            self.backlog.start(lease, run, backlog_rank)

    def close(self) -> None:
        """Begin no further run."""
        for each in self._all:
            each.close()

    def wait(self, seconds_left: Callable[[], float]) -> None:
        """Wait until no run is under way, or no time is left."""
        for each in self._all:
            each.wait(seconds_left())

    @property
    def _all(self) -> tuple[InFlight, ...]:
        return self.polls, self.live, self.backlog, self.large
