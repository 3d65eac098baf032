"""The words for where a transcript stands: its stage here, and how its payload ended."""

from enum import StrEnum


class Stage(StrEnum):
    """What has to be done next. Only unfinished transcripts have a stage; it stands in syncd.queue."""

    POLL = "poll"
    """Recall has not finished it, or nobody has asked yet. The next step costs a retrieve."""
    DOWNLOAD = "download"
    """Recall has finished it and its files are still to be fetched. A fresh link costs a retrieve."""
    LOAD = "load"
    """The files are on the shelf and still to be read into tables. Costs no call."""


PAID_STAGES = (Stage.POLL, Stage.DOWNLOAD)


class ContentState(StrEnum):
    """How far a file has come; stands in recall.transcripts. recall.payload_states says what each value means."""

    PENDING = "pending"
    STORED = "shelved"
    LOADED = "loaded"
    EMPTY = "empty"
    FAILED = "failed"
    DELETED = "deleted"
    MISSING = "missing"
    ABANDONED = "abandoned"
    UNAVAILABLE = "unavailable"
    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NONE = "none"

    @property
    def is_end(self) -> bool:
        """Whether a file stays in this state."""
        return self not in (ContentState.PENDING, ContentState.STORED)


READ_STATES = (ContentState.LOADED, ContentState.EMPTY)
"""The states of a file whose content is in the tables, even if there is nothing in it."""


# The words Recall uses for `status.code`. It may add some, so a status is stored as text, never as an enum.
PROCESSING = "processing"
DONE = "done"
FAILED = "failed"
DELETED = "deleted"


class FileKind(StrEnum):
    """Which of a transcript's two files."""

    TRANSCRIPT = "transcript"
    """Recall's own, normalised over all providers."""
    PROVIDER_DATA = "provider_data"
    """What the provider itself answered, message by message."""
