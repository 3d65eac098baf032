"""A transcript that was added, as it is from some moment on."""

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from recall_emulator.scenario import Scenario
from recall_emulator.seeded import seeded_uuid
from recall_emulator.timeline import END_OF_TIME, Timeline, TranscriptState


@dataclass(frozen=True)
class Entry:
    """One version of a transcript: in force from `since` until that of the next one.

    Moments are seconds since the epoch, END_OF_TIME for what does not come: created_at is the creation of the
    transcript, expires_at the end of the retention of its recording, deleted_at and recording_deleted_at the deletion
    of either.
    """

    scenario: Scenario
    created_at: float
    since: float = -math.inf
    expires_at: float = END_OF_TIME
    deleted_at: float = END_OF_TIME
    recording_deleted_at: float = END_OF_TIME

    @property
    def transcript_id(self) -> uuid.UUID:
        return self.scenario.transcript_id

    @property
    def recording_id(self) -> uuid.UUID:
        return self.scenario.recording_id or seeded_uuid("recording", self.transcript_id)

    @property
    def recording_gone_at(self) -> float:
        return min(self.expires_at, self.recording_deleted_at)

    @property
    def gone_at(self) -> float:
        return min(self.deleted_at, self.recording_gone_at)

    @cached_property
    def timeline(self) -> Timeline:
        return Timeline(self.scenario, self.created_at, self.gone_at)

    def at(self, now: float) -> TranscriptState:
        return self.timeline.at(now)


def recorded_at(entry: Entry) -> float:
    """Return when the recording of a transcript is done; END_OF_TIME for a meeting without an end.

    A transcript that is made after the meeting is created then; any other one finishes then.
    """
    scenario = entry.scenario
    if scenario.provider.endswith("_async"):
        return entry.created_at
    return END_OF_TIME if scenario.finishes_after is None else entry.created_at + scenario.finishes_after


def expiry_of(first: Entry) -> float:
    """Return when the recording expires whose first transcript this is: retention counts from when it is done."""
    after = first.scenario.expires_after
    return END_OF_TIME if after is None else recorded_at(first) + after


def in_force(versions: Sequence[Entry], now: float) -> Entry:
    """Return the one of the versions of a transcript that was in force at `now`; the first has always been."""
    newest = versions[-1]
    return newest if newest.since <= now else next(entry for entry in reversed(versions) if entry.since <= now)
