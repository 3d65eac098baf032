"""What a run along the path needs, and the one way in which what happened is decided and written."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.core.queue.decide import Happening, decide
from syncd.core.queue.files import leaves_store_untried
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.outcome import Outcome, Step
from syncd.core.queue.recognition import Recognition
from syncd.core.reading.artifact import Links
from syncd.db import outcomes
from syncd.db.engine import Engine
from syncd.db.queue import leases
from syncd.log import get_logger
from syncd.pipeline.observations import Observations
from syncd.recall.api import RecallApi
from syncd.recall.store import FileStore

log = get_logger(__name__)


class MemoryTaken(Exception):
    """Another run holds a large file in memory."""


class Postponed(Exception):
    """The run goes on later, from these links, when no other one holds a large file in memory."""

    def __init__(self, links: Links) -> None:
        super().__init__()
        self.links = links


class DatabaseClock:
    """The database's clock as this process last read it, and the monotonic time since. Safe for threads."""

    def __init__(self) -> None:
        self._read: tuple[datetime, float] | None = None

    def set(self, now: datetime, monotonic_s: float) -> None:
        """The database said `now` when the monotonic clock stood at `monotonic_s`."""
        self._read = now, monotonic_s

    def now(self, least: datetime) -> datetime:
        """The time by the database's clock; `least` where it was never read or was set back."""
        if self._read is None:
            return least
        then, monotonic_s = self._read
        return max(least, then + timedelta(seconds=time.monotonic() - monotonic_s))


@dataclass(frozen=True, slots=True)
class Context:
    """The database, the two clients, the limits, and what this process knows about polling."""

    engine: Engine
    api: RecallApi
    store: FileStore
    limits: WorkerLimits
    observations: Observations
    clock: DatabaseClock = field(default_factory=DatabaseClock)
    recognition: Recognition = field(default_factory=Recognition)
    wait_for_memory: Callable[[], None] = lambda: None
    """Called before a large file is held in memory; blocks while another run holds one."""
    ask_for_memory: Callable[[], None] = lambda: None
    """The same during a download. Raises MemoryTaken where the run is to go on later, in place of waiting."""
    reading: AbstractContextManager[object] = field(default_factory=nullcontext)
    """Entered while a file that was downloaded is read and loaded; may block."""

    def settle(self, lease: Lease, what: Happening, content: outcomes.Write | None = None) -> Lease:
        """Decide what follows from what happened, and write it together with `content`; answers the lease after it.

        Raises LeaseLost and Unstorable; then nothing is written.
        """
        what = self.recognition.judged(what, lease)
        jitter = random.random()  # noqa: S311  spreads polls in time, guards no secret
        outcome = decide(what, lease, self.clock.now(lease.claimed_at), self.observations.policy, jitter)
        if content is not None and outcome.row.step in (Step.KEEP, Step.ADVANCE):
            content = leases.renewing(content, lease, self.limits.lease_s)
        if outcome.artifact is not None:
            self.recognition.recognised()
        if leaves_store_untried(what, lease, outcome):
            outcome = replace(outcome, store_untried=True)
        after = outcomes.write(self.engine, lease, outcome, self.limits, content)
        self.observations.record(outcome.observations)
        self._log(after, outcome)
        return after

    def _log(self, lease: Lease, outcome: Outcome) -> None:
        """One line for each transcript at its end; what is on the way there, and told elsewhere, at level debug."""
        if outcome.row.reason is not None:
            say = log.debug if outcome.pause is not None else log.warning  # a pause is told once, for all
            why = {"reason": outcome.row.reason, "next_try_in_s": round(outcome.row.wait_s, 1)}
            say("tried again later", transcript_id=lease.transcript_id, **why)
        for file in dict.fromkeys(outcome.files.values()):  # mostly both have the same end
            if file.reason is not None:
                kinds = " ".join(str(kind) for kind, each in outcome.files.items() if each == file)
                told = {"kind": kinds, "end": file.state, "reason": file.reason}
                log.warning("ended", transcript_id=lease.transcript_id, **told)
        if outcome.row.step == Step.LEAVE:
            log.info("finished", transcript_id=lease.transcript_id, **self._story(lease))
        elif outcome.files:
            files = {str(kind): file.state for kind, file in outcome.files.items()}
            log.debug("file", transcript_id=lease.transcript_id, **files)

    def _story(self, lease: Lease) -> dict[str, object]:
        """Provider, words, how late it is here (seconds since Recall finished it), and the states of its files."""
        known = lease.known
        story: dict[str, object] = {"provider": known.provider}
        if lease.word_count is not None:
            story["words"] = lease.word_count
            if known.status_updated_at is not None:
                lag_s = (self.clock.now(lease.claimed_at) - known.status_updated_at).total_seconds()
                story["lag_s"] = round(max(0.0, lag_s), 1)
        return story | {str(kind): state for kind, state in known.files.items()}
