"""What this process knows about how long things take, and so how often to look. Safe for threads.

Lessons gather in memory and are written down every minute; what is lost with a process is a minute's learning.
"""

import threading
from collections.abc import Iterable

from syncd.core.polling.observation import Lesson
from syncd.core.polling.poll_index import Cadence
from syncd.core.polling.strata import Class, Tally, learned
from syncd.db.engine import Engine, database_now
from syncd.db.polling import durations


class Pace:
    """The cadence of one workspace, and the lessons that are still to be written down."""

    def __init__(self, engine: Engine, workspace: str) -> None:
        self._engine = engine
        self._workspace = workspace
        self._guard = threading.Lock()
        self._lessons: dict[Class, Tally] = {}
        self._cadence = Cadence(learned({}))

    @property
    def cadence(self) -> Cadence:
        """As things stand."""
        return self._cadence

    def price(self, patience_s: float) -> None:
        """From now on a look has this price."""
        with self._guard:
            self._cadence = Cadence(self._cadence.curves, patience_s)

    def learn(self, lessons: Iterable[Lesson | None]) -> None:
        """Remember what was seen."""
        with self._guard:
            for lesson in filter(None, lessons):
                for of_class in lesson.of_class.wider:
                    tally = self._lessons.setdefault(of_class, Tally())
                    tally.look(lesson.from_s, lesson.to_s, has_finished=lesson.has_finished)

    def refresh(self) -> None:
        """Write the lessons down, and plan with what all processes have learned. Raises DatabaseAway."""
        with self._guard:
            lessons, self._lessons = self._lessons, {}
        try:
            with self._engine.begin() as connection:
                now = database_now(connection)
                durations.add(connection, self._workspace, lessons, now)
                durations.age(connection, self._workspace, now)
                curves = durations.curves(connection, self._workspace)
                durations.write_hazards(connection, self._workspace, curves)
        except Exception:
            self._take_back(lessons)
            raise
        with self._guard:
            self._cadence = Cadence(curves, self._cadence.patience_s)

    def _take_back(self, lessons: dict[Class, Tally]) -> None:
        with self._guard:
            for of_class, tally in lessons.items():
                self._lessons.setdefault(of_class, Tally()).add(tally)
