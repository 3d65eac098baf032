"""What one would write first: retrieves only, in order of when they are due, within the same budget."""

import heapq
import itertools
from collections.abc import Callable
from functools import partial

from clock import Clock
from outcome import Outcome, outcome
from purse import RETRIEVE_LIMIT, ROUND_TRIP_S, Purse
from terms import Terms
from workload import BEGIN, Transcript, Workload

TICK_S = 0.25
Gap = Callable[[int], float]
"""Seconds until the next look, after so many looks."""


def backoff(looks: int) -> float:
    """5 s, doubled with every look, at most 10 minutes."""
    return min(600.0, 5.0 * 2.0 ** min(looks - 1, 10))


def every(seconds: float) -> Gap:
    """The same gap always."""
    return lambda _: seconds


class Queue:
    """One queue; each workspace in it pays from its own budget."""

    def __init__(self, workloads: list[Workload], gap: Gap, terms: Terms) -> None:
        self._workloads, self._gap, self._clock = workloads, gap, Clock(BEGIN)
        self.purses = [Purse(RETRIEVE_LIMIT * terms.share, BEGIN) for _ in workloads]
        self.finished_s: list[dict[int, float]] = [{} for _ in workloads]
        self._due: list[tuple[float, int, int, Transcript, int]] = []
        self._order = itertools.count()

    def run(self) -> list[Outcome]:
        for place, workload in enumerate(self._workloads):
            for each in workload.tracked:
                self._put(each.tracked_s, place, each, 0)
        self._clock.at(BEGIN, self._beat)
        ends_s = max(workload.ends_s for workload in self._workloads)
        self._clock.run(ends_s)
        found = zip(self._workloads, self.finished_s, self.purses, strict=True)
        return [outcome(each.tracked, finished_s, ends_s, purse.paid) for each, finished_s, purse in found]

    def _put(self, due_s: float, place: int, each: Transcript, looks: int) -> None:
        heapq.heappush(self._due, (due_s, next(self._order), place, each, looks))

    def _beat(self) -> None:
        self._tick()
        self._clock.at(self._clock.now_s + TICK_S, self._beat)

    def _tick(self) -> None:
        """Take who is due, in order, until the budget of the next one is spent: the others stand behind it."""
        now_s = self._clock.now_s
        while self._due and self._due[0][0] <= now_s and self.purses[self._due[0][2]].available(now_s):
            _, _, place, each, looks = heapq.heappop(self._due)
            self.purses[place].pay(now_s, 1)
            self._clock.at(now_s + ROUND_TRIP_S, partial(self._answered, place, each, looks + 1))

    def _answered(self, place: int, each: Transcript, looks: int) -> None:
        if each.finished_s <= self._clock.now_s - ROUND_TRIP_S / 2:
            self.finished_s[place][each.number] = self._clock.now_s
        else:
            self._put(self._clock.now_s + self._gap(looks), place, each, looks)
        self._tick()


def alone(workload: Workload, terms: Terms, gap: Gap) -> Outcome:
    """One workspace with a queue of its own."""
    return Queue([workload], gap, terms).run()[0]
