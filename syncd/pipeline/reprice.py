"""Compute the threshold of a workspace anew, so that the polls planned with it just fit into the budget."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from syncd.core.polling.policy import Policy
from syncd.core.queue.limits import WorkerLimits
from syncd.db.engine import Engine, database_now
from syncd.db.polling import thresholds, waiting
from syncd.db.queue import due_from
from syncd.db.rate_limit import budgets, calls
from syncd.log import get_logger
from syncd.pipeline.observations import Observations

log = get_logger(__name__)


class Repriced(NamedTuple):
    """What came of a repricing."""

    is_settled: bool = False
    """Another one would change nothing while the queue stays as it is."""
    brought_forward: int = 0
    """Rows that are due sooner than they were."""


def reprice(engine: Engine, limits: WorkerLimits, observations: Observations, lateness: Sequence[float]) -> Repriced:
    """Compute the threshold, unless another process has just done so, and plan with it.

    `lateness` are the shares of their gaps by which polls of this process came late since the last time, absent ones
    included: a sample. Those of a process that comes too early for its turn are not counted.
    """
    workspace = limits.workspace
    with engine.connect() as connection:
        known = thresholds.read_threshold(connection, workspace)
        if known.is_fresh(now := database_now(connection)):
            observations.set_threshold(known.threshold_s)
            return Repriced()
        demand = thresholds.demand(connection, workspace)  # reads the queue, so not under the budget's lock
        has_backlog = waiting.has_backlog(connection, workspace, now)
    with engine.begin() as connection:
        now = database_now(connection)
        budget = budgets.lock(connection, workspace, budgets.RETRIEVE, limits.retrieve_limit, now)
        before = thresholds.read_threshold(connection, workspace)
        if before.is_fresh(now):
            observations.set_threshold(before.threshold_s)
            return Repriced()
        is_idle = Policy.is_idle(budget, calls.occupied(connection, workspace, budgets.RETRIEVE, now), now)
        after = Policy.reprice(before, demand, budget.rate, lateness, now, is_idle=is_idle, has_backlog=has_backlog)
        thresholds.save_threshold(connection, workspace, after)
    observations.set_threshold(after.threshold_s)
    with engine.begin() as connection:
        count = thresholds.bring_forward(connection, workspace, after.threshold_s, now)
    with engine.begin() as connection:  # it may take a second, in which no row may be locked
        due_from.move_due_from(
            connection, workspace, now, is_anew=due_from.is_to_be_looked_anew(before.repriced_at, now)
        )
    log.debug(
        "repriced",
        threshold_s=round(after.threshold_s, 4),
        demand=round(demand, 3),
        gain=after.gain,
        brought_forward=count,
    )
    is_same = math.isclose(after.gain, before.gain) and math.isclose(after.threshold_s, before.threshold_s)
    return Repriced(is_idle and is_same and not count, count)
