"""A bound for everybody: somebody who knows every finishing time, and only queues for calls."""

from collections import deque

from clock import Clock
from outcome import Outcome, outcome, ready_s
from purse import LIST_LIMIT, RETRIEVE_LIMIT, ROUND_TRIP_S, Purse
from terms import Terms
from workload import BEGIN, Transcript, Workload

TICK_S = 0.05


class Clairvoyant:
    """Sends each call so that it arrives when its transcript finishes, if the budget allows.

    A page brings as many finished ones as fit on it, wherever in the list they stand: kinder than any real list.
    """

    def __init__(self, workload: Workload, terms: Terms) -> None:
        self._workload, self._terms, self._clock = workload, terms, Clock(BEGIN)
        self._retrieve = Purse(RETRIEVE_LIMIT * terms.share, BEGIN)
        self._list = Purse(LIST_LIMIT * terms.share, BEGIN)
        self._ready: deque[Transcript] = deque()
        self._finished_s: dict[int, float] = {}

    def run(self) -> Outcome:
        for each in sorted(self._workload.tracked, key=ready_s):
            self._clock.at(
                max(each.finished_s - ROUND_TRIP_S / 2, each.tracked_s), lambda each=each: self._arrive(each)
            )
        self._clock.at(BEGIN, self._beat)
        self._clock.run(self._workload.ends_s)
        paid = self._retrieve.paid, self._list.paid
        return outcome(self._workload.tracked, self._finished_s, self._workload.ends_s, *paid)

    def _arrive(self, each: Transcript) -> None:
        self._ready.append(each)
        self._serve()

    def _beat(self) -> None:
        if self._ready:
            self._serve()
        self._clock.at(self._clock.now_s + TICK_S, self._beat)

    def _serve(self) -> None:
        now_s = self._clock.now_s
        self._collect(self._retrieve, min(len(self._ready), self._retrieve.available(now_s)), 1)
        if self._terms.lists and self._ready and self._list.available(now_s):
            self._collect(self._list, 1, self._terms.page_size)

    def _collect(self, purse: Purse, calls: int, each_brings: int) -> None:
        if calls:
            purse.pay(self._clock.now_s, calls)
        for _ in range(min(len(self._ready), calls * each_brings)):
            self._finished_s[self._ready.popleft().number] = self._clock.now_s + ROUND_TRIP_S


def clairvoyant(workload: Workload, terms: Terms) -> Outcome:
    """The least lag that calls can be paid for."""
    return Clairvoyant(workload, terms).run()
