"""A TLS server on loopback with made certificates, and a proxy that makes tunnels."""

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from tests.recall.odd_certificates import odd_certificate
from tests.recall.raw_server import LONGEST_WAIT_S, response

HOST = "localhost"
BODY = b"[]"
Serve = Callable[[socket.socket], None]


class Listener:
    """Calls `serve` with each connection, in a thread of its own."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=LONGEST_WAIT_S)

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._answer, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(LONGEST_WAIT_S)
            self._serve(connection)


class Authority:
    """An authority of certificates, and its own certificate as a file."""

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self.file, self.odd_file = directory / "ca.pem", directory / "odd.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(
        self,
        host: str = HOST,
        age_days: float = 0.0,
        maximum_version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        ciphers: str = "DEFAULT",
        wants_client: bool = False,
        oddity: str | None = None,
    ) -> ssl.SSLContext:
        """What a server of this host needs; its certificate is valid for a day, from so many days ago on."""
        begins_at = datetime.now(UTC) - timedelta(days=age_days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(ciphers if oddity is None else "DEFAULT:@SECLEVEL=0")
        context.verify_mode = ssl.CERT_REQUIRED if wants_client else ssl.CERT_NONE
        if maximum_version < context.minimum_version:
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = maximum_version
        if oddity is None:
            ends_at = begins_at + timedelta(days=1)
            self._authority.issue_cert(host, not_before=begins_at, not_after=ends_at).configure_cert(context)
        else:
            self.odd_file.write_bytes(odd_certificate(self._authority, host, oddity))
            context.load_cert_chain(self.odd_file)
        return context


def tls_server(context: ssl.SSLContext) -> Listener:
    """Answers each connection once, by TLS, with an empty array."""

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            if read_head(secured):
                secured.sendall(b"".join(response(body=BODY)))

    return Listener(serve)


class Proxy(Listener):
    """An HTTP proxy that connects as it is told to; or refuses with a status, from the login that it wants on."""

    def __init__(
        self, status: int = 200, login: bytes | None = None, leads_to: int | None = None,
        context: ssl.SSLContext | None = None, answer: bytes | None = None,
    ) -> None:  # fmt: skip
        self.heads: list[bytes] = []
        """Of the requests, byte for byte."""
        self._answer_of_tunnel = answer
        self._status, self._login, self._leads_to, self._context = status, login, leads_to, context
        super().__init__(self._tunnel)

    def _tunnel(self, connection: socket.socket) -> None:
        if self._context is None:
            return self._answer_head(connection)
        with self._context.wrap_socket(connection, server_side=True) as secured:
            return self._answer_head(secured)

    def _answer_head(self, connection: socket.socket) -> None:
        head = read_head(connection)
        self.heads.append(head)
        has_login = self._login is None or b"Proxy-Authorization: Basic " + self._login in head
        status = self._status if has_login else 407
        connection.sendall(self._answer_of_tunnel or f"HTTP/1.1 {status} X\r\n\r\n".encode())
        if status == 200:
            target = head.split(b" ")[1].decode().rpartition(":")
            with socket.create_connection(("127.0.0.1", self._leads_to or int(target[2]))) as server:
                _copy_both_ways(connection, server)


def read_head(connection: socket.socket) -> bytes:
    """What comes until an empty line, or until nothing more does."""
    head = b""
    while b"\r\n\r\n" not in head and (received := connection.recv(65536)):
        head += received
    return head


def _copy_both_ways(one: socket.socket, other: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([one, other], [], [], LONGEST_WAIT_S)
        for source in ready:
            if not (received := source.recv(65536)):
                return
            (other if source is one else one).sendall(received)
