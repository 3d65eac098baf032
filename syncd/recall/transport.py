"""httpx over httpcore: a transport whose connections are made by connections.py and end by exchange.py."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpcore
import httpx

from syncd.core.reading.proxy import ProxyAddress
from syncd.recall.connections import Backend, Permission
from syncd.recall.proxy import Proxy
from syncd.recall.trust import ssl_context

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Network:
    """How the servers are reached: whom to trust beside the usual authorities, and the proxy, if there is one."""

    ca_file: Path | None = None
    proxy: ProxyAddress | None = None


DIRECT = Network()


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


def client(network: Network = DIRECT, permits: Permission | None = None) -> httpx.Client:
    """An HTTP client that follows no redirect, retries nothing and takes no proxy from the environment.

    Raises ConfigError where a file of certificates cannot be used.
    """
    timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
    transport = _Transport(network, permits)
    return httpx.Client(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


class _Transport(httpx.BaseTransport):
    """Does what httpx's own transport does, which has no parameter for httpcore's `network_backend`."""

    def __init__(self, network: Network, permits: Permission | None) -> None:
        trusted = ssl_context(network.ca_file)
        proxy = None if network.proxy is None else Proxy(network.proxy, trusted)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=Backend(permits, proxy),
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
