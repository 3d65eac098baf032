"""The survival curves of a workspace, estimated from what the run has shown. In production a table."""

from collections.abc import Iterable

from bench.polling.providers import true_curves
from bench.polling.workload import Workload
from syncd.core.polling.observation import Observation, count
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import Stratum, SurvivalCurves, Tally, estimated


class Observations:
    """Gathered in memory, and flushed into the counts; or, with `is_informed`, the true curves in their place."""

    def __init__(self, workload: Workload, *, is_informed: bool) -> None:
        self._pending: dict[Stratum, Tally] = {}
        self._counted: dict[Stratum, tuple[Tally, float]] = {}
        """With the time at which the counts were last aged."""
        self._truth: SurvivalCurves | None = None
        self.curves = estimated({})
        if is_informed:
            true = {Stratum(provider): curve for provider, curve in true_curves(workload.survivals).items()}
            self._truth = self.curves = SurvivalCurves(true, self.curves.by_kind)

    def record(self, observations: Iterable[Observation | None]) -> None:
        """Count what was seen."""
        count(self._pending, observations)

    def flush(self, now_s: float) -> None:
        """Add to the counts, age them, and estimate the curves anew."""
        for stratum, tally in self._pending.items():
            self._counted.setdefault(stratum, (Tally(), now_s))[0].add(tally)
        self._pending = {}
        for stratum, (tally, aged_s) in self._counted.items():
            if older := Policy.aged(tally, now_s - aged_s):
                self._counted[stratum] = older, now_s
        self.curves = self._truth or estimated({known: tally for known, (tally, _) in self._counted.items()})
