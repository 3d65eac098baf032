"""httpx over httpcore: every error by its name and cause, bodies as they come, connections kept."""

from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest

from syncd.recall.connections import AddressRefused
from syncd.recall.transport import ERRORS, client

HEAD = b"HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\n"
INTERNAL = {httpcore.ConnectionNotAvailable}  # the pool keeps it to itself
PUBLIC = [value for value in (getattr(httpcore, name) for name in httpcore.__all__) if isinstance(value, type)]


class Broken(httpcore.NetworkStream):
    """A connection that delivers the pieces and then breaks with the error."""

    def __init__(self, error: Exception, *pieces: bytes) -> None:
        self._error, self._pieces = error, list(pieces)
        self.is_closed = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not self._pieces:
            raise self._error
        return self._pieces.pop(0)

    def write(self, buffer: bytes, timeout: float | None = None) -> None: ...

    def close(self) -> None:
        self.is_closed = True

    def get_extra_info(self, info: str) -> Any:
        return None


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A client without a rule about addresses."""
    with client() as opened:
        yield opened


def connecting(monkeypatch: pytest.MonkeyPatch, what: Exception | httpcore.NetworkStream) -> None:
    """Every connection is the stream, or fails with the error."""

    def connect(*_: Any) -> httpcore.NetworkStream:
        if isinstance(what, Exception):
            raise what
        return what

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)


def test_every_error_of_httpcore_is_known() -> None:
    raised = {each for each in PUBLIC if issubclass(each, Exception)} - INTERNAL
    assert set(ERRORS) == raised
    assert {core.__name__: httpx_.__name__ for core, httpx_ in ERRORS.items()} == {
        core.__name__: core.__name__ for core in raised
    }


@pytest.mark.parametrize("known", ERRORS, ids=lambda known: known.__name__)
def test_an_error_before_the_answer_is_that_of_httpx(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch, known: type[Exception]
) -> None:
    connecting(monkeypatch, known("broken"))
    with pytest.raises(httpx.TransportError, match="broken") as caught:
        http.get("http://127.0.0.1/")
    assert type(caught.value) is ERRORS[known]
    assert type(caught.value.__cause__) is known
    assert caught.value.request.url == "http://127.0.0.1/"


@pytest.mark.parametrize("known", ERRORS, ids=lambda known: known.__name__)
def test_an_error_in_the_body_is_that_of_httpx(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch, known: type[Exception]
) -> None:
    stream = Broken(known("broken"), HEAD, b"01234")
    connecting(monkeypatch, stream)
    received: list[bytes] = []
    with http.stream("GET", "http://127.0.0.1/") as response, pytest.raises(httpx.TransportError) as caught:
        received.extend(response.iter_raw())
    assert (type(caught.value), type(caught.value.__cause__)) == (ERRORS[known], known)
    assert (received, stream.is_closed) == ([b"01234"], True)


def test_an_error_of_ours_becomes_that_of_its_base_and_stays_the_cause(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting(monkeypatch, AddressRefused("refused"))
    with pytest.raises(httpx.ConnectError) as caught:
        http.get("http://127.0.0.1/")
    assert type(caught.value.__cause__) is AddressRefused


def test_what_is_no_error_of_httpcore_goes_through_as_it_is(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connecting(monkeypatch, ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError, match="ours"):
        http.get("http://127.0.0.1/")


def test_a_body_comes_piece_by_piece_and_one_left_unread_closes_its_connection(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = Broken(AssertionError("read too far"), HEAD, b"01234")
    connecting(monkeypatch, stream)
    with http.stream("GET", "http://127.0.0.1/") as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"01234"  # the rest has not been asked for
        assert not stream.is_closed
    assert stream.is_closed


def test_a_connection_is_used_again_and_closed_with_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Broken(AssertionError("read too far"), *[HEAD, b"0123456789"] * 2)
    connecting(monkeypatch, stream)
    with client() as http:
        assert http.get("http://127.0.0.1/").content == b"0123456789"
        connecting(monkeypatch, AssertionError("a second connection"))
        assert http.get("http://127.0.0.1/").content == b"0123456789"
        assert not stream.is_closed
    assert stream.is_closed
