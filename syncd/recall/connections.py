"""Where a connection may lead: a name is resolved, checked and connected to in one step, so that no second answer of
the name server can slip in between. Behind a proxy it is the proxy that connects (proxy.py)."""

import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from syncd.recall.exchange import begin_sending, time_left
from syncd.recall.proxy import Proxy, open_tunnel, reaching_proxy

Permission = Callable[[str, int, str], bool]
"""Whether (host, port, address) may be connected to."""
SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]


class AddressRefused(httpcore.ConnectError):
    """The name leads to addresses that may not be connected to."""


class NameNotResolved(httpcore.ConnectError):
    """The name server did not give an address; the cause says why."""


class Backend(httpcore.NetworkBackend):
    """Makes the connections of a client: to permitted addresses only, and through the proxy where there is one."""

    def __init__(self, permits: Permission | None, proxy: Proxy | None = None) -> None:
        self._permits = permits
        self._proxy = proxy
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that is permitted and answers, or have the proxy do so."""
        if self._proxy is not None:
            return Stream(self._through(self._proxy, host, port, timeout))
        return Stream(self._direct(host, port, timeout, self._permits))

    def _direct(
        self, host: str, port: int, timeout: float | None, permits: Permission | None
    ) -> httpcore.NetworkStream:
        failure: Exception = AddressRefused("the address is not a permitted one")
        for address in _addresses(host, port):
            if permits is not None and not permits(host, port, address):
                continue
            try:
                return self._inner.connect_tcp(address, port, time_left(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _through(self, proxy: Proxy, host: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        """A tunnel to the host by its name, which the proxy resolves by itself.

        So no address that this machine knows the name by may be a forbidden one. A name that cannot be resolved here,
        as in a network that leaves it to the proxy, is checked by the allow-list alone.
        """
        if self._permits is not None and not all(self._permits(host, port, each) for each in _known(host, port)):
            raise AddressRefused("the address is not a permitted one")
        with reaching_proxy():
            stream = self._direct(proxy.address.host, proxy.address.port, timeout, None)
        return open_tunnel(stream, proxy, host, port, timeout)

    def connect_unix_socket(self, *_: object, **__: object) -> httpcore.NetworkStream:
        """Not used."""
        raise httpcore.UnsupportedProtocol

    def sleep(self, seconds: float) -> None:
        """Not used: nothing is retried here."""


class Stream(httpcore.NetworkStream):
    """A connection whose reads and writes end by the deadline of the exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, time_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        begin_sending()
        self._inner.write(buffer, time_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Stream(self._inner.start_tls(ssl_context, server_hostname, time_left(timeout)))

    def get_extra_info(self, info: str) -> Any:  # as httpcore declares it
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameNotResolved("the name cannot be resolved") from error
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _known(host: str, port: int) -> list[str]:
    try:
        return _addresses(host, port)
    except NameNotResolved:
        return []
