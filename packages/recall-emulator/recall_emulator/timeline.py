"""The state of a transcript at a moment: it follows from its scenario, its creation and deletion, and that moment."""

import math
from dataclasses import dataclass

from recall_emulator.scenario import NOT_FOUND, Scenario

END_OF_TIME = math.inf
DELETED = "deleted"


@dataclass(frozen=True)
class TranscriptState:
    """What the API knows at a moment; times in seconds since the epoch.

    has_files: they are in the file store, with or without a link to them. has_emails is about the transcript file.
    """

    code: str
    sub_code: str | None
    updated_at: float
    has_files: bool = False
    has_transcript_link: bool = False
    has_provider_link: bool = False
    has_emails: bool = True

    @property
    def is_missing(self) -> bool:
        return self.code == NOT_FOUND


class Timeline:
    """The states of a scenario, created and gone at those moments (seconds since the epoch)."""

    def __init__(self, scenario: Scenario, created_at: float, gone_at: float = END_OF_TIME) -> None:
        self._scenario = scenario
        self._before = TranscriptState(NOT_FOUND, None, created_at)
        self._changes = _changes(scenario, created_at, gone_at)

    def at(self, now: float) -> TranscriptState:
        """Return the state at `now`."""
        state = next((change for change in reversed(self._changes) if change.updated_at <= now), self._before)
        scenario = self._scenario
        if state.code != "done" or not scenario.is_stored:
            return state
        return TranscriptState(
            "done",
            state.sub_code,
            state.updated_at,
            has_files=True,
            has_transcript_link=now >= state.updated_at + scenario.download_link_delay,
            has_provider_link=scenario.has_provider_data and now >= state.updated_at + scenario.provider_link_delay,
            has_emails=now >= state.updated_at + scenario.email_delay,
        )

    def moments(self) -> set[float]:
        """Return all moments at which the state may change."""
        scenario = self._scenario
        delays = (0.0, scenario.download_link_delay, scenario.provider_link_delay, scenario.email_delay)
        return {change.updated_at + delay for change in self._changes for delay in delays}

    def last_done(self) -> TranscriptState | None:
        """Return the state at the end of the last time that the transcript is done; None where it never is."""
        ends = [*(change.updated_at for change in self._changes[1:]), END_OF_TIME]
        for change, end in zip(reversed(self._changes), reversed(ends), strict=True):
            if change.code == "done":
                return self.at(math.nextafter(end, 0))
        return None


def _changes(scenario: Scenario, created_at: float, gone_at: float) -> list[TranscriptState]:
    """Return the changes of the status in order, never none of them."""
    changes = _changes_until_gone(scenario, created_at)
    if scenario.deleted_after is not None and changes[-1].code == "done":
        gone_at = min(gone_at, changes[-1].updated_at + scenario.deleted_after)
    gone_at = max(gone_at, created_at)
    kept = [change for change in changes if change.updated_at < gone_at]
    if gone_at < END_OF_TIME and not (kept and kept[-1].code in (DELETED, NOT_FOUND)):
        kept.append(TranscriptState(DELETED, None, gone_at))
    return kept


def _changes_until_gone(scenario: Scenario, created_at: float) -> list[TranscriptState]:
    changes = [TranscriptState("processing", None, created_at)]
    if scenario.finishes_after is None:
        return changes
    finished = created_at + scenario.finishes_after
    changes.append(TranscriptState(scenario.end, scenario.sub_code, finished))
    if scenario.end == "done" and scenario.relapses_after is not None:
        again = finished + scenario.relapses_after
        changes.append(TranscriptState("processing", None, again))
        changes.append(TranscriptState("done", scenario.sub_code, again + scenario.relapse_seconds))
    return changes
