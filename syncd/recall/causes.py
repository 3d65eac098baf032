"""Why an exchange failed, in words that hold no name, no address and no secret: of an error, its cause, and so on."""

import errno
import os
import socket
import ssl
from collections.abc import Iterator

import httpcore

from syncd.network_faults import NetworkFault
from syncd.recall.connections import NameNotResolved
from syncd.recall.exchange import TooLate
from syncd.recall.proxy import ProxyAway, ProxyRefused

_OF_ERRNO = {
    errno.ECONNREFUSED: NetworkFault.CONNECTION_REFUSED,
    errno.ECONNRESET: NetworkFault.CONNECTION_RESET,
    errno.ECONNABORTED: NetworkFault.CONNECTION_RESET,
    errno.EPIPE: NetworkFault.CONNECTION_RESET,
    errno.ENETUNREACH: NetworkFault.UNREACHABLE,
    errno.EHOSTUNREACH: NetworkFault.UNREACHABLE,
    errno.ENETDOWN: NetworkFault.UNREACHABLE,
    errno.EHOSTDOWN: NetworkFault.UNREACHABLE,
    errno.EADDRNOTAVAIL: NetworkFault.UNREACHABLE,
    errno.EACCES: NetworkFault.CONNECTION_FORBIDDEN,
    errno.EPERM: NetworkFault.CONNECTION_FORBIDDEN,
    errno.ETIMEDOUT: NetworkFault.CONNECT_TIMEOUT,
}
_OF_CERTIFICATE = {
    9: NetworkFault.CERTIFICATE_NOT_YET_VALID,
    10: NetworkFault.CERTIFICATE_EXPIRED,
    **dict.fromkeys((2, 18, 19, 20, 21, 27), NetworkFault.CERTIFICATE_UNTRUSTED),
    **dict.fromkeys((62, 64), NetworkFault.CERTIFICATE_OF_OTHER),
}
"""By OpenSSL's X509_V_ERR numbers (x509_vfy.h), which Python has no names for."""
_WHY_BAD = {
    7: "a signature in it is wrong",
    **dict.fromkeys((24, 25, 32, 37, 79), "it is signed by one that may not sign it"),
    26: "it is not meant for servers",
    **dict.fromkeys((47, 48), "its authority may not sign for this host"),
    **dict.fromkeys((66, 67), "a key in it is too short"),
    68: "a signature in it is of an old kind, MD5 or SHA-1",
}
"""By the same numbers, of a certificate that is CERTIFICATE_BAD."""
_OF_TLS = {
    **dict.fromkeys(
        ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE"),
        NetworkFault.TLS_TOO_OLD,
    ),
    **dict.fromkeys(
        (
            "TLSV13_ALERT_CERTIFICATE_REQUIRED",
            "SSLV3_ALERT_NO_CERTIFICATE",
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "TLSV1_ALERT_UNKNOWN_CA",
            "TLSV1_ALERT_ACCESS_DENIED",
        ),
        NetworkFault.CLIENT_CERTIFICATE,
    ),
    **dict.fromkeys(
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"),
        NetworkFault.NO_TLS,
    ),
}
"""By OpenSSL's reasons; any other one is a handshake that failed."""
_OLD_SIGNATURE = "legacy sigalg disallowed"
"""What OpenSSL 3.0 says before it looks at the version; Python 3.11 has no name for this reason."""


def cause_of(error: BaseException) -> tuple[NetworkFault, str]:
    """What happened, and in words."""
    for each in _chain(error):
        if isinstance(each, ProxyRefused):
            fault = _of_proxy(each.status)
            return fault, fault.words if each.status == 407 else f"{fault.words} ({each})"
        if isinstance(each, ProxyAway):
            inner = _behind(each)
            why = f": {cause_of(inner)[1]}" if inner is not None else ""
            return NetworkFault.PROXY_AWAY, NetworkFault.PROXY_AWAY.words + why
    for each in reversed(list(_chain(error))):
        if (known := _known(each)) is not None:
            return known, _words(known, each)
    return NetworkFault.OTHER, f"{NetworkFault.OTHER.words} ({_unknown(error)})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it, and so on."""
    while error is not None:
        yield error
        error = _behind(error)


def _behind(error: BaseException) -> BaseException | None:
    """What caused an error, or what it was raised upon: the pool of httpcore takes the cause away."""
    return error.__cause__ or error.__context__


def _known(error: BaseException) -> NetworkFault | None:
    """What one error of the chain says; the innermost that says something is right."""
    match error:
        case ssl.SSLCertVerificationError():
            return _OF_CERTIFICATE.get(error.verify_code, NetworkFault.CERTIFICATE_BAD)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return None  # in a handshake or in an answer
        case ssl.SSLError():
            if _OLD_SIGNATURE in str(error):
                return NetworkFault.TLS_TOO_OLD
            return _OF_TLS.get(error.reason or "", NetworkFault.HANDSHAKE_FAILED)
        case socket.gaierror():
            is_away = error.errno == socket.EAI_AGAIN
            return NetworkFault.NAME_SERVER_AWAY if is_away else NetworkFault.NAME_UNKNOWN
        case NameNotResolved():
            return NetworkFault.NAME_UNKNOWN  # it cannot even be asked for
        case OSError():
            return _OF_ERRNO.get(error.errno or 0)
        case _:
            return _of_httpcore(error)


def _words(fault: NetworkFault, error: BaseException) -> str:
    """What one error of the chain says, in words."""
    match error:
        case ssl.SSLCertVerificationError() if fault is NetworkFault.CERTIFICATE_BAD:
            return f"{fault.words} ({_WHY_BAD.get(error.verify_code) or f'OpenSSL: {error.verify_message}'})"
        case ssl.SSLError(reason=str(reason)) if fault is NetworkFault.HANDSHAKE_FAILED:
            return f"{fault.words} (OpenSSL: {reason.lower().replace('_', ' ')})"
        case httpcore.ConnectError() if fault is NetworkFault.HANDSHAKE_FAILED:
            return f"{fault.words} (the connection was closed)"
        case _:
            return fault.words


def _of_httpcore(error: BaseException) -> NetworkFault | None:
    match error:
        case TooLate():
            return NetworkFault.SENT_TOO_LATE
        case httpcore.ConnectTimeout() | httpcore.PoolTimeout():
            return NetworkFault.CONNECT_TIMEOUT
        case httpcore.TimeoutException():
            return NetworkFault.ANSWER_TIMEOUT
        case httpcore.RemoteProtocolError():
            is_closed = any(word in str(error) for word in ("disconnected", "closed"))
            return NetworkFault.CONNECTION_CLOSED if is_closed else NetworkFault.NO_HTTP
        case httpcore.ReadError() | httpcore.WriteError():
            return NetworkFault.CONNECTION_CLOSED
        case httpcore.ConnectError() if isinstance(_behind(error), ssl.SSLError):
            return NetworkFault.HANDSHAKE_FAILED
        case _:
            return None


def _of_proxy(status: int) -> NetworkFault:
    if status == 407:
        return NetworkFault.PROXY_LOGIN
    is_own_trouble = status >= 500 and status != 511  # which asks for a login
    return NetworkFault.PROXY_FAILED if is_own_trouble else NetworkFault.PROXY_REFUSED


def _unknown(error: BaseException) -> str:
    """The name of what happened; its text could repeat headers or addresses."""
    numbers = [each.errno for each in _chain(error) if isinstance(each, OSError) and each.errno]
    return os.strerror(numbers[-1]) if numbers else type(error).__name__
