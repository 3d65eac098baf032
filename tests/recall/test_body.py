"""Bodies that break, lie about themselves, or never end. Real time, because deadlines are what is tested."""

import gzip
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from syncd import errors
from syncd.recall import transport
from syncd.recall.store import FileStore
from tests.recall.raw_server import NEVER_S, RawServer, bomb, drip, endless, packed, response

Serve = Callable[..., RawServer]
OpenStore = Callable[..., FileStore]
Fetch = Callable[..., Any]
CHUNKED: dict[str, Any] = {"transfer_encoding": "chunked", "content_length": None}
JSON = b'[{"words": []}]'


@pytest.fixture
def fetch(serve: Serve, open_store: OpenStore) -> Fetch:
    """Download once from a server that plays the answer."""

    def call(answer: Any, **options: Any) -> Any:
        server = serve(answer)
        return open_store(server.url, **options).download(f"{server.url}/f?Signature=canary")

    return call


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drip(response(body=b"x" * 200)), id="headers and body byte by byte"),
        pytest.param([response(body=b"x" * 200)[0], *drip([b"x" * 200])], id="a body byte by byte"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", NEVER_S], id="headers that stop"),
        pytest.param([NEVER_S], id="silence"),
        pytest.param([*response(content_length=100), b"x", NEVER_S], id="a body that stops"),
        pytest.param(endless(b"HTTP/1.1 100 Continue\r\n\r\n"), id="to be continued for ever"),
        pytest.param([*response(403, content_length=100), b"<Error>", NEVER_S], id="an error that stops"),
    ],
)
def test_the_deadline_ends_what_never_ends(fetch: Fetch, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", NEVER_S)
    begun = time.monotonic()
    with pytest.raises(errors.DownloadError):
        fetch(answer, timeout_s=0.3)
    assert time.monotonic() - begun < NEVER_S / 10


def test_the_deadline_holds_for_all_redirects_together(serve: Serve, open_store: OpenStore) -> None:
    server = serve([1.0, *response(302, location="/f")])
    with pytest.raises(errors.StoreTrouble):
        open_store(server.url, timeout_s=1.8).download(f"{server.url}/f")
    assert len(server.requests) <= 2  # a deadline of its own for each would lead through many more


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(body=JSON, content_length=len(JSON) + 1), id="a short body"),
        pytest.param([*response(**CHUNKED), b"5\r\n[1,2]\r\n"], id="chunks without the last"),
        pytest.param([*response(**CHUNKED), b"5\r\n[1,"], id="a cut chunk"),
        pytest.param([*response(**CHUNKED), b"zz\r\n[]\r\n0\r\n\r\n"], id="a chunk of no size"),
        pytest.param(response(body=packed(JSON * 99)[:-20], content_encoding="gzip"), id="a truncated gzip stream"),
        pytest.param(response(body=packed(JSON)[:-1], content_encoding="gzip"), id="gzip without its last byte"),
        pytest.param(response(body=b"", content_encoding="gzip"), id="gzip of nothing at all"),
        pytest.param(response(body=JSON, content_encoding="gzip"), id="no gzip"),
        pytest.param(response(body=packed(JSON)[:-5] + b"\0" * 5, content_encoding="gzip"), id="a wrong checksum"),
        pytest.param(response(body=packed(JSON) + b"more", content_encoding="gzip"), id="more after gzip"),
        pytest.param(response(body=packed(packed(JSON)), content_encoding="gzip, gzip"), id="gzip twice"),
        pytest.param(response(body=JSON, content_encoding="br"), id="an encoding nobody asked for"),
        pytest.param(response(body=JSON, content_encoding="zstd"), id="another one"),
        pytest.param(response(body=JSON, content_encoding="identity, identity"), id="two that do nothing"),
        pytest.param([], id="no answer"),
        pytest.param([b"\x16\x03\x01\x00"], id="garbage"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"], id="a header without an end"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]"], id="two lengths"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n[]"], id="a negative length"),
    ],
)
def test_a_body_that_is_not_whole_is_trouble(fetch: Fetch, answer: Any) -> None:
    with pytest.raises(errors.StoreTrouble) as caught:
        fetch(answer)
    assert type(caught.value) is errors.StoreTrouble
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "is_proven"),
    [
        pytest.param(response(body=JSON), True, id="a length"),
        pytest.param([*response(**CHUNKED), b"f\r\n" + JSON + b"\r\n0\r\n\r\n"], True, id="chunks"),
        pytest.param([*response(content_length=None), JSON], False, id="only the connection's end"),
        pytest.param(
            [*response(content_length=None, content_encoding="gzip"), packed(JSON)], True, id="the end of gzip"
        ),
    ],
)
def test_what_proves_that_a_body_is_whole(fetch: Fetch, answer: Any, is_proven: bool) -> None:
    body = fetch(answer)
    assert body.content == JSON
    assert body.is_proven_whole == is_proven


def test_gzip_that_comes_byte_by_byte_is_read(fetch: Fetch) -> None:
    content = packed(JSON)
    answer = [response(body=content, content_encoding="gzip")[0], *drip([content], gap_s=0.0)]
    assert fetch(answer).content == JSON


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_the_limit_is_exact(fetch: Fetch, extra: int, encoding: str | None) -> None:
    content = b"x" * (100_000 + extra)
    answer = response(body=packed(content) if encoding else content, content_encoding=encoding)
    if extra:
        with pytest.raises(errors.FileTooLarge, match="100000 bytes that SYNCD_PAYLOAD_LIMIT allows"):
            fetch(answer, limit=100_000)
    else:
        assert fetch(answer, limit=100_000).content == content


def test_a_bomb_is_stopped_at_the_limit_and_not_in_memory(fetch: Fetch) -> None:
    answer = response(body=bomb(128 * 2**20), content_encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(errors.FileTooLarge):
            fetch(answer, limit=2**20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * 2**20


def test_a_body_without_an_end_is_stopped_at_the_limit(fetch: Fetch) -> None:
    with pytest.raises(errors.FileTooLarge):
        fetch(endless_after(response(content_length=None)), limit=2**20)


def test_what_follows_gzip_without_an_end_is_not_kept_in_memory(fetch: Fetch) -> None:
    head = response(content_length=None, content_encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(errors.StoreTrouble, match="damaged"):
            fetch(endless_after([*head, packed(JSON)]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * 2**20


def test_an_error_that_is_a_bomb_is_not_unpacked(fetch: Fetch) -> None:
    answer = response(403, bomb(64 * 2**20), content_encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(errors.StoreBlocked):
            fetch(answer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * 2**20


def endless_after(beginning: list[bytes]) -> Any:
    yield from beginning
    yield from endless(b"x" * 65536)


def test_gzip_of_several_members_is_one_body(fetch: Fetch) -> None:
    several = gzip.compress(JSON[:3]) + gzip.compress(b"") + gzip.compress(JSON[3:])
    assert fetch(response(body=several, content_encoding="gzip")).content == JSON
    with pytest.raises(errors.StoreTrouble, match="ends before its end"):
        fetch(response(body=several[:-4], content_encoding="gzip"))
    with pytest.raises(errors.FileTooLarge):
        fetch(response(body=gzip.compress(b"a" * 600) * 5, content_encoding="gzip"), limit=2000)
