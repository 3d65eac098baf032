import socket
from collections.abc import Callable, Iterator

import pytest

from recall_emulator import Emulator

LINE = b"GET /api/v1/transcript/ HTTP/1.1\r\nHost: it\r\n"
POST = b"POST /_emulator/transcripts HTTP/1.1\r\nHost: it\r\n"


@pytest.fixture
def connection(emulate: Callable[..., Emulator]) -> Iterator[socket.socket]:
    """Open one connection to the API of an emulator."""
    host, _, port = emulate().api_url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        yield connection


def read_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received and (more := connection.recv(65_536)):
        received += more
    return received


def read_all(connection: socket.socket) -> bytes:
    return read_until(connection, b"there is no such end")


def test_calls_sent_together_are_answered_one_after_another(connection: socket.socket) -> None:
    connection.sendall((LINE + b"\r\n") * 2 + LINE + b"Connection: close\r\n\r\n")
    assert read_all(connection).count(b"HTTP/1.1 401 ") == 3


def test_a_call_may_come_in_pieces(connection: socket.socket) -> None:
    body = b'{"payload": "[]"}'
    for piece in (POST[:7], POST[7:], b"Content-Length: 17\r\n", b"Connection: close\r\n\r\n", body[:5], body[5:]):
        connection.sendall(piece)
    assert read_all(connection).startswith(b"HTTP/1.1 201 ")


def test_a_body_may_come_in_chunks(connection: socket.socket) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    connection.sendall(head + b'7;why=not\r\n{"paylo\r\n9\r\nad":"[]"}\r\n0\r\n\r\n')
    assert read_all(connection).startswith(b"HTTP/1.1 201 ")


def test_a_client_that_asks_first_is_told_to_go_on(connection: socket.socket) -> None:
    connection.sendall(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
    assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    connection.sendall(b"{}")
    assert read_all(connection).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize("ending", [b" HTTP/1.0\r\n\r\n", b" HTTP/1.1\r\nHost: it\r\nConnection: te, close\r\n\r\n"])
def test_a_connection_ends_where_the_client_asks_for_it(connection: socket.socket, ending: bytes) -> None:
    connection.sendall(b"GET /api/v1/transcript/" + ending)
    answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",  # the first bytes of TLS
        b"hello\r\n\r\n",
        POST + b"Content-Length: seven\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        LINE + b"X: " + b"x" * 100_000,
    ],
)
def test_what_is_not_http_ends_the_connection(connection: socket.socket, sent: bytes) -> None:
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)
    try:
        answer = read_all(connection)
    except ConnectionResetError:  # it had not read all of it
        answer = b""
    assert answer == b""
