"""Simulated time: events in order."""

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime


def moment(seconds: float) -> datetime:
    """Simulated seconds as a time."""
    return datetime.fromtimestamp(seconds, UTC)


class Clock:
    """Runs events at their times; the same events in the same order give the same run."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return moment(self.now_s)

    def at(self, at_s: float, event: Callable[[], None]) -> None:
        """Run it then, or now if that is past."""
        heapq.heappush(self._events, (max(at_s, self.now_s), next(self._order), event))

    def every(self, seconds: float, event: Callable[[], None]) -> None:
        """Run it now, and again and again."""

        def again() -> None:
            event()
            self.at(self.now_s + seconds, again)

        self.at(self.now_s, again)

    def run(self, until_s: float) -> None:
        """Run all events up to a time."""
        while self._events and self._events[0][0] <= until_s:
            self.now_s, _, event = heapq.heappop(self._events)
            event()
