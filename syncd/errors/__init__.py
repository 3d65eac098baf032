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

from syncd.errors.base import SyncdError
from syncd.errors.commands import (
    BadInput,
    ConfigError,
    EmbeddedFault,
    LoginRefused,
    OperatorError,
    OutputFailed,
    RightsMissing,
    SchemaError,
    StillWaiting,
)
from syncd.errors.database import (
    DatabaseAway,
    DatabaseBusy,
    DatabaseFault,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseStuck,
    LeaseLost,
    NoConnectionFree,
    Unstorable,
)
from syncd.errors.recall import (
    ApiBlocked,
    BadAnswer,
    CreditExhausted,
    Forbidden,
    KeyRefused,
    NotFound,
    RecallError,
    RecallTrouble,
    Throttled,
    WorkspaceFault,
    WrongWorkspace,
)
from syncd.errors.store import (
    DownloadError,
    FileGone,
    FileTooLarge,
    LinkExpired,
    OriginRefused,
    StoreBlocked,
    StorePaused,
    StoreTrouble,
    UnconfirmedFile,
)

__all__ = [
    "ApiBlocked",
    "BadAnswer",
    "BadInput",
    "ConfigError",
    "CreditExhausted",
    "DatabaseAway",
    "DatabaseBusy",
    "DatabaseFault",
    "DatabaseFull",
    "DatabaseReadOnly",
    "DatabaseStuck",
    "DownloadError",
    "EmbeddedFault",
    "FileGone",
    "FileTooLarge",
    "Forbidden",
    "KeyRefused",
    "LeaseLost",
    "LinkExpired",
    "LoginRefused",
    "NoConnectionFree",
    "NotFound",
    "OperatorError",
    "OriginRefused",
    "OutputFailed",
    "RecallError",
    "RecallTrouble",
    "RightsMissing",
    "SchemaError",
    "StillWaiting",
    "StoreBlocked",
    "StorePaused",
    "StoreTrouble",
    "SyncdError",
    "Throttled",
    "UnconfirmedFile",
    "Unstorable",
    "WorkspaceFault",
    "WrongWorkspace",
]
