"""HTTP/1.1: h11 reads the calls, this module writes the answers.

Answers are raw bytes on purpose, and do not go through h11: it refuses to send what a faulty server sends, such as a
body shorter than its Content-Length, a chunk that ends early, or a head that comes a byte at a time.
"""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

import h11

from recall_emulator.documents import Json
from recall_emulator.timestamps import http_date

_LONGEST_HEAD = 65_536
_READ_BYTES = 65_536

Delivery = Literal["whole", "reset", "slow_headers", "slow_body", "length", "close", "gzip", "chunked"]


@dataclass(frozen=True)
class Call:
    """A request: path and query raw, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    has_body: bool
    keeps_alive: bool
    at: float = field(default_factory=time.time)
    monotonic: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Answer:
    """A response and how it is delivered.

    delivery: whole; reset (RST, nothing sent); slow_headers and slow_body (a byte each `drip_seconds`); or cut in the
    middle of the body, with a Content-Length that promises more (length), none (close), inside a gzip stream (gzip)
    or inside a chunk (chunked).
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delivery: Delivery = "whole"
    drip_seconds: float = 0.0
    fault: str | None = None


def json_answer(status: int, document: Json, *headers: tuple[str, str]) -> Answer:
    """Return an answer with a JSON body."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Answer(status, (("Content-Type", "application/json"), *headers), body)


def html_answer(status: int, body: str, *headers: tuple[str, str]) -> Answer:
    """Return an answer with an HTML body."""
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"), *headers), body.encode())


class CallReader:
    """Reads the calls that come over one connection, one after another."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._unread = b""

    def read(self) -> Call | None:
        """Return the next call; None at the end of the connection, and for anything that is not HTTP."""
        # A parser for each call: one that goes on would have to know the answer, which it would refuse to send.
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)
        if self._unread:  # an empty read would mean the end of the connection
            parser.receive_data(self._unread)
        try:
            request = self._next_event(parser)
            if not isinstance(request, h11.Request):
                return None
            body = b"".join(iter(lambda: self._body_part(parser), b""))
        except h11.RemoteProtocolError:
            return None
        self._unread, _ = parser.trailing_data
        return _call(request, body, keeps_alive=parser.their_state is not h11.MUST_CLOSE)

    def _next_event(self, parser: h11.Connection) -> object:
        while (event := parser.next_event()) is h11.NEED_DATA:
            if parser.they_are_waiting_for_100_continue:
                self._connection.sendall(parser.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            parser.receive_data(self._connection.recv(_READ_BYTES))
        return event

    def _body_part(self, parser: h11.Connection) -> bytes:
        """Return some bytes of the body; none at its end."""
        event = self._next_event(parser)
        return bytes(event.data) if isinstance(event, h11.Data) else b""


def _call(request: h11.Request, body: bytes, *, keeps_alive: bool) -> Call:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    path, _, query = request.target.decode("latin-1").partition("?")
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    return Call(request.method.decode("latin-1"), path, query, headers, body, has_body, keeps_alive)


def send_answer(connection: socket.socket, call: Call, answer: Answer, stopping: threading.Event) -> bool:
    """Send an answer; True where the connection may be used again."""
    if answer.delivery == "reset":
        reset(connection)
        return False
    body, headers, is_framed = _framed(answer)
    keeps_alive = call.keeps_alive and is_framed
    head = _head(answer.status, headers, keeps_alive)
    shown = b"" if call.method == "HEAD" or answer.status == HTTPStatus.NOT_MODIFIED else body
    if answer.delivery == "slow_headers":
        _drip(connection, head + shown, answer.drip_seconds, stopping)
    elif answer.delivery == "slow_body":
        connection.sendall(head)
        _drip(connection, shown, answer.drip_seconds, stopping)
    else:
        connection.sendall(head + shown)
    return keeps_alive


def reset(connection: socket.socket) -> None:
    """Make the closing of the connection an RST instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _framed(answer: Answer) -> tuple[bytes, list[tuple[str, str]], bool]:
    """Return the bytes to send, the headers that frame them, and whether the connection survives them."""
    headers, body = list(answer.headers), answer.body
    if answer.status == HTTPStatus.NO_CONTENT:  # which has no body, and no length either
        return b"", headers, True
    half = body[: max(1, len(body) // 2)]
    if answer.delivery == "length":
        return half, [*headers, ("Content-Length", str(len(body)))], False
    if answer.delivery == "close":
        return half, headers, False
    if answer.delivery == "chunked":
        cut = f"{len(body):x}\r\n".encode() + half
        return cut, [*headers, ("Transfer-Encoding", "chunked")], False
    if answer.delivery == "gzip":
        packed = gzip.compress(body, mtime=0)
        body = packed[: max(12, len(packed) // 2)]
        headers.append(("Content-Encoding", "gzip"))
    return body, [*headers, ("Content-Length", str(len(body)))], True


def _head(status: int, headers: list[tuple[str, str]], keeps_alive: bool) -> bytes:
    known = HTTPStatus._value2member_map_.get(status)
    phrase = known.phrase if isinstance(known, HTTPStatus) else "Unknown"
    return "".join(_head_lines(f"HTTP/1.1 {status} {phrase}", headers, keeps_alive)).encode("latin-1")


def _head_lines(first: str, headers: list[tuple[str, str]], keeps_alive: bool) -> Iterator[str]:
    yield f"{first}\r\nDate: {http_date(time.time())}\r\n"
    for name, value in headers:
        yield f"{name}: {value}\r\n"
    yield "\r\n" if keeps_alive else "Connection: close\r\n\r\n"


def _drip(connection: socket.socket, content: bytes, seconds: float, stopping: threading.Event) -> None:
    for position in range(len(content)):
        connection.sendall(content[position : position + 1])
        if stopping.wait(seconds):
            return
