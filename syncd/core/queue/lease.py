"""A lease: who works on a transcript, until when. Its token fences late writers out."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from syncd.core.transcript import Stage


@dataclass(frozen=True, slots=True)
class Lease:
    """One row of syncd.queue in the hands of one worker. Times are the database's clock."""

    transcript_id: UUID
    workspace: str
    token: int
    """Higher for every take. A write under an older token changes nothing and raises LeaseLost."""
    stage: Stage
    taken_at: datetime
    tracked_at: datetime
    pending_until: datetime
    """When the stage must have led to an end; the deadline of every non-terminal state."""
    attempts: int = 0
    """Failures in a row that were this row's or the moment's, not the operator's."""
    not_found_count: int = 0
    forbidden_count: int = 0
    """403s in a row for this row."""
    due_at: datetime | None = None
    last_seen_at: datetime | None = None
    """When Recall last showed it, unfinished; None: never, or not since it was tracked."""
    created_at: datetime | None = None
    is_observed: bool = False
    """Whether Recall has ever shown this transcript to us."""
    unconfirmed: tuple[str, ...] = ()
    """Digests of downloaded files that were no JSON. The same digest again proves that the file is so."""

    expired_lease_count: int = 0
    """How many processes in a row were lost while they worked on it; 0 where the last one was not."""

    @property
    def since(self) -> datetime:
        """When it was last seen unfinished, or else tracked."""
        return self.last_seen_at or self.tracked_at

    def at(self, stage: Stage, pending_until: datetime | None = None) -> "Lease":
        """The same lease, one stage further on. What failed before the transcript was finished counts no more."""
        is_finished_now = self.stage == Stage.POLL and stage != Stage.POLL
        return replace(
            self,
            stage=stage,
            pending_until=pending_until or self.pending_until,
            attempts=0 if is_finished_now else self.attempts,
            not_found_count=0 if is_finished_now else self.not_found_count,
        )
