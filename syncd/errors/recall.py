"""Answers of the Recall API (docs/recall-api.md), and what keeps it from answering."""

from syncd.errors.base import SyncdError
from syncd.network_faults import NetworkFault, PerhapsOfNetwork


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
