"""A lease: who works on a transcript, until when, and what was known of it then. Its token fences late writers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import ContentState, FileKind, Stage


class StoreHealth(Enum):
    """What was known of the file store when a row was claimed (core/rate_limit/circuit_breaker.py)."""

    SOUND = "sound"
    DOUBTED = "doubted"
    """Failures are counted, and its circuit breaker is closed."""
    PROBED = "probed"
    """Its breaker is half open, and this row is the probe."""
    PAUSED = "paused"
    """Its breaker is open: this row does not try."""

    @classmethod
    def of(cls, breaker: CircuitBreaker) -> "StoreHealth":
        """For a row that is no probe."""
        if not breaker.is_closed:
            return cls.PAUSED
        return cls.SOUND if breaker.is_sound else cls.DOUBTED


class Content(NamedTuple):
    """What a consumer of events would notice a change of. None where it is not loaded, or was never shown."""

    content_sha256: str | None = None
    """Of what was read, not of the file; None, too, where it was loaded before there were digests."""
    utterance_count: int | None = None
    word_count: int | None = None
    metadata: object = None
    recording_metadata: object = None

    def differs_from(self, before: "Content") -> bool:
        """Whether a consumer would notice; a digest where there was none before says nothing."""
        return self != (before if before.content_sha256 is not None else before._replace(content_sha256=self[0]))


@dataclass(frozen=True, slots=True)
class Known:
    """What recall.transcripts says about a transcript, as far as decisions need it."""

    files: Mapping[FileKind, ContentState | None] = field(
        default_factory=lambda: {FileKind.TRANSCRIPT: ContentState.PENDING, FileKind.PROVIDER_DATA: None}
    )
    """How far each file is; None: nobody knows yet whether there is one."""
    status: str | None = None
    provider: str | None = None
    observed_at: datetime | None = None
    status_updated_at: datetime | None = None
    content: Content = field(default_factory=Content)
    is_deleted: bool = False
    """Recall has deleted it."""

    @property
    def has_open_file(self) -> bool:
        """Whether a file is still to be fetched or read."""
        return any(state is None or not state.is_end for state in self.files.values())


@dataclass(frozen=True, slots=True)
class Lease:
    """One row of syncd.queue, claimed by one worker. Times are the database's clock."""

    transcript_id: UUID
    workspace: str
    token: int
    """Higher for every claim. A write under an older token changes nothing and raises LeaseLost."""
    stage: Stage
    claimed_at: datetime
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
    """Digests of downloaded files that could not be read. The same digest again proves that the file is so."""
    expired_lease_count: int = 0
    """How many leases of it in a row ran out; 0 where the last one did not."""
    known: Known = field(default_factory=Known)
    word_count: int | None = None
    """Words that were loaded under this lease; None: none were."""
    is_probe: bool = False
    """Whether its call is the half-open probe of Recall."""
    store: StoreHealth = StoreHealth.SOUND
    is_settled: bool = False
    """Whether the lease has ended: the row waits for its next turn, or has left the queue."""

    @property
    def since(self) -> datetime:
        """When it was last seen unfinished, or else tracked."""
        return self.last_seen_at or self.tracked_at

    def with_files(self, states: Mapping[FileKind, ContentState]) -> "Lease":
        """The same lease after files have come further."""
        return replace(self, known=replace(self.known, files={**self.known.files, **states}))


def is_news(artifact: Artifact, observed_at: datetime, known: Known) -> bool:
    """Whether an observation may replace what is known: a list may lag behind what a retrieve has shown already.

    db/content/transcripts.py asks the same in its upsert, against observations made meanwhile; a test compares.
    """
    if known.observed_at is not None and known.observed_at > observed_at:
        return False
    told, said = known.status_updated_at, artifact.status_updated_at
    return told is None or said is None or told <= said
