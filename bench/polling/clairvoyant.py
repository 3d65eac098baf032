"""Who knows every finishing time, and only queues for calls."""

from collections import deque
from functools import partial

from bench.polling.clock import Clock
from bench.polling.conditions import Conditions
from bench.polling.rate_limit import ROUND_TRIP_S, RateLimiter
from bench.polling.result import Result, ready_s, result
from bench.polling.workload import BEGIN, Transcript, Workload

GRID_S = 0.05


class Clairvoyant:
    """Sends each call so that it arrives when its transcript finishes, if the budget allows.

    A page brings as many finished ones as fit on it, wherever in the list they stand: kinder than any real list.
    """

    def __init__(self, workload: Workload, conditions: Conditions) -> None:
        self._workload, self._conditions, self._clock = workload, conditions, Clock(BEGIN)
        self._retrieve = RateLimiter(conditions.retrieve_limit, BEGIN)
        self._list = RateLimiter(conditions.list_limit, BEGIN)
        self._ready: deque[Transcript] = deque()
        self._finished_s: dict[int, float] = {}

    def run(self) -> Result:
        """Everything that happens, in order."""
        for each in sorted(self._workload.tracked, key=ready_s):
            self._clock.at(max(each.finished_s - ROUND_TRIP_S / 2, each.tracked_s), partial(self._arrive, each))
        self._clock.every(GRID_S, self._serve)
        self._clock.run(self._workload.ends_s)
        calls = self._retrieve.call_count, self._list.call_count
        return result(self._workload.tracked, self._finished_s, self._workload.ends_s, *calls)

    def _arrive(self, each: Transcript) -> None:
        self._ready.append(each)
        self._serve()

    def _serve(self) -> None:
        if not self._ready:
            return
        now_s = self._clock.now_s
        self._collect(self._retrieve, min(len(self._ready), self._retrieve.available(now_s)), 1)
        if self._conditions.has_list and self._ready and self._list.available(now_s):
            self._collect(self._list, 1, self._conditions.page_size)

    def _collect(self, limiter: RateLimiter, calls: int, each_brings: int) -> None:
        if calls:
            limiter.pay(self._clock.now_s, calls)
        for _ in range(min(len(self._ready), calls * each_brings)):
            self._finished_s[self._ready.popleft().number] = self._clock.now_s + ROUND_TRIP_S


def clairvoyant(workload: Workload, conditions: Conditions) -> Result:
    """The least lag that calls can be paid for."""
    return Clairvoyant(workload, conditions).run()
