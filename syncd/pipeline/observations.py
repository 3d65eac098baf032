"""What this process knows about how long things take, and so how often to look. Safe for threads.

Lessons gather in memory and are written down every minute; what is lost with a process is a minute's learning.
"""

import threading
from collections.abc import Iterable

from syncd.core.polling.observation import Observation
from syncd.core.polling.poll_index import Policy
from syncd.core.polling.strata import Stratum, Tally, learned
from syncd.db.engine import Engine, database_now
from syncd.db.polling import durations


class Observations:
    """The policy of one workspace, and the observations that are still to be written down."""

    def __init__(self, engine: Engine, workspace: str) -> None:
        self._engine = engine
        self._workspace = workspace
        self._guard = threading.Lock()
        self._observations: dict[Stratum, Tally] = {}
        self._cadence = Policy(learned({}))

    @property
    def policy(self) -> Policy:
        """As things stand."""
        return self._cadence

    def price(self, threshold_s: float) -> None:
        """From now on a look has this price."""
        with self._guard:
            self._cadence = Policy(self._cadence.curves, threshold_s)

    def record(self, observations: Iterable[Observation]) -> None:
        """Remember what was seen."""
        with self._guard:
            for lesson in observations:
                for stratum in lesson.stratum.wider:
                    tally = self._observations.setdefault(stratum, Tally())
                    tally.look(lesson.from_s, lesson.to_s, has_finished=lesson.has_finished)

    def refresh(self) -> None:
        """Write the observations down, and plan with what all processes have learned. Raises DatabaseAway."""
        with self._guard:
            observations, self._observations = self._observations, {}
        try:
            with self._engine.begin() as connection:
                now = database_now(connection)
                durations.add(connection, self._workspace, observations, now)
                durations.age(connection, self._workspace, now)
                curves = durations.curves(connection, self._workspace)
                durations.write_hazards(connection, self._workspace, curves)
        except Exception:
            self._take_back(observations)
            raise
        with self._guard:
            self._cadence = Policy(curves, self._cadence.threshold_s)

    def _take_back(self, observations: dict[Stratum, Tally]) -> None:
        with self._guard:
            for stratum, tally in observations.items():
                self._observations.setdefault(stratum, Tally()).add(tally)
