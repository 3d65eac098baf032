"""What one observation teaches about how long transcripts take."""

from dataclasses import dataclass
from datetime import datetime

from syncd.core import transcript
from syncd.core.polling.strata import Stratum, length_class
from syncd.core.reading.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Observation:
    """A transcript was unfinished from one age to another, and finished then or is waiting still."""

    stratum: Stratum
    from_s: float
    to_s: float
    has_finished: bool


def stratum_of(artifact: Artifact) -> Stratum:
    """Which transcripts it is expected to take alike with."""
    return Stratum(artifact.provider, length_class(artifact.recording_s))


def observation_of(artifact: Artifact, since: datetime, seen_at: datetime, *, was_seen: bool) -> Observation | None:
    """The lesson of an artifact seen at `seen_at`; None: there is none.

    `since` is when it was last seen unfinished (`was_seen`), or else tracked. One that had finished before it was
    tracked teaches nothing, nor does a deletion. Where Recall's clock says that one finished before we saw it
    unfinished, it finished right after.
    """
    finished_at = _finished_at(artifact, seen_at)
    if artifact.created_at is None or artifact.provider is None or artifact.status == transcript.DELETED:
        return None
    until = finished_at or seen_at
    from_s = max(0.0, (since - artifact.created_at).total_seconds())
    to_s = max(from_s if was_seen else 0.0, (until - artifact.created_at).total_seconds())
    return Observation(stratum_of(artifact), from_s, to_s, finished_at is not None) if to_s >= from_s else None


def _finished_at(artifact: Artifact, seen_at: datetime) -> datetime | None:
    """When it finished: as Recall says, if that can be, or else when that was seen; None: it has not."""
    if artifact.status not in (transcript.DONE, transcript.FAILED):
        return None
    said_at = artifact.status_updated_at
    return said_at if said_at is not None and said_at <= seen_at else seen_at
