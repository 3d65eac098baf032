"""What the Recall API answers, and which of our errors each refusal becomes."""

import json
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any
from uuid import UUID

import httpx
import pytest

from syncd import __version__, errors
from syncd.core.reading.artifact import Links
from syncd.recall import api, exchange, transport
from syncd.recall.api import RecallApi
from syncd.recall.body import read_beginning
from tests.core.samples import TRANSCRIPT_ID, only, sample
from tests.recall.printed import printed
from tests.recall.raw_server import LONGEST_WAIT_S, NEVER_S, RawServer, bomb, drip, packed, response

Serve = Callable[..., RawServer]
OpenApi = Callable[..., RecallApi]
Ask = Callable[..., Any]
ID = UUID(TRANSCRIPT_ID)
HTML = b"\n<!DOCTYPE html><html><h1>403 ERROR</h1>Request blocked.</html>"
NOT_FOUND = b'{"detail":"Not found."}'


def document(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture
def ask(serve: Serve, open_api: OpenApi) -> Iterator[Ask]:
    """Retrieve once from a server that plays the answer; after the test exactly one request must have come."""
    servers: list[RawServer] = []

    def call(answer: Any, **options: Any) -> Any:
        servers.append(serve(answer))
        return open_api(servers[-1].url, **options).retrieve(ID)

    yield call
    assert [len(server.requests) for server in servers] == [1] * len(servers)


def test_a_transcript_comes_with_its_links(ask: Ask) -> None:
    body = only("rev_async") | {
        "data": {"download_url": "https://s/f?Signature=1", "provider_data_download_url": None}
    }
    artifact, links = ask(response(body=document(body)))
    assert (artifact.transcript_id, artifact.status, artifact.provider) == (ID, "processing", "rev_async")
    assert links == Links("https://s/f?Signature=1", None)


def test_a_packed_answer_is_unpacked(ask: Ask) -> None:
    artifact, _ = ask(response(body=packed(document(sample())), content_encoding="gzip"))
    assert artifact.transcript_id == ID


def test_the_request_is_the_documented_one_and_has_no_body(serve: Serve, open_api: OpenApi, key: str) -> None:
    server = serve(response(body=document(sample())))
    open_api(server.url).retrieve(ID)
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == f"GET /api/v1/transcript/{TRANSCRIPT_ID}/ HTTP/1.1"
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    assert fields == {
        "host": f"127.0.0.1:{server.port}",
        "authorization": f"token {key}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "connection": "keep-alive",
        "user-agent": f"syncd/{__version__}",
    }
    assert f"Authorization: Token {key}" in lines


def test_a_base_url_may_have_a_path(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=document(sample())))
    open_api(f"{server.url}/proxy").retrieve(ID)
    assert server.targets == [f"/proxy/api/v1/transcript/{TRANSCRIPT_ID}/"]


