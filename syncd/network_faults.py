"""Why a server was not reached: the code of each cause (docs/failures.md), and the end of a sentence that says it."""

from enum import Enum


class NetworkFault(Enum):
    """A cause: its code, and its words. It ends the message of a RecallTrouble or a StoreTrouble (errors/)."""

    NAME_UNKNOWN = "SYNCD-NET-NAME", "its name is not known to the name server"
    NAME_SERVER_AWAY = "SYNCD-NET-DNS", "the name server does not answer"
    CONNECTION_REFUSED = "SYNCD-NET-REFUSED", "the connection was refused"
    CONNECTION_RESET = "SYNCD-NET-RESET", "the connection was reset"
    CONNECTION_CLOSED = "SYNCD-NET-CLOSED", "the connection was closed before the answer was whole"
    UNREACHABLE = "SYNCD-NET-ROUTE", "there is no route to it"
    CONNECTION_FORBIDDEN = "SYNCD-NET-FORBIDDEN", "this machine does not allow the connection"
    CONNECT_TIMEOUT = "SYNCD-NET-CONNECT-TIMEOUT", "no connection was made in time"
    ANSWER_TIMEOUT = "SYNCD-NET-READ-TIMEOUT", "the answer did not come in time"
    NO_HTTP = "SYNCD-NET-PROTOCOL", "what answers does not speak valid HTTP"
    SENT_TOO_LATE = "SYNCD-NET-LATE", "it was too late to send the call, so it was not made"
    OTHER = "SYNCD-NET-OTHER", "the network failed"
    CERTIFICATE_EXPIRED = "SYNCD-TLS-EXPIRED", "its certificate has expired"
    CERTIFICATE_NOT_YET_VALID = "SYNCD-TLS-NOT-YET", "its certificate is not valid yet, by the clock of this machine"
    CERTIFICATE_UNTRUSTED = (
        "SYNCD-TLS-UNTRUSTED",
        "its certificate is from nobody that is trusted (SYNCD_CA_FILE)",
    )
    CERTIFICATE_OF_OTHER = "SYNCD-TLS-HOST", "its certificate is for another host"
    CERTIFICATE_BAD = "SYNCD-TLS-CERTIFICATE", "its certificate cannot be accepted"
    CLIENT_CERTIFICATE = "SYNCD-TLS-CLIENT", "it asks for a client certificate, and syncd has none"
    TLS_TOO_OLD = "SYNCD-TLS-VERSION", "it speaks only TLS versions that are too old"
    HANDSHAKE_FAILED = "SYNCD-TLS-HANDSHAKE", "the TLS handshake failed"
    NO_TLS = "SYNCD-TLS-PLAIN", "what answers does not speak TLS"
    PROXY_AWAY = "SYNCD-PROXY-AWAY", "the proxy was not reached"
    PROXY_LOGIN = "SYNCD-PROXY-LOGIN", "the proxy refuses the login, or asks for one (407)"
    PROXY_REFUSED = "SYNCD-PROXY-REFUSED", "the proxy refuses the connection"
    PROXY_FAILED = "SYNCD-PROXY-FAILED", "the proxy could not connect to it"

    @property
    def code(self) -> str:
        """What an operator can search for."""
        return self.value[0]

    @property
    def words(self) -> str:
        """What happened, without any name or address."""
        return self.value[1]


class PerhapsOfNetwork:
    """Of an error that the network may have caused: it then has the code of that cause."""

    message: str

    def __init__(self, message: str = "", fault: NetworkFault | None = None) -> None:
        super().__init__(message)  # type: ignore[call-arg]  # that of the error it is mixed into
        self.fault = fault
        """Why Recall or the store was not reached; None: it was."""

    def __str__(self) -> str:
        """The message, and the code of what happened in the network, where that is why."""
        return super().__str__() if self.fault is None else f"{self.message} [{self.fault.code}]"
