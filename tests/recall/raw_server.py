"""A server on loopback that sends given bytes after given waits, and keeps the requests."""

import contextlib
import gzip
import itertools
import socket
import threading
import zlib
from collections.abc import Iterable
from typing import Any

Answer = Iterable[bytes | float]
"""Bytes are sent, numbers are seconds to wait; at the end the connection is closed."""

NEVER_S = 600.0
"""A wait that no test waits for: closing the server ends it."""
LONGEST_WAIT_S = 60.0
"""What takes longer is broken."""
MOST_CONNECTIONS = 1000


class RawServer:
    """Sends one answer for each connection, and the last one for all further connections."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.requests: list[bytes] = []
        """The head of each request, byte for byte."""
        self.connection_count = 0
        self._answers = list(answers)
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What stood between GET and HTTP/1.1."""
        return [request.split(b" ", 2)[1].decode("latin-1") for request in self.requests]

    def close(self) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=LONGEST_WAIT_S)

    def _listen(self) -> None:
        for _ in range(MOST_CONNECTIONS):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connection_count += 1
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(LONGEST_WAIT_S)
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65536)
                if not received:
                    return
                head += received
                if not head.startswith(b"GET"[: len(head)]):
                    return
            self.requests.append(head)
            for step in self._answers[min(len(self.requests), len(self._answers)) - 1]:
                if self._stopped.is_set():
                    return
                if isinstance(step, bytes):
                    connection.sendall(step)
                else:
                    self._stopped.wait(step)


def response(status: int = 200, body: bytes = b"", **headers: Any) -> list[bytes]:
    """A whole answer with its length; header names in snake case, None leaves a header out."""
    fields = {"content_length": len(body), "connection": "close"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value is not None]
    return ["\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode("latin-1"), body]


def drip(answer: Iterable[bytes], gap_s: float = 0.02) -> Answer:
    """The same bytes one at a time."""
    for byte in b"".join(answer):
        yield bytes([byte])
        yield gap_s


def endless(piece: bytes) -> Iterable[bytes]:
    """The same piece again and again."""
    return itertools.repeat(piece)


def bomb(size: int) -> bytes:
    """So many zeros as gzip, a thousand times smaller."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(size // 2**20)) + packer.flush()


def packed(content: bytes) -> bytes:
    """The content as gzip."""
    return gzip.compress(content, mtime=0)