@pytest.mark.parametrize("where", ["own", "elsewhere"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_with_the_key(
    serve: Serve, open_api: OpenApi, key: str, status: int, where: str
) -> None:
    other = serve(response(body=document(sample())))
    location = f"{other.url}/canary" if where == "elsewhere" else "/canary"
    server = serve(response(status, location=location))
    with pytest.raises(errors.RecallTrouble, match="Check SYNCD_API_URL") as caught:
        open_api(server.url).retrieve(ID)
    printed(caught.value, key)
    assert (len(server.requests), other.connection_count) == (1, 0)


REFUSALS = [
    (400, document({"code": "x", "detail": "canary"}), errors.BadAnswer, "answered 400"),
    (401, document({"detail": "Invalid token."}), errors.KeyRefused, "SYNCD-API-KEY"),
    (400, HTML, errors.ApiBlocked, "login page"),
    (401, HTML, errors.ApiBlocked, "login page"),
    (407, b"", errors.ApiBlocked, "login page"),
    (511, HTML, errors.ApiBlocked, "login page"),
    (402, document({"detail": "canary"}), errors.CreditExhausted, "balance"),
    (403, HTML, errors.Forbidden, "firewall"),
    (404, NOT_FOUND, errors.NotFound, "does not know this id"),
    (404, b" \n" + NOT_FOUND, errors.NotFound, "does not know this id"),
    (404, HTML, errors.RecallTrouble, "no Recall API at this address"),
    (404, b"", errors.NotFound, "does not know this id"),
    (404, b"404 page not found", errors.RecallTrouble, "no Recall API at this address"),
    (405, b"", errors.BadAnswer, "answered 405"),
    (408, b"", errors.RecallTrouble, "answered 408"),
    (409, b"", errors.BadAnswer, "answered 409"),
    (410, NOT_FOUND, errors.NotFound, "does not know this id"),
    (425, b"", errors.RecallTrouble, "answered 425"),
    (429, document({"detail": "Request was throttled."}), errors.Throttled, "throttled"),
    (500, HTML, errors.RecallTrouble, "answered 500"),
    (502, HTML, errors.RecallTrouble, "answered 502"),
    (503, document({"detail": "canary"}), errors.RecallTrouble, "answered 503"),
    (504, HTML, errors.RecallTrouble, "answered 504"),
    (507, b"", errors.RecallTrouble, "answered 507"),
    (206, document(sample()), errors.RecallTrouble, "answered 206"),
    (299, document(sample()), errors.RecallTrouble, "answered 299"),
]


@pytest.mark.parametrize(("status", "body", "expected", "words"), REFUSALS)
def test_every_refusal_is_one_of_our_errors(
    ask: Ask, key: str, status: int, body: bytes, expected: type[errors.RecallError], words: str
) -> None:
    with pytest.raises(expected) as caught:
        ask(response(status, body, www_authenticate=f"Token {key}"))
    assert type(caught.value) is expected
    assert words in printed(caught.value, key)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(401, errors.KeyRefused), (402, errors.CreditExhausted), (403, errors.Forbidden), (429, errors.Throttled)],
)
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"content_length": 1000}, id="cut short"),
        pytest.param({"content_encoding": "br"}, id="an encoding nobody asked for"),
        pytest.param({"content_encoding": "gzip"}, id="no gzip"),
        pytest.param({"transfer_encoding": "chunked", "content_length": None}, id="no chunks"),
    ],
)
def test_the_status_counts_even_where_the_body_is_broken(
    ask: Ask, status: int, expected: type[errors.RecallError], broken: dict[str, Any]
) -> None:
    with pytest.raises(expected):
        ask(response(status, NOT_FOUND, **broken))


@pytest.mark.parametrize("status", [401, 429])
def test_a_refusal_is_not_read_beyond_its_beginning(ask: Ask, status: int) -> None:
    with pytest.raises((errors.KeyRefused, errors.Throttled)):
        ask(response(status, bomb(64 * 2**20), content_encoding="gzip"))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="missing"),
        pytest.param({"retry_after": "30"}, 30.0, id="seconds"),
        pytest.param({"retry_after": "0"}, 0.0, id="zero"),
        pytest.param({"retry_after": "-5"}, -5.0, id="negative"),
        pytest.param({"retry_after": "315360000"}, 315360000.0, id="ten years"),
        pytest.param({"retry_after": "soon"}, None, id="a word"),
        pytest.param({"retry_after": ""}, None, id="empty"),
        pytest.param(
            {"retry_after": "Tue, 10 Jun 2025 20:00:45 GMT", "date": "Tue, 10 Jun 2025 20:00:00 GMT"},
            45.0,
            id="a date, by the server's clock",
        ),
        pytest.param({"retry_after": "30, 60"}, 30.0, id="two at once"),
    ],
)
def test_a_429_says_how_long(ask: Ask, headers: dict[str, Any], seconds: float | None) -> None:
    with pytest.raises(errors.Throttled) as caught:
        ask(response(429, **headers))
    assert caught.value.retry_after_s == seconds


