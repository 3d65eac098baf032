"""HTTP/1.1 as bytes: reading a call, and answering it well or badly on purpose."""

import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO, Literal

from recall_emulator.timestamps import http_date

_LONGEST_LINE = 65_537

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


def json_answer(status: int, document: Any, *headers: tuple[str, str]) -> Answer:
    """Return an answer with a JSON body."""
    body = json.dumps(document, separators=(",", ":")).encode()
    return Answer(status, (("Content-Type", "application/json"), *headers), body)


def html_answer(status: int, body: str, *headers: tuple[str, str]) -> Answer:
    """Return an answer with an HTML body."""
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"), *headers), body.encode())


def read_call(stream: BinaryIO) -> Call | None:
    """Read one request; None at the end of the connection. Raises ValueError for anything that is not HTTP."""
    line = stream.readline(_LONGEST_LINE)
    if not line.strip():
        return None
    method, target, version = line.decode("latin-1").split()
    headers: dict[str, str] = {}
    while (line := stream.readline(_LONGEST_LINE)).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    path, _, query = target.partition("?")
    keeps_alive = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    body = _read_body(stream, headers) if has_body else b""
    return Call(method, path, query, headers, body, has_body, keeps_alive)


def _read_body(stream: BinaryIO, headers: Mapping[str, str]) -> bytes:
    if "transfer-encoding" not in headers:
        return stream.read(int(headers["content-length"]))
    chunks = []
    while size := int(stream.readline(_LONGEST_LINE).partition(b";")[0], 16):
        chunks.append(stream.read(size))
        stream.readline(_LONGEST_LINE)
    stream.readline(_LONGEST_LINE)
    return b"".join(chunks)


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
