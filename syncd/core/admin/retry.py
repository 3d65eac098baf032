"""Which transcripts that ended without their content get another try."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from syncd.core.transcript import ContentState
from syncd.errors import BadInput

WORTH_ANOTHER_TRY = (
    ContentState.MISSING,
    ContentState.ABANDONED,
    ContentState.UNAVAILABLE,
    ContentState.TOO_LARGE,
    ContentState.UNREADABLE,
    ContentState.DELETED,
)
"""As recall.payload_states has it. One that Recall has deleted only where that state is asked for, or its id."""


@dataclass(frozen=True, slots=True)
class Retriable:
    """Those of them that are chosen; None does not restrict it."""

    ids: tuple[UUID, ...] | None = None
    state: ContentState | None = None
    reason: str | None = None
    """A part of payload_reason, in any case of letters."""
    since: datetime | None = None
    """They ended at this time or later; aware."""


def read_state(text: str) -> ContentState:
    """One of WORTH_ANOTHER_TRY. Raises BadInput for any other word."""
    for state in WORTH_ANOTHER_TRY:
        if text.strip().lower() == state:
            return state
    raise BadInput(f"{text[:60]!r} is no state that is worth another try; those are {', '.join(WORTH_ANOTHER_TRY)}.")
