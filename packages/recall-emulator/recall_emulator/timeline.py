"""The state of a script at a moment: a pure function of the script, its birth and the moment."""

import math
from dataclasses import dataclass

from recall_emulator.scenario import NOT_FOUND, Script

END_OF_TIME = math.inf


@dataclass(frozen=True)
class State:
    """What the API knows at a moment; times in seconds since the epoch."""

    code: str
    sub_code: str | None
    updated_at: float
    has_transcript_link: bool = False
    has_provider_link: bool = False

    @property
    def is_missing(self) -> bool:
        return self.code == NOT_FOUND


def state_at(script: Script, born: float, now: float) -> State:
    """Return the state at `now` of a script created at `born` (both seconds since the epoch)."""
    state = State(NOT_FOUND, None, born)
    for change in _changes(script, born):
        if change.updated_at <= now:
            state = change
    if state.code != "done":
        return state
    is_linked = now >= state.updated_at + script.download_link_delay
    return State("done", state.sub_code, state.updated_at, is_linked, script.has_provider_data)


def is_ever_done(script: Script) -> bool:
    """Tell whether there is a moment at which the files of the script can be downloaded."""
    return script.end == "done" and script.finishes_after is not None


def _changes(script: Script, born: float) -> list[State]:
    changes = [State("processing", None, born)]
    if script.finishes_after is None:
        return changes
    finished = born + script.finishes_after
    changes.append(State(script.end, script.sub_code, finished))
    if script.end == "done" and script.relapses_after is not None:
        again = finished + script.relapses_after
        changes.append(State("processing", None, again))
        changes.append(State("done", script.sub_code, again + script.relapse_seconds))
    if script.end == "done" and script.deleted_after is not None:
        changes.append(State("deleted", None, changes[-1].updated_at + script.deleted_after))
    return changes
