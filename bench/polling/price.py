"""The price of a look in one workspace, steered so that looks fit into the budget."""

from desk import Desk, Row
from purse import moment

from syncd.core.polling.poll_index import FIRST_THRESHOLD_S, REPRICE_S, adjusted_gain, threshold_for
from syncd.core.rate_limit.budget import Budget


class Price:
    """The patience of a workspace. In production two columns of its budget's row."""

    def __init__(self) -> None:
        self.threshold_s = FIRST_THRESHOLD_S
        self._trim, self._steered_s = 1.0, 0.0

    def steer(self, desk: Desk, budget: Budget, taken: list[Row], now_s: float) -> None:
        """Whenever looks are taken, before they are paid for."""
        late = [(now_s - row.due_s) / max(row.due_s - row.seen_s, 0.1) for row in taken if row.seen_s is not None]
        elapsed_s = (moment(now_s) - budget.refreshed_at).total_seconds()
        is_idle = budget.filled(moment(now_s)) >= budget.burst
        lateness = sum(late) / len(late) if late else None
        self._trim = adjusted_gain(self._trim, elapsed_s, lateness, is_idle=is_idle)
        if now_s >= self._steered_s + REPRICE_S:
            self._steered_s = now_s
            self.threshold_s = threshold_for(desk.demand(), budget.rate, self._trim)
            desk.hurry(now_s, self.threshold_s)
