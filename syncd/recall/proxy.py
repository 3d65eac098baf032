"""A tunnel through an HTTP proxy (CONNECT, RFC 9110, section 9.3.6), for the API and for files alike.

httpcore's own proxy pool is not used: it would send the byte-for-byte target of a download in place of the host, and
it leaves no room to check where the host leads.
"""

import base64
import contextlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpcore

from syncd.core.reading.proxy import ProxyAddress
from syncd.recall.exchange import time_left

HEAD_LIMIT = 16 * 1024
"""Bytes of the proxy's answer that are read; it has a head and nothing else."""
_END = re.compile(rb"\r?\n\r?\n")
"""Of a head; some proxies leave the carriage returns out."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and whom it has to be signed by where it is spoken to by TLS."""

    address: ProxyAddress
    ssl_context: ssl.SSLContext = field(repr=False)


class ProxyAway(httpcore.ProxyError):
    """The proxy was not reached, or its answer not understood; the cause says why."""


class ProxyRefused(httpcore.ProxyError):
    """The proxy answered, and not with a tunnel."""

    def __init__(self, status: int, with_what: str = "") -> None:
        super().__init__(f"{status}{with_what}")
        self.status = status


@contextlib.contextmanager
def reaching_proxy() -> Iterator[None]:
    """What fails in the block is about the proxy, and not about what lies behind it."""
    try:
        yield
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise ProxyAway("the proxy was not reached") from error


def open_tunnel(
    stream: httpcore.NetworkStream, proxy: Proxy, host: str, port: int, timeout: float | None
) -> httpcore.NetworkStream:
    """The same connection, leading to the host from now on. Raises ProxyAway and ProxyRefused."""
    try:
        with reaching_proxy():
            if proxy.address.is_tls:
                stream = stream.start_tls(proxy.ssl_context, proxy.address.host, time_left(timeout))
            stream.write(_request(proxy.address, host, port), time_left(timeout))
            status, rest = _read_answer(stream, timeout)
        if not 200 <= status < 300:
            raise ProxyRefused(status)
        if rest:  # from a tunnel nothing comes before something was sent
            raise ProxyRefused(status, " with a page of its own")
    except BaseException:
        stream.close()
        raise
    return stream


def _request(proxy: ProxyAddress, host: str, port: int) -> bytes:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.user is not None:
        login = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {login}")
    return "\r\n".join([*lines, "", ""]).encode()


def _read_answer(stream: httpcore.NetworkStream, timeout: float | None) -> tuple[int, bytes]:
    """The status of the final answer, and what came after its head."""
    status, rest = 100, b""
    while status < 200 and status != 101:
        status, rest = _read_head(stream, rest, timeout)
    return status, rest


def _read_head(stream: httpcore.NetworkStream, head: bytes, timeout: float | None) -> tuple[int, bytes]:
    while (end := _END.search(head)) is None:
        received = stream.read(HEAD_LIMIT, time_left(timeout))
        if not received:
            raise httpcore.RemoteProtocolError("the proxy closed the connection without an answer")
        head += received
        if len(head) > HEAD_LIMIT:
            raise httpcore.RemoteProtocolError("the proxy's answer is too long")
    found = _STATUS.match(head)
    if found is None:
        raise httpcore.RemoteProtocolError("the proxy does not speak HTTP")
    return int(found[1]), head[end.end() :]
