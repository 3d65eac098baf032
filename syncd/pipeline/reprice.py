"""Set the price of a look, so that the looks that are worth it just fit into the budget."""

from collections.abc import Sequence

from syncd.core.polling.poll_index import STEER_S, priced, trimmed
from syncd.core.queue.limits import Terms
from syncd.db.engine import Engine, database_now
from syncd.db.polling import thresholds
from syncd.db.polling.thresholds import Price
from syncd.db.rate_limit import budgets, calls
from syncd.log import get_logger
from syncd.pipeline.observations import Pace

log = get_logger(__name__)


def steer(engine: Engine, terms: Terms, pace: Pace, lateness: Sequence[float]) -> None:
    """Compute the price anew, unless another process has just done so, and plan with it.

    `lateness` are the shares of their gaps by which looks came late since the last time.
    """
    with engine.connect() as connection:
        demand = thresholds.demand(connection, terms.workspace)  # reads the queue, so not under the budget's lock
    with engine.begin() as connection:
        now = database_now(connection)
        budget = budgets.lock(connection, terms.workspace, budgets.RETRIEVE, terms.retrieve_limit, now)
        price = thresholds.read(connection, terms.workspace)
        elapsed_s = STEER_S if price.steered_at is None else (now - price.steered_at).total_seconds()
        if 0 <= elapsed_s < STEER_S:
            pace.price(price.patience_s)
            return
        occupied = calls.occupied(connection, terms.workspace, budgets.RETRIEVE, now)
        late = sum(lateness) / len(lateness) if lateness else None
        is_idle = budget.filled(now) >= budget.burst and budget.available(now, occupied) > 0
        trim = trimmed(price.trim, elapsed_s, late, is_idle=is_idle)
        patience_s = priced(demand, budget.rate, trim)
        thresholds.save(connection, terms.workspace, Price(patience_s, trim, now))
    pace.price(patience_s)
    with engine.begin() as connection:
        hurried = thresholds.hurry(connection, terms.workspace, patience_s, now)
    log.debug("steered", patience_s=round(patience_s, 4), demand=round(demand, 3), trim=trim, hurried=hurried)
