"""The simulated Recall: what an answer shows at a moment."""

import heapq
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass

from bench.polling.workload import Transcript
from syncd.core.transcript import DONE


@dataclass(frozen=True)
class Listed:
    """One page of the list."""

    entries: list[Transcript]
    next_url: str | None
    """The creation time before which the next page begins, as text; None on the last page."""


class Recall:
    """Transcripts by status, moved forward in time; pages run from the newest to the oldest."""

    def __init__(self, transcripts: list[Transcript], page_size: int, lag_s: float) -> None:
        self._page_size, self._lag_s = page_size, lag_s
        self._to_come = [(each.created_s, each.number, each) for each in transcripts]
        self._running: list[tuple[float, int, Transcript]] = []
        heapq.heapify(self._to_come)
        self._by_status: dict[str, list[tuple[float, int, Transcript]]] = {"processing": [], "done": []}

    def list(self, now_s: float, status: str, after_s: float, before_s: float) -> Listed:
        """A page of those created in a window, the newest first."""
        self._advance(now_s - self._lag_s)
        listed = self._by_status[status]
        first = bisect_left(listed, (after_s,))
        end = bisect_right(listed, (before_s, 1 << 60))
        begin = max(first, end - self._page_size)
        entries = [each for _, _, each in listed[begin:end]]
        return Listed(entries, repr(entries[0].created_s - 1e-6) if begin > first else None)

    def _advance(self, now_s: float) -> None:
        processing, done = self._by_status["processing"], self._by_status[DONE]
        while self._to_come and self._to_come[0][0] <= now_s:
            _, number, each = heapq.heappop(self._to_come)
            insort(processing, (each.created_s, number, each))
            heapq.heappush(self._running, (each.finished_s, number, each))
        while self._running and self._running[0][0] <= now_s:
            _, number, each = heapq.heappop(self._running)
            del processing[bisect_left(processing, (each.created_s, number))]
            insort(done, (each.created_s, number, each))
