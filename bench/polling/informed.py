"""Who knows the true curves, and computes every index at every moment: our own rule at its best, not a bound."""

from bench.polling.conditions import Conditions
from bench.polling.result import Result
from bench.polling.retrieves import Retrieves
from bench.polling.store import Row
from bench.polling.workload import Workload
from bench.polling.workspace import Workspace
from syncd.core.polling.claim_order import ClaimOrder
from syncd.core.polling.strata import SurvivalCurves


class IndexRetrieves(Retrieves):
    """Always the rows with the greatest poll index at that moment: too dear for a table."""

    def _claim(self, permitted: int, available: int, now_s: float) -> list[Row]:
        claimed = self._store.claim(ClaimOrder.NEW, permitted, now_s)
        curves = self._policy().curves
        waiting = sorted(self._store.waiting(), key=lambda row: -_index(row, curves, now_s))
        for row in waiting[: permitted - len(claimed)]:
            self._store.take(row, now_s)
            claimed.append(row)
        return claimed


def _index(row: Row, curves: SurvivalCurves, now_s: float) -> float:
    """The poll index, seconds: the expected lag over the chance that the poll comes too early."""
    created_s, seen_s = row.transcript.created_s, row.seen_s or 0.0
    outlook = curves.of(row.stratum).outlook(seen_s - created_s, now_s - created_s)
    still, waited_s = 1.0 - outlook.chance, now_s - seen_s
    return (waited_s - outlook.expected_lag_s) / still - waited_s if still > 1e-12 else 1e12


def index(workload: Workload, conditions: Conditions) -> Result:
    """Retrieves only, each for the row with the greatest index at that moment."""
    return Workspace(workload, conditions, IndexRetrieves).run()
