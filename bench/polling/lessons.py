"""What a workspace learns about durations, and the curves that it acts on."""

from desk import Row
from workload import Workload

from syncd.core.polling.strata import Stratum, Tally, learned
from syncd.core.polling.survival import SurvivalCurve

REFRESH_S = 60.0


class Lessons:
    """Tallies from looks, and curves from tallies, renewed every minute. In production two small tables."""

    def __init__(self, workload: Workload, now_s: float, *, truth: bool) -> None:
        self._classes = {provider: Stratum(provider) for provider in workload.truth}
        self._tallies: dict[Stratum, Tally] = {}
        self._truth = workload.truth if truth else None
        self._refreshed_s = now_s
        self.curves: dict[str, SurvivalCurve] = {}
        """By provider."""
        self.refresh(now_s)

    def refresh(self, now_s: float) -> None:
        elapsed_s = now_s - self._refreshed_s
        self._tallies = {known: tally.aged(elapsed_s) for known, tally in self._tallies.items()}
        self._refreshed_s = now_s
        curves = learned(self._tallies)
        self.curves = self._truth or {name: curves.of(known) for name, known in self._classes.items()}

    def teach(self, row: Row, now_s: float, *, has_finished: bool) -> None:
        """A look showed that it has finished, or not."""
        each = row.transcript
        from_s = max(row.seen_s if row.seen_s is not None else each.tracked_s, each.created_s)
        to_s = each.finished_s if has_finished else now_s
        if to_s > from_s:
            tally = self._tallies.setdefault(self._classes[each.provider], Tally())
            tally.look(from_s - each.created_s, to_s - each.created_s, has_finished=has_finished)
