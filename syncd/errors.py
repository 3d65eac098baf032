"""Every error that syncd raises on purpose. The class says who has to act; its docstring is the default message.

    SyncdError
    ├── OperatorError            somebody has to change a setting; exit 78
    │   ├── ConfigError
    │   │   └── EmbeddedFault        the embedded Postgres is not there, not usable, or in use
    │   ├── SchemaError
    │   ├── LoginRefused             the database refuses the user, the password or the database's name
    │   └── RightsMissing            the role may not do what syncd has to do
    ├── BadInput                 an argument or a file cannot be used; exit 1
    ├── StillWaiting             the time was up before the work was done; exit 75
    ├── DatabaseAway             the database does not answer; exit 69. No transcript loses an attempt
    │   ├── DatabaseBusy             a deadlock, a time-out: tried again at once
    │   ├── DatabaseStuck            the same that lasts, or a statement without an answer
    │   ├── NoConnectionFree         too many connections: one is waited for
    │   ├── DatabaseReadOnly         a standby, or set to read-only: connections are made anew
    │   ├── DatabaseFull             no room on the disk or in memory
    │   └── DatabaseFault            any other error of the database: a trigger, a damaged table
    ├── OutputFailed             what is to be printed cannot be written; exit 74
    ├── LeaseLost                another worker holds the row now; nothing was written
    ├── Unstorable               Postgres cannot hold it; nothing was written
    ├── RecallError              an answer of the Recall API (docs/recall-api.md)
    │   ├── WorkspaceFault       the circuit breaker opens, and no row loses an attempt
    │   │   ├── KeyRefused           401
    │   │   ├── CreditExhausted      402
    │   │   ├── Forbidden            403
    │   │   └── WrongWorkspace       404 for many that were shown before
    │   ├── Throttled            429: the budget pauses, and no row loses an attempt
    │   ├── RecallTrouble        5xx, network: try later
    │   │   ├── ApiBlocked           an answer that is not Recall's own
    │   │   └── BadAnswer            a 200 that is no artifact, an unexpected 4xx: try later, until the deadline
    │   └── NotFound             404: unconfirmed, until it has come again
    └── DownloadError            an answer of the file store
        ├── LinkExpired             expired, or its signing session has ended: ask for a fresh link
        ├── StoreTrouble         5xx, network, a truncated file: try later
        │   ├── StorePaused              most downloads fail: not even tried
        │   ├── StoreBlocked             a refusal that is not the store's own
        │   └── UnconfirmedFile          HTML, another shape, truncated: unconfirmed, until the same bytes come again
        ├── FileGone             the file is not there any more
        ├── FileTooLarge         over SYNCD_PAYLOAD_LIMIT
        └── OriginRefused        a link to an origin that SYNCD_DOWNLOAD_ORIGINS does not allow

Codes: docs/failures.md. No message contains a secret: no key, no DSN, no URL of a file. Exit codes: sysexits.h.
"""

from typing import ClassVar

from syncd.network_faults import NetworkFault, PerhapsOfNetwork


class SyncdError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "SYNCD-FAULT"
    exit_code: ClassVar[int] = 70
    retry_after_s: float | None = None
    """What Retry-After of the answer asked for, in seconds; None where it was missing or made no sense."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    def __str__(self) -> str:
        """The message, and the code that docs/failures.md explains."""
        return f"{self.message} [{self.code}]"

    @property
    def message(self) -> str:
        """The message without the code, to be part of a longer one."""
        return super().__str__()


class OperatorError(SyncdError):
    """Somebody has to change a setting before syncd can go on."""

    exit_code = 78


class ConfigError(OperatorError):
    """A setting is missing or cannot be used."""

    code = "SYNCD-SETTING"


class EmbeddedFault(ConfigError):
    """The embedded Postgres cannot be used."""

    code = "SYNCD-DB-EMBEDDED"


class SchemaError(OperatorError):
    """The database does not have the schema this version needs. Run: syncd migrate"""

    code = "SYNCD-SCHEMA"


class LoginRefused(OperatorError):
    """The database refuses the connection. Check user, password and name in the database's URL."""

    code = "SYNCD-DB-LOGIN"