def test_a_date_without_the_clock_of_the_server_is_compared_with_ours(ask: Ask) -> None:
    with pytest.raises(errors.Throttled) as caught:
        ask(response(429, retry_after=formatdate(time.time() + 60, usegmt=True)))
    assert caught.value.retry_after_s == pytest.approx(60, abs=3)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(HTML, "login page", id="a page of HTML"),
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b"null", "not a JSON object", id="null"),
        pytest.param(document([sample()]), "not a JSON object", id="a list"),
        pytest.param(b"{}", "no id or no status.code", id="an empty object"),
        pytest.param(document(sample(id=None)), "no id or no status.code", id="no id"),
        pytest.param(document(sample(status=None)), "no id or no status.code", id="no status"),
        pytest.param(document({"next": None, "results": [sample()]}), "no id or no", id="a list page"),
        pytest.param(document(sample(id=str(UUID(int=1)))), "another transcript", id="another id"),
        pytest.param(document(sample())[:-2], "is not JSON", id="cut off"),
        pytest.param(b"\xff\xfe{}", "is not UTF-8", id="another encoding"),
        pytest.param(b"[" * 100_000, "is not JSON", id="bottomless"),
    ],
)
def test_a_200_without_the_transcript_is_trouble(ask: Ask, key: str, body: bytes, words: str) -> None:
    is_json = words.startswith(("not a JSON object", "no id", "another"))
    with pytest.raises(errors.RecallTrouble) as caught:
        ask(response(body=body))
    of_page = errors.ApiBlocked if body == HTML else errors.RecallTrouble
    assert type(caught.value) is (errors.BadAnswer if is_json else of_page)
    assert words in printed(caught.value, key)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([], id="no answer"),
        pytest.param([b"\x00\x01garbage\r\n\r\n"], id="garbage"),
        pytest.param(response(body=document(sample()), content_length=10_000), id="a short body"),
        pytest.param(response(body=packed(document(sample()))[:-9], content_encoding="gzip"), id="truncated gzip"),
        pytest.param(response(body=packed(packed(b"{}")), content_encoding="gzip, gzip"), id="gzip twice"),
        pytest.param(response(body=bomb(32 * 2**20), content_encoding="gzip"), id="a bomb"),
        pytest.param(response(body=b"{}", content_encoding="br"), id="an encoding nobody asked for"),
    ],
)
def test_an_answer_that_breaks_is_trouble(ask: Ask, key: str, answer: Any) -> None:
    with pytest.raises(errors.RecallTrouble) as caught:
        ask(answer)
    printed(caught.value, key)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(drip(response(body=document(sample()))), id="byte by byte"),
        pytest.param([NEVER_S], id="silence"),
        pytest.param([response(body=b"{}", content_length=9)[0], NEVER_S], id="a body that stops"),
    ],
)
def test_the_deadline_ends_what_never_ends(
    serve: Serve, open_api: OpenApi, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", NEVER_S)
    server = serve(answer)
    begun = time.monotonic()
    with pytest.raises(errors.RecallTrouble):
        open_api(server.url, timeout_s=0.3).retrieve(ID)
    assert time.monotonic() - begun < NEVER_S / 10
    assert len(server.requests) <= 1  # none, if that alone took too long


def test_a_429_whose_body_never_ends_is_still_a_429(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_in_vain(answer: httpx.Response, limit: int) -> bytes:
        exchange.extend(0.3 - LONGEST_WAIT_S)  # the head may take its time
        return read_beginning(answer, limit)

    monkeypatch.setattr(api, "read_beginning", read_in_vain)
    with pytest.raises(errors.Throttled):
        ask([response(429, content_length=9, retry_after=7)[0], NEVER_S])


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:1", "http://nowhere.invalid", "https://" + "a" * 64 + ".x"])
def test_an_api_that_cannot_be_reached_is_trouble(open_api: OpenApi, key: str, base_url: str) -> None:
    with pytest.raises(errors.RecallTrouble, match="could not be reached") as caught:
        open_api(base_url).retrieve(ID)
    printed(caught.value, key)


def test_the_environment_offers_no_proxy_and_no_other_credentials(
    serve: Serve, open_api: OpenApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server = serve(response(body=document(sample())))
    open_api(server.url).retrieve(ID)
    assert len(server.requests) == 1


def test_what_is_too_late_to_send_is_not_sent(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=document(sample())))
    with pytest.raises(errors.RecallTrouble) as caught:
        open_api(server.url).retrieve(ID, send_by=time.monotonic() - 0.001)
    assert (caught.value.was_sent, server.requests) == (False, [])
    open_api(server.url).retrieve(ID, send_by=time.monotonic() + LONGEST_WAIT_S)


def test_a_call_that_found_no_server_was_not_sent_and_one_that_broke_was(serve: Serve, open_api: OpenApi) -> None:
    with pytest.raises(errors.RecallTrouble) as nobody:
        open_api("http://127.0.0.1:1").retrieve(ID)
    with pytest.raises(errors.RecallTrouble) as broken:
        open_api(serve([]).url).retrieve(ID)
    assert (nobody.value.was_sent, broken.value.was_sent) == (False, True)
