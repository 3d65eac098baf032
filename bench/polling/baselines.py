"""Baseline policies: retrieves only, in order of when they are due, within the same budget."""

import heapq
import itertools
from collections.abc import Callable
from functools import partial

from bench.defaults import default_of
from bench.polling.clock import Clock
from bench.polling.conditions import Conditions
from bench.polling.rate_limit import ROUND_TRIP_S, RateLimiter
from bench.polling.result import Result, result
from bench.polling.workload import BEGIN, Transcript, Workload

TICK_S = default_of("tick_seconds")
Gap = Callable[[int], float]
"""Seconds until the next poll, after so many polls."""


def backoff(polls: int) -> float:
    """5 s, doubled with every poll, at most 10 minutes."""
    return min(600.0, 5.0 * 2.0 ** min(polls - 1, 10))


def every(seconds: float) -> Gap:
    """The same gap always."""
    return lambda _: seconds


class Queue:
    """One queue; each workspace in it pays from its own budget."""

    def __init__(self, workloads: list[Workload], gap: Gap, conditions: Conditions) -> None:
        self._workloads, self._gap, self._clock = workloads, gap, Clock(BEGIN)
        self.limiters = [RateLimiter(conditions.retrieve_limit, BEGIN) for _ in workloads]
        self.finished_s: list[dict[int, float]] = [{} for _ in workloads]
        self._due: list[tuple[float, int, int, Transcript, int]] = []
        self._order = itertools.count()

    def run(self) -> list[Result]:
        """One result for each workload."""
        for index, workload in enumerate(self._workloads):
            for each in workload.tracked:
                self._put(each.tracked_s, index, each, 0)
        self._clock.every(TICK_S, self._tick)
        ends_s = max(workload.ends_s for workload in self._workloads)
        self._clock.run(ends_s)
        ran = zip(self._workloads, self.finished_s, self.limiters, strict=True)
        return [result(each.tracked, finished_s, ends_s, limiter.call_count) for each, finished_s, limiter in ran]

    def _put(self, due_s: float, index: int, each: Transcript, polls: int) -> None:
        heapq.heappush(self._due, (due_s, next(self._order), index, each, polls))

    def _tick(self) -> None:
        """Take who is due, in order, until the budget of the next one is spent: the others stand behind it."""
        now_s = self._clock.now_s
        while self._due and self._due[0][0] <= now_s and self.limiters[self._due[0][2]].available(now_s):
            _, _, index, each, polls = heapq.heappop(self._due)
            self.limiters[index].pay(now_s, 1)
            self._clock.at(now_s + ROUND_TRIP_S, partial(self._answered, index, each, polls + 1))

    def _answered(self, index: int, each: Transcript, polls: int) -> None:
        if each.finished_s <= self._clock.now_s - ROUND_TRIP_S / 2:
            self.finished_s[index][each.number] = self._clock.now_s
        else:
            self._put(self._clock.now_s + self._gap(polls), index, each, polls)
        self._tick()


def alone(workload: Workload, conditions: Conditions, gap: Gap) -> Result:
    """One workspace with a queue of its own."""
    return Queue([workload], gap, conditions).run()[0]
