"""The state of a transcript at a moment: a pure function of its scenario, its creation and that moment."""

import math
from dataclasses import dataclass

from recall_emulator.scenario import NOT_FOUND, Scenario

END_OF_TIME = math.inf


@dataclass(frozen=True)
class TranscriptState:
    """What the API knows at a moment; times in seconds since the epoch."""

    code: str
    sub_code: str | None
    updated_at: float
    has_transcript_link: bool = False
    has_provider_link: bool = False

    @property
    def is_missing(self) -> bool:
        return self.code == NOT_FOUND


def transcript_state_at(scenario: Scenario, created_at: float, now: float) -> TranscriptState:
    """Return the state at `now` of a scenario created at `created_at` (both seconds since the epoch)."""
    state = TranscriptState(NOT_FOUND, None, created_at)
    for change in _changes(scenario, created_at):
        if change.updated_at <= now:
            state = change
    if state.code != "done":
        return state
    is_linked = now >= state.updated_at + scenario.download_link_delay
    return TranscriptState("done", state.sub_code, state.updated_at, is_linked, scenario.has_provider_data)


def is_ever_done(scenario: Scenario) -> bool:
    """Tell whether there is a moment at which the files of the scenario can be downloaded."""
    return scenario.end == "done" and scenario.finishes_after is not None


def _changes(scenario: Scenario, created_at: float) -> list[TranscriptState]:
    changes = [TranscriptState("processing", None, created_at)]
    if scenario.finishes_after is None:
        return changes
    finished = created_at + scenario.finishes_after
    changes.append(TranscriptState(scenario.end, scenario.sub_code, finished))
    if scenario.end == "done" and scenario.relapses_after is not None:
        again = finished + scenario.relapses_after
        changes.append(TranscriptState("processing", None, again))
        changes.append(TranscriptState("done", scenario.sub_code, again + scenario.relapse_seconds))
    if scenario.end == "done" and scenario.deleted_after is not None:
        changes.append(TranscriptState("deleted", None, changes[-1].updated_at + scenario.deleted_after))
    return changes
