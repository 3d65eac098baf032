"""Every error that syncd raises on purpose. The class says who has to act; its docstring is the default message.

    SyncdError
    ├── OperatorError            somebody has to change a setting; exit 78
    │   ├── ConfigError
    │   └── SchemaError
    ├── BadInput                 an argument or a file cannot be used; exit 1
    ├── StillWaiting             the time was up before the work was done; exit 75
    ├── DatabaseAway             the database does not answer; exit 69
    ├── LeaseLost                another worker holds the row now; nothing was written
    ├── Unstorable               Postgres cannot hold it; nothing was written
    ├── RecallError              an answer of the Recall API (docs/recall-api.md)
    │   ├── WorkspaceFault       the circuit breaker opens, and no row loses an attempt
    │   │   ├── KeyRefused           401
    │   │   ├── CreditExhausted      402
    │   │   └── Forbidden            403
    │   ├── Throttled            429: the budget pauses, and no row loses an attempt
    │   ├── RecallTrouble        5xx, network: try later
    │   │   └── BadAnswer            a 200 that is no artifact, an unexpected 4xx: try later, until the deadline
    │   └── NotFound             404: unconfirmed, until it has come again
    └── DownloadError            an answer of the file store
        ├── LinkExpired             expired, or its signing session has ended: ask for a fresh link
        ├── StoreTrouble         5xx, network, a truncated file: try later
        │   └── UnconfirmedFile          HTML, another shape, truncated: unconfirmed, until the same bytes come again
        ├── FileGone             the file is not there any more
        ├── FileTooLarge         over SYNCD_PAYLOAD_LIMIT
        └── OriginRefused        a link to an origin that SYNCD_DOWNLOAD_ORIGINS does not allow

No message contains a secret: no key, no DSN, no URL of a file. Exit codes are those of sysexits.h, except 1.
"""

from typing import ClassVar


class SyncdError(Exception):
    """Something went wrong."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class OperatorError(SyncdError):
    """Somebody has to change a setting before syncd can go on."""

    exit_code = 78


class ConfigError(OperatorError):
    """A setting is missing or cannot be used."""


class SchemaError(OperatorError):
    """The database does not have the schema this version needs. Run: syncd migrate"""


class BadInput(SyncdError):
    """What was handed in cannot be used."""

    exit_code = 1


class StillWaiting(SyncdError):
    """The time was up before every transcript had reached its end."""

    exit_code = 75


class DatabaseAway(SyncdError):
    """The database does not answer."""

    exit_code = 69


class LeaseLost(SyncdError):
    """Another worker holds this transcript now; nothing was written."""


class Unstorable(SyncdError):
    """Postgres cannot hold what was answered."""


class RecallError(SyncdError):
    """The Recall API answered something that is no artifact."""


class WorkspaceFault(RecallError):
    """The whole workspace is refused."""


class KeyRefused(WorkspaceFault):
    """Recall refused the API key (401). Check SYNCD_API_KEY, and that SYNCD_REGION is the key's own region."""


class CreditExhausted(WorkspaceFault):
    """Recall wants payment (402): the balance of the workspace is used up."""


class Forbidden(WorkspaceFault):
    """Recall's firewall or a missing permission refused the call (403)."""


class Throttled(RecallError):
    """Recall throttled the call (429)."""

    def __init__(self, retry_after_s: float | None) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s
        """What Retry-After asked for, in seconds; None where it was missing or made no sense."""


class RecallTrouble(RecallError):
    """Recall could not answer just now."""

    def __init__(self, message: str = "", *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        """Whether the call may have reached Recall, and so counts."""


class BadAnswer(RecallTrouble):
    """Recall answered about the transcript, but not with an artifact."""


class NotFound(RecallError):
    """Recall does not know this id in this workspace and region (404)."""


class DownloadError(SyncdError):
    """The file could not be downloaded."""


class LinkExpired(DownloadError):
    """The link to the file had expired."""


class StoreTrouble(DownloadError):
    """The file store could not deliver the whole file just now."""


class UnconfirmedFile(StoreTrouble):
    """The file store delivered something that cannot be the file."""

    def __init__(self, message: str, sha256: str) -> None:
        super().__init__(message)
        self.sha256 = sha256
        """Hex digest of what was delivered."""


class FileGone(DownloadError):
    """The file is not in the store any more."""


class FileTooLarge(DownloadError):
    """The file is larger than SYNCD_PAYLOAD_LIMIT allows."""


class OriginRefused(DownloadError):
    """The link leads to an origin that SYNCD_DOWNLOAD_ORIGINS does not allow."""
