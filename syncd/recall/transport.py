"""The network below httpx: where a connection may lead, and when a whole exchange must be over.

httpx bounds each single read, not their sum, so a server that sends a byte now and then could hold a worker for
ever. Here every read and write ends by the deadline of the exchange it belongs to, and a name is resolved, checked
and connected to in one step, so that no second answer of the name server can slip in between.
"""

import contextlib
import functools
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Exchange:
    """A request and its answer, on the monotonic clock."""

    until: float
    """When everything must be over."""
    send_by: float | None = None
    """What is not sent by then is not sent at all."""
    is_sent: bool = False
    """Whether the first byte has left."""


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)

Permission = Callable[[str, int, str], bool]
"""Whether (host, port, address) may be connected to."""
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.TimeoutException: httpx.TimeoutException,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.NetworkError: httpx.NetworkError,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.ProtocolError: httpx.ProtocolError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}
"""What each error of httpcore is in httpx."""


class AddressRefused(httpcore.ConnectError):
    """The name leads to addresses that may not be connected to, and to no other."""


@contextlib.contextmanager
def deadline(seconds: float, send_by: float | None = None) -> Iterator[Exchange]:
    """Everything this thread sends and receives inside the block is over after so many seconds."""
    exchange = Exchange(time.monotonic() + seconds, send_by)
    token = _exchange.set(exchange)
    try:
        yield exchange
    finally:
        _exchange.reset(token)


def extend(seconds: float) -> None:
    """Put the deadline of the exchange off, for time that was not the server's."""
    exchange = _exchange.get()
    if exchange is not None:
        exchange.until += seconds


def client(permits: Permission | None = None) -> httpx.Client:
    """An HTTP client that follows no redirect, retries nothing and takes no proxy from the environment."""
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    return httpx.Client(transport=_Transport(permits), timeout=timeout, trust_env=False, follow_redirects=False)


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """One for all clients: the authorities that are trusted are a megabyte in memory."""
    return httpx.create_ssl_context(trust_env=True)  # SSL_CERT_FILE counts, proxies do not


class _Transport(httpx.BaseTransport):
    """Does what httpx's own transport does, which has no parameter for httpcore's `network_backend`."""

    def __init__(self, permits: Permission | None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=_Backend(permits),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read. Raises httpx.TransportError."""
        url = request.url
        given = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx_errors():
            answer = self._pool.handle_request(given)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx_errors():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextlib.contextmanager
def _as_httpx_errors() -> Iterator[None]:
    """The errors of httpcore as those of httpx, the original as the cause."""
    try:
        yield
    except tuple(ERRORS) as error:
        found = next(ERRORS[known] for known in type(error).__mro__ if known in ERRORS)
        raise found(str(error)) from error


class _Backend(httpcore.NetworkBackend):
    def __init__(self, permits: Permission | None) -> None:
        self._permits = permits
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that is permitted and answers."""
        failure: Exception = AddressRefused("the address is not a permitted one")
        for address in _addresses(host, port):
            if self._permits is not None and not self._permits(host, port, address):
                continue
            try:
                stream = self._inner.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        """Not used."""
        raise httpcore.UnsupportedProtocol

    def sleep(self, seconds: float) -> None:
        """Not used: nothing is retried here."""


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        _begin_sending()
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:  # as httpcore declares it
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"the name cannot be resolved: {error}") from None
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _begin_sending() -> None:
    """The last moment to think better of it: a call sent too late would fall into another minute than was paid."""
    exchange = _exchange.get()
    if exchange is None or exchange.is_sent:
        return
    if exchange.send_by is not None and time.monotonic() > exchange.send_by:
        raise httpcore.WriteTimeout("it is too late to send this call")
    exchange.is_sent = True


def _left(timeout: float | None) -> float | None:
    """The given timeout, cut to what is left until the deadline of the exchange."""
    exchange = _exchange.get()
    if exchange is None:
        return timeout
    left = exchange.until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the exchange took too long in all")
    return left if timeout is None else min(left, timeout)
