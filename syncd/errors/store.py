"""Answers of the file store, and what keeps it from answering."""

from syncd.errors.base import SyncdError
from syncd.network_faults import PerhapsOfNetwork


class DownloadError(SyncdError):
    """The file could not be downloaded."""


class LinkExpired(DownloadError):
    """The link to the file had expired."""

    code = "SYNCD-FILE-LINK"


class StoreTrouble(PerhapsOfNetwork, DownloadError):
    """The file store could not deliver the whole file just now."""

    code = "SYNCD-FILE-AWAY"


class StorePaused(StoreTrouble):
    """Most downloads fail just now, so the file waits until one has come."""

    code = "SYNCD-FILE-PAUSED"


class StoreBlocked(StoreTrouble):
    """Something between syncd and the file store refused the download."""

    code = "SYNCD-FILE-BLOCKED"


class UnconfirmedFile(StoreTrouble):
    """The file store delivered something that cannot be the file."""

    code = "SYNCD-FILE-SHAPE"

    def __init__(self, message: str, sha256: str) -> None:
        super().__init__(message)
        self.sha256 = sha256  # hex digest of what was delivered


class FileGone(DownloadError):
    """The file is not in the store any more."""

    code = "SYNCD-FILE-GONE"


class FileTooLarge(DownloadError):
    """The file is larger than SYNCD_PAYLOAD_LIMIT allows."""

    code = "SYNCD-FILE-SIZE"


class OriginRefused(DownloadError):
    """The link leads to an origin that SYNCD_DOWNLOAD_ORIGINS does not allow."""

    code = "SYNCD-FILE-ORIGIN"
