"""The policy of a workspace as this process knows it, and the observations it has yet to write. Safe for threads.

Observations gather in memory and are flushed every minute; a process that is killed loses those of a minute.
"""

import threading
from collections.abc import Iterable

from syncd.core.polling.observation import Observation, count
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import Stratum, Tally, estimated
from syncd.db.engine import Engine, database_now
from syncd.db.polling import durations


class Observations:
    """The policy of one workspace, and the observations that are still to be flushed."""

    def __init__(self, engine: Engine, workspace: str) -> None:
        self._engine = engine
        self._workspace = workspace
        self._guard = threading.Lock()
        self._tallies: dict[Stratum, Tally] = {}
        self._policy = Policy(estimated({}))

    @property
    def policy(self) -> Policy:
        """As things stand."""
        return self._policy

    def set_threshold(self, threshold_s: float) -> None:
        """From now on polls are planned with this threshold, seconds of lag."""
        with self._guard:
            self._policy = Policy(self._policy.curves, threshold_s)

    def record(self, observations: Iterable[Observation | None]) -> None:
        """Count what was seen; None stands for an observation that says nothing."""
        with self._guard:
            count(self._tallies, observations)

    def flush(self) -> None:
        """Write the observations, and plan with those of all processes. Raises DatabaseAway."""
        with self._guard:
            tallies, self._tallies = self._tallies, {}
        try:
            with self._engine.begin() as connection:
                now = database_now(connection)
                durations.add(connection, self._workspace, tallies, now)
                durations.age(connection, self._workspace, now)
                curves = durations.curves(connection, self._workspace)
                durations.write_hazards(connection, self._workspace, curves)
        except Exception:
            self._keep(tallies)
            raise
        with self._guard:
            self._policy = Policy(curves, self._policy.threshold_s)

    def _keep(self, tallies: dict[Stratum, Tally]) -> None:
        with self._guard:
            for stratum, tally in tallies.items():
                self._tallies.setdefault(stratum, Tally()).add(tally)
