"""Set the price of a look, so that the looks that are worth it just fit into the budget."""

from collections.abc import Sequence

from syncd.core.polling.poll_index import REPRICE_S, adjusted_gain, threshold_for
from syncd.core.queue.limits import WorkerLimits
from syncd.db.engine import Engine, database_now
from syncd.db.polling import thresholds
from syncd.db.polling.thresholds import Price
from syncd.db.rate_limit import budgets, calls
from syncd.log import get_logger
from syncd.pipeline.observations import Observations

log = get_logger(__name__)


def reprice(engine: Engine, limits: WorkerLimits, observations: Observations, lateness: Sequence[float]) -> None:
    """Compute the price anew, unless another process has just done so, and plan with it.

    `lateness` are the shares of their gaps by which looks came late since the last time.
    """
    with engine.connect() as connection:
        demand = thresholds.demand(connection, limits.workspace)  # reads the queue, so not under the budget's lock
    with engine.begin() as connection:
        now = database_now(connection)
        budget = budgets.lock(connection, limits.workspace, budgets.RETRIEVE, limits.retrieve_limit, now)
        price = thresholds.read(connection, limits.workspace)
        elapsed_s = REPRICE_S if price.repriced_at is None else (now - price.repriced_at).total_seconds()
        if 0 <= elapsed_s < REPRICE_S:
            observations.price(price.threshold_s)
            return
        occupied = calls.occupied(connection, limits.workspace, budgets.RETRIEVE, now)
        late = sum(lateness) / len(lateness) if lateness else None
        is_idle = budget.filled(now) >= budget.burst and budget.available(now, occupied) > 0
        gain = adjusted_gain(price.gain, elapsed_s, late, is_idle=is_idle)
        threshold_s = threshold_for(demand, budget.rate, gain)
        thresholds.save(connection, limits.workspace, Price(threshold_s, gain, now))
    observations.price(threshold_s)
    with engine.begin() as connection:
        hurried = thresholds.hurry(connection, limits.workspace, threshold_s, now)
    log.debug("steered", threshold_s=round(threshold_s, 4), demand=round(demand, 3), gain=gain, hurried=hurried)
