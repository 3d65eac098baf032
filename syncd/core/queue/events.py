"""Which events follow from a change of a transcript: what docs/events.md promises to consumers.

Theory of operation. An event says what has become true, whatever number of writes it took. It follows from two
values, what was known before and what is known after: the transcript can be read (ready), can be read and is another
one (changed), will not be had (failed), or is gone at Recall (deleted). Each is told when it becomes true and not
again while it stays so. db/outcomes.py writes them in the transaction that makes them true, the last statement before
the commit. `syncd reparse` decides by the same function.

Sources: docs/events.md, the promises to consumers; docs/adr/0014-events-at-commit.md and
docs/adr/0016-events-are-written-by-their-outcome.md, why they are written so. No numbers.
"""

from enum import StrEnum

from syncd.core.queue.lease import Known
from syncd.core.transcript import READ_STATES, ContentState, FileKind

FAILED_STATES = (
    ContentState.FAILED,
    ContentState.MISSING,
    ContentState.ABANDONED,
    ContentState.UNAVAILABLE,
    ContentState.TOO_LARGE,
    ContentState.UNREADABLE,
)


class EventKind(StrEnum):
    """The kinds of recall.events."""

    READY = "ready"
    CHANGED = "changed"
    FAILED = "failed"
    DELETED = "deleted"
    ERASED = "erased"
    """Its row was deleted with recall.erase(); written there."""


def events_between(before: Known, after: Known) -> tuple[EventKind, ...]:
    """What has become true of a transcript, in the order in which it is told."""
    was_ready, is_ready = _is_ready(before), _is_ready(after)
    was_deleted, is_deleted = before.is_deleted, after.is_deleted
    state = after.files[FileKind.TRANSCRIPT]
    is_changed = was_ready and is_ready and was_deleted == is_deleted and after.content.differs_from(before.content)
    told = {
        EventKind.READY: is_ready and not was_ready,
        EventKind.FAILED: state in FAILED_STATES and state != before.files[FileKind.TRANSCRIPT],
        EventKind.DELETED: is_deleted and not was_deleted,
        EventKind.CHANGED: is_changed,
    }
    return tuple(kind for kind, is_told in told.items() if is_told)


def _is_ready(known: Known) -> bool:
    return known.files[FileKind.TRANSCRIPT] in READ_STATES
