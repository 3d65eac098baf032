"""Retrieves: claims by the policy, one call for each claimed row, and what the answers change."""

import random
from collections.abc import Callable
from functools import partial

from bench.defaults import default_of
from bench.polling.clock import Clock
from bench.polling.observations import Observations
from bench.polling.rate_limit import ROUND_TRIP_S, RateLimiter
from bench.polling.store import Row, Store
from syncd.core.polling.claim_order import Turn, carry_out
from syncd.core.polling.observation import Observation
from syncd.core.polling.policy import Policy
from syncd.core.queue.decide import DOWNLOAD_DEADLINE

RETENTION_S = DOWNLOAD_DEADLINE.total_seconds()
SLOTS = int(default_of("concurrency"))
"""Transcripts in flight at once."""


class Retrieves:
    """What one daemon does with the retrieve budget."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        observations: Observations,
        limiter: RateLimiter,
        policy: Callable[[], Policy],
        seed: int,
    ) -> None:
        self._clock, self._store, self._observations, self._policy = clock, store, observations, policy
        self.limiter = limiter
        self.lateness: list[float] = []
        """Of polls since the threshold was last computed."""
        self._rng = random.Random(seed)
        self._turn = Turn()
        self._free = SLOTS

    def tick(self) -> None:
        """Claim what the budget affords."""
        if not self._free:
            return
        now_s = self._clock.now_s
        available = self.limiter.available(now_s)
        claimed = self._claim(min(self._free, available), available, now_s) if available else []
        self._turn = self._turn.after([row.seen_s is None for row in claimed])
        if not claimed:
            return
        self.limiter.pay(now_s, len(claimed))
        self._free -= len(claimed)
        late = (Policy.lateness(row.seen_s, row.due_s, now_s) for row in claimed)
        self.lateness += [each for each in late if each is not None]
        for row in claimed:
            self._clock.at(now_s + ROUND_TRIP_S / 2, partial(self._ask, row))

    def _claim(self, permitted: int, available: int, now_s: float) -> list[Row]:
        store = self._store
        reserve, absent_count = self.limiter.budget.reserve, store.count_absent(permitted)
        steps = Policy.claim_plan(self._turn, permitted, available, reserve, absent_count)
        return carry_out(steps, lambda order, count: store.claim(order, count, now_s))

    def _ask(self, row: Row) -> None:
        has_finished = row.transcript.finished_s <= self._clock.now_s
        self._clock.at(self._clock.now_s + ROUND_TRIP_S / 2, partial(self._answered, row, has_finished))

    def _answered(self, row: Row, has_finished: bool) -> None:
        self._free += 1
        now_s = self._clock.now_s
        asked_s = now_s if row.claimed_s is None else row.claimed_s
        self._observations.record([observation(row, asked_s, has_finished=has_finished)])
        if has_finished:
            self._store.finish(row, now_s)
        else:
            policy = self._policy()
            gap_s = next_poll(policy, row, asked_s, self._rng.random())
            self._store.still_waiting(row, asked_s, now_s + gap_s, policy.threshold_s)
        self.tick()


def next_poll(policy: Policy, row: Row, asked_s: float, jitter: float) -> float:
    """Seconds until the next poll of a row that was unfinished when it was asked about."""
    age_s = asked_s - row.transcript.created_s
    return policy.next_poll(row.stratum, age_s, RETENTION_S - age_s, jitter)


def observation(row: Row, asked_s: float, *, has_finished: bool) -> Observation | None:
    """What an answer to a question at `asked_s` adds to the counts; Recall says when one has finished."""
    each = row.transcript
    since_s = each.tracked_s if row.seen_s is None else row.seen_s
    until_s = min(each.finished_s, asked_s)
    was_seen = row.seen_s is not None
    return Policy.observation(
        row.stratum,
        since_s - each.created_s,
        until_s - each.created_s,
        was_seen=was_seen,
        has_finished=has_finished,
    )