class RightsMissing(OperatorError):
    """The role lacks a right. Run the output of: syncd grants"""

    code = "SYNCD-DB-RIGHTS"


class BadInput(SyncdError):
    """What was handed in cannot be used."""

    code = "SYNCD-INPUT"
    exit_code = 1


class StillWaiting(SyncdError):
    """The time was up before every transcript had reached its end."""

    code = "SYNCD-TIME-UP"
    exit_code = 75


class DatabaseAway(SyncdError):
    """The database does not answer."""

    code = "SYNCD-DB-AWAY"
    exit_code = 69


class DatabaseBusy(DatabaseAway):
    """The database could not do it because of what others do at the same time."""

    code = "SYNCD-DB-BUSY"
    lasted_s: float = 0.0
    """For how long it was tried again before it was raised."""


class DatabaseStuck(DatabaseAway):
    """The database holds up what it is asked: a lock that is kept, or a synchronous standby that is missing."""

    code = "SYNCD-DB-STUCK"


class NoConnectionFree(DatabaseAway):
    """The database has no connection free for syncd."""

    code = "SYNCD-DB-CONNECTIONS"


class DatabaseReadOnly(DatabaseAway):
    """The database can only be read just now."""

    code = "SYNCD-DB-READONLY"


class DatabaseFull(DatabaseAway):
    """The database has no room left on its disk or in its memory."""

    code = "SYNCD-DB-FULL"


class DatabaseFault(DatabaseAway):
    """The database refuses what it should take."""

    code = "SYNCD-DB-FAULT"


class OutputFailed(SyncdError):
    """The output cannot be written."""

    code = "SYNCD-OUTPUT"
    exit_code = 74


class LeaseLost(SyncdError):
    """Another worker holds this transcript now; nothing was written."""

    code = "SYNCD-LEASE-LOST"


class Unstorable(SyncdError):
    """Postgres cannot hold what was answered."""

    code = "SYNCD-DB-VALUE"


class RecallError(SyncdError):
    """The Recall API answered something that is no artifact."""


class WorkspaceFault(RecallError):
    """The whole workspace is refused."""


class KeyRefused(WorkspaceFault):
    """Recall refused the API key (401). Check the key that is set, and that SYNCD_REGION is the key's own region."""

    code = "SYNCD-API-KEY"


class CreditExhausted(WorkspaceFault):
    """Recall wants payment (402): the balance of the workspace is used up."""

    code = "SYNCD-API-CREDIT"


class Forbidden(WorkspaceFault):
    """Recall's firewall or a missing permission refused the call (403)."""

    code = "SYNCD-API-FORBIDDEN"


class WrongWorkspace(WorkspaceFault):
    """Recall does not know transcripts that it has shown before (404). Check whose key it is, and SYNCD_REGION."""

    code = "SYNCD-API-WORKSPACE"


class Throttled(RecallError):
    """Recall throttled the call (429)."""

    code = "SYNCD-API-THROTTLED"

    def __init__(self, retry_after_s: float | None = None) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class RecallTrouble(PerhapsOfNetwork, RecallError):
    """Recall could not answer just now."""

    code = "SYNCD-API-AWAY"

    def __init__(self, message: str = "", *, was_sent: bool = True, fault: NetworkFault | None = None) -> None:
        super().__init__(message, fault)
        self.was_sent = was_sent  # whether the call may have reached Recall, and so counts


class ApiBlocked(RecallTrouble):
    """A proxy, a firewall or a login page of this network answers in Recall's place."""

    code = "SYNCD-API-BLOCKED"


class BadAnswer(RecallTrouble):
    """Recall answered about the transcript, but not with an artifact."""

    code = "SYNCD-API-ANSWER"


class NotFound(RecallError):
    """Recall does not know this id in this workspace and region (404)."""

    code = "SYNCD-API-NOT-FOUND"


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
