"""One workspace on simulated time: a simulated Recall and queue, and for every decision syncd's own policy."""

from collections.abc import Callable
from functools import partial

from bench.defaults import default_of
from bench.polling.clock import Clock
from bench.polling.conditions import Conditions, guesses_off_by
from bench.polling.lists import Lists
from bench.polling.observations import Observations
from bench.polling.rate_limit import RateLimiter
from bench.polling.recall import Recall
from bench.polling.result import Result, result
from bench.polling.retrieves import Retrieves
from bench.polling.store import Store
from bench.polling.workload import BEGIN, Transcript, Workload
from syncd.core.polling.policy import Policy
from syncd.core.polling.repricing import REPRICE_S, Threshold

TICK_S = default_of("tick_seconds")
"""How often a daemon claims and lists."""
FLUSH_S = 60.0
"""How often it flushes observations, as syncd/service has it."""


class Workspace:
    """One daemon on one workspace, from the begin of a workload to its end."""

    def __init__(
        self, workload: Workload, conditions: Conditions, retrieves: Callable[..., Retrieves] = Retrieves
    ) -> None:
        self._workload, self._conditions, self._clock = workload, conditions, Clock(BEGIN)
        self._store = Store()
        self._observations = Observations(workload, is_informed=conditions.is_informed)
        self._threshold = Threshold()
        self._policy = Policy(self._observations.curves, self._threshold.threshold_s)
        clock = self._clock
        common = clock, self._store, self._observations
        policy = self._current_policy
        limiter = RateLimiter(conditions.retrieve_limit, BEGIN)
        self._retrieves = retrieves(*common, limiter, policy, conditions.seed)
        recall = Recall(workload.transcripts, conditions.page_size, conditions.list_lag_s)
        lists = RateLimiter(conditions.list_limit, BEGIN)
        self._lists = Lists(*common, lists, policy, recall, self._retrieves)

    def run(self) -> Result:
        """Everything that happens, in order."""
        for each in self._workload.tracked:
            self._clock.at(each.tracked_s, partial(self._track, each))
        self._clock.every(TICK_S, self._tick)
        self._clock.every(REPRICE_S, self._reprice)
        self._clock.every(FLUSH_S, self._flush)
        self._clock.run(self._workload.ends_s)
        calls = self._retrieves.limiter.call_count, self._lists.limiter.call_count
        return result(self._workload.tracked, self._store.finished_s, self._workload.ends_s, *calls)

    def _current_policy(self) -> Policy:
        return self._policy

    def _track(self, transcript: Transcript) -> None:
        self._store.track(transcript, self._clock.now_s)
        self._retrieves.tick()

    def _tick(self) -> None:
        self._retrieves.tick()
        if self._conditions.has_list:
            self._lists.tick()

    def _reprice(self) -> None:
        now_s, now = self._clock.now_s, self._clock.now
        limiter, lateness = self._retrieves.limiter, self._retrieves.lateness
        self._retrieves.lateness = []
        self._threshold = Policy.reprice(
            self._threshold,
            Policy.demand(self._store.planned()),
            limiter.budget.rate,
            lateness,
            now,
            is_idle=Policy.is_idle(limiter.budget, limiter.occupied(now_s), now),
            has_backlog=self._store.has_backlog(now_s),
        )
        self._policy = Policy(self._observations.curves, self._threshold.threshold_s)
        self._store.bring_forward(self._policy, now_s)

    def _flush(self) -> None:
        self._observations.flush(self._clock.now_s)
        self._policy = Policy(self._observations.curves, self._threshold.threshold_s)


def syncd(workload: Workload, conditions: Conditions) -> Result:
    """As in production."""
    with guesses_off_by(conditions.guess_factor):
        return Workspace(workload, conditions).run()
