"""What one observation of a transcript says about how long transcripts take.

Theory of operation: an observation is an interval of ages through which a transcript was unfinished (exposure), and
whether it finished at its end. Nothing before tracking counts: of those that finished earlier, others would never
have been tracked, so counting them would overestimate durations. A transcript that is still waiting counts with
its exposure; leaving it out would underestimate them.

Sources: left truncation and right censoring as in Kaplan and Meier (1958), with the occurrence/exposure rates of
survival.py. No numbers of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from syncd.core import transcript
from syncd.core.polling.strata import Stratum, Tally, length_class
from syncd.core.reading.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Observation:
    """A transcript was unfinished from one age to another, and finished then or is waiting still."""

    stratum: Stratum
    from_s: float
    to_s: float
    has_finished: bool


def stratum_of(artifact: Artifact) -> Stratum:
    """The transcripts that are expected to take as long."""
    return Stratum(artifact.provider, length_class(artifact.recording_s))


def observation_of(artifact: Artifact, since: datetime, seen_at: datetime, *, was_seen: bool) -> Observation | None:
    """The observation of an artifact seen at `seen_at`; None: it says nothing.

    `since` is when it was last seen unfinished (`was_seen`), or else tracked. A deletion says nothing.
    """
    finished_at = _finished_at(artifact, seen_at)
    if artifact.created_at is None or artifact.provider is None or artifact.status == transcript.DELETED:
        return None
    since_s = (since - artifact.created_at).total_seconds()
    until_s = ((finished_at or seen_at) - artifact.created_at).total_seconds()
    has_finished = finished_at is not None
    return observation_at(stratum_of(artifact), since_s, until_s, was_seen=was_seen, has_finished=has_finished)


def observation_at(
    stratum: Stratum, since_s: float, until_s: float, *, was_seen: bool, has_finished: bool
) -> Observation | None:
    """The same from ages in seconds: when it was last seen unfinished (`was_seen`), or tracked; when it finished, or
    was seen unfinished. None for one that had finished before it was tracked.

    Where Recall's clock says that one finished before it was seen unfinished, it finished right after.
    """
    from_s = max(0.0, since_s)
    to_s = max(from_s if was_seen else 0.0, until_s)
    return Observation(stratum, from_s, to_s, has_finished) if to_s >= from_s else None


def count(tallies: dict[Stratum, Tally], observations: Iterable[Observation | None]) -> None:
    """Add observations to the tallies of their strata; None stands for one that says nothing."""
    for each in filter(None, observations):
        for stratum in each.stratum.wider:
            tally = tallies.setdefault(stratum, Tally())
            tally.count(each.from_s, each.to_s, has_finished=each.has_finished)


def _finished_at(artifact: Artifact, seen_at: datetime) -> datetime | None:
    """When it finished: as Recall says, if that can be, or else when that was seen; None: it has not."""
    if artifact.status not in (transcript.DONE, transcript.FAILED):
        return None
    said_at = artifact.status_updated_at
    return said_at if said_at is not None and said_at <= seen_at else seen_at
