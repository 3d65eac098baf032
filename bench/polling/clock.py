"""Simulated time: what happens next, in order."""

import heapq
import itertools
from collections.abc import Callable


class Clock:
    """Calls acts at their times; the same acts in the same order give the same run."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self._acts: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        """Do it then, or now if that is past."""
        heapq.heappush(self._acts, (max(at_s, self.now_s), next(self._order), act))

    def run(self, until_s: float) -> None:
        while self._acts and self._acts[0][0] <= until_s:
            self.now_s, _, act = heapq.heappop(self._acts)
            act()
