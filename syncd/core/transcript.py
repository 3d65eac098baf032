"""The vocabulary of where a transcript stands: its stage in the queue, the states of its content, its two files."""

from enum import StrEnum


class Stage(StrEnum):
    """The next step of a transcript that has not ended; the column `stage` of syncd.queue."""

    POLL = "poll"
    """Ask Recall for its status. Costs a retrieve."""
    DOWNLOAD = "download"
    """Ask for fresh links, download its files and store their bytes. Costs a retrieve."""
    LOAD = "load"
    """Read its stored files into the tables. Costs no call."""


PAID_STAGES = (Stage.POLL, Stage.DOWNLOAD)
"""The stages whose step costs a call of the retrieve budget."""


class ContentState(StrEnum):
    """How far a file has come: the columns `payload_state` and `provider_data_state` of recall.transcripts.

    recall.payload_states says what each value means.
    """

    PENDING = "pending"
    STORED = "stored"
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
        """Whether a file stays in this state, unless it is tracked or read again."""
        return self not in (ContentState.PENDING, ContentState.STORED)


READ_STATES = (ContentState.LOADED, ContentState.EMPTY)
"""The states of a file whose content is in the tables, even if it is empty."""


# Values of Recall's `status.code` (docs/recall-api.md). It may add some, so a status is stored as text.
PROCESSING = "processing"
DONE = "done"
FAILED = "failed"
DELETED = "deleted"


class FileKind(StrEnum):
    """One of the two files of a transcript."""

    TRANSCRIPT = "transcript"
    """Recall's own file, with the same format for all providers."""
    PROVIDER_DATA = "provider_data"
    """The messages of the provider, as it sent them."""
