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


class PayloadState(StrEnum):
    """How far the payload has come; stands in recall.transcripts.payload_state. All but two are ends."""

    PENDING = "pending"
    SHELVED = "shelved"
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
    def meaning(self) -> str:
        """One sentence for the analyst."""
        return _MEANINGS[self]

    @property
    def is_end(self) -> bool:
        """Whether a file stays in this state."""
        return self not in (PayloadState.PENDING, PayloadState.SHELVED)

    @property
    def is_worth_another_try(self) -> bool:
        """Whether tracking the transcript again starts it anew."""
        return self in RETRIABLE


_MEANINGS = {
    PayloadState.PENDING: "not finished by Recall, or its files have not been fetched yet",
    PayloadState.SHELVED: "the exact bytes are in recall.payloads and are about to be read",
    PayloadState.LOADED: "the content is in the tables",
    PayloadState.EMPTY: "finished, and nobody said anything",
    PayloadState.FAILED: "Recall reports that the transcription failed",
    PayloadState.DELETED: "Recall reports, or a confirmed 404 shows, that it was deleted",
    PayloadState.MISSING: "Recall never knew this id in this workspace and region",
    PayloadState.ABANDONED: "did not finish within the time its provider is given",
    PayloadState.UNAVAILABLE: "finished, but its file could not be downloaded before the deadline",
    PayloadState.TOO_LARGE: "its file is larger than SYNCD_PAYLOAD_LIMIT",
    PayloadState.UNREADABLE: "the exact bytes are kept, but they cannot be read",
    PayloadState.NONE: "there is no such file for this transcript",
}

RETRIABLE = (
    PayloadState.MISSING,
    PayloadState.ABANDONED,
    PayloadState.UNAVAILABLE,
    PayloadState.TOO_LARGE,
    PayloadState.UNREADABLE,
)

# The words Recall uses for `status.code`. It may add some, so a status is stored as text, never as an enum.
PROCESSING = "processing"
DONE = "done"
FAILED = "failed"
DELETED = "deleted"


class PayloadKind(StrEnum):
    """Which of a transcript's two files."""

    TRANSCRIPT = "transcript"
    """Recall's own, normalised over all providers."""
    PROVIDER_DATA = "provider_data"
    """What the provider itself answered, message by message."""
