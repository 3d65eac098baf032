"""One page of the list: what the emulator plays, and what becomes of it."""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario
from syncd import errors
from syncd.core.page import Page, Selection
from syncd.recall import api as module
from syncd.recall.api import RecallApi
from tests.core.samples import sample
from tests.recall.raw_server import RawServer, bomb, packed, response

Serve = Callable[..., RawServer]
OpenApi = Callable[..., RecallApi]
Emulate = Callable[..., tuple[Emulator, RecallApi]]
ALL = Selection(None)
LIST = "/api/v1/transcript/"
CURSOR = f"{LIST}?cursor=canary"
HTML = b"\n<!DOCTYPE html><html><h1>403 ERROR</h1>Request blocked.</html>"
NOT_FOUND = b'{"detail":"Not found."}'
PAGE = json.dumps({"next": None, "previous": None, "results": [sample()]}).encode()


@pytest.fixture
def emulate(stack: ExitStack, open_api: OpenApi, key: str) -> Emulate:
    """An emulator with the options given, and a client of it."""

    def start(**options: Any) -> tuple[Emulator, RecallApi]:
        chosen: dict[str, Any] = {"keys": {key: "default"}, "list_limit": 10_000} | options
        emulator = stack.enter_context(Emulator(EmulatorOptions(**chosen)))
        return emulator, open_api(emulator.api_url)

    return start


def seeded(emulator: Emulator, count: int, **script: Any) -> list[UUID]:
    """Newest first, ten seconds apart."""
    return [emulator.add(Scenario(created=-10.0 * n, **script)) for n in range(count)]


def ids(page: Page) -> list[UUID]:
    return [artifact.transcript_id for artifact, _ in page.entries]


def pages(api: RecallApi, selection: Selection = ALL, most: int = 200) -> Iterator[Page]:
    url = None
    for _ in range(most):
        page = api.list(selection, url)
        yield page
        url = page.next_url
        if url is None:
            return


def refused(error: errors.SyncdError, key: str) -> str:
    """The error in every printed form, which must hold neither the key nor what an answer echoed."""
    text = "".join([*traceback.format_exception(error), str(error), repr(error)])
    assert key not in text
    assert "canary" not in text
    return str(error)


def statuses(emulator: Emulator) -> list[int]:
    return [request.status for request in emulator.requests()]


def test_a_page_holds_what_retrieve_would_say(emulate: Emulate) -> None:
    emulator, api = emulate()
    transcript_id = emulator.add(Scenario())
    [(artifact, links)] = api.list(ALL).entries
    assert artifact == api.retrieve(transcript_id)[0]
    assert (links.transcript or "").startswith(f"{emulator.files_url}/")
    assert (links.provider_data or "").startswith(f"{emulator.files_url}/")


@pytest.mark.parametrize("order", ["newest", "oldest", "random"])
@pytest.mark.parametrize("size", [1, 10, 20, 100])
def test_pages_of_any_size_and_order_hold_everything_once(emulate: Emulate, size: int, order: str) -> None:
    emulator, api = emulate(page_size=size, page_order=order)
    expected = seeded(emulator, 41, finishes_after=None)
    read = list(pages(api))
    assert sorted(each for page in read for each in ids(page)) == sorted(expected)
    assert len(read) == len(statuses(emulator)) == -(-41 // size)
    assert all(page.is_whole for page in read)
    assert [page.is_last for page in read] == [False] * (len(read) - 1) + [True]


def test_what_begins_between_two_pages_moves_nothing(emulate: Emulate) -> None:
    emulator, api = emulate(page_size=2)
    expected = seeded(emulator, 4)
    first = api.list(ALL)
    emulator.add(Scenario())
    rest = api.list(ALL, first.next_url)
    assert ids(first) + ids(rest) == expected


@pytest.mark.parametrize(
    ("status", "script"),
    [("done", {}), ("failed", {"end": "failed"}), ("processing", {"finishes_after": None})],
)
def test_a_selection_by_status_survives_paging(emulate: Emulate, status: str, script: dict[str, Any]) -> None:
    emulator, api = emulate(page_size=1)
    for other in ({}, {"end": "failed"}, {"finishes_after": None}):
        if other != script:
            emulator.add(Scenario(**other))
    expected = seeded(emulator, 2, **script)
    assert [ids(page) for page in pages(api, Selection(status))] == [[each] for each in expected]


@pytest.mark.parametrize(("bounds", "found"), [("inclusive", slice(1, 4)), ("exclusive", slice(2, 3))])
def test_a_selection_by_creation_may_hold_its_bounds_or_not(emulate: Emulate, bounds: str, found: slice) -> None:
    emulator, api = emulate(list_bounds=bounds)
    expected = seeded(emulator, 5)
    moments = [artifact.created_at for artifact, _ in api.list(ALL).entries]
    assert ids(api.list(Selection("done", created_after=moments[3], created_before=moments[1]))) == expected[found]


def test_a_list_that_lags_behind_shows_what_retrieve_no_longer_does(emulate: Emulate) -> None:
    emulator, api = emulate(list_lag_seconds=60.0)
    old, new = emulator.add(Scenario(created=-90.0, finishes_after=80.0)), emulator.add(Scenario(created=-30.0))
    [(artifact, links)] = api.list(ALL).entries
    assert (artifact.transcript_id, artifact.status, links.transcript) == (old, "processing", None)
    assert [api.retrieve(each)[0].status for each in (old, new)] == ["done", "done"]


def test_a_foreign_next_is_dropped_and_never_followed(emulate: Emulate, serve: Serve) -> None:
    other = serve(response(body=PAGE))
    emulator, api = emulate(page_size=1, faults=Faults(foreign_next=other.url))
    expected = seeded(emulator, 2)
    page = api.list(ALL)
    assert (ids(page), page.next_url, page.is_whole, page.is_last) == (expected[:1], None, False, False)
    assert other.connection_count == 0


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("{other}/api/v1/transcript/?cursor=canary", id="another origin"),
        pytest.param("{own}/api/v1/bot/?cursor=canary", id="another route"),
        pytest.param("http://user@{host}/api/v1/transcript/?cursor=canary", id="a user name"),
        pytest.param("/api/v1/transcript/?cursor=canary", id="relative"),
        pytest.param("", id="empty"),
    ],
)
def test_a_link_to_another_place_is_refused_before_anything_is_sent(
    serve: Serve, open_api: OpenApi, key: str, link: str
) -> None:
    own, other = serve(response(body=PAGE)), serve(response(body=PAGE))
    link = link.format(own=own.url, other=other.url, host=f"127.0.0.1:{own.port}")
    with pytest.raises(errors.BadAnswer, match="leads to another place") as caught:
        open_api(own.url).list(ALL, link)
    refused(caught.value, key)
    assert (caught.value.was_sent, own.connection_count, other.connection_count) == (False, 0, 0)


def test_a_next_that_loops_is_a_whole_page_with_a_way_on(emulate: Emulate) -> None:
    emulator, api = emulate(page_size=2, faults=Faults(looping_next=True))
    expected = seeded(emulator, 3)
    assert [ids(page) for page in pages(api, most=4)] == [expected[:2]] * 4
    assert len(statuses(emulator)) == 4


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        pytest.param(Faults(odd_entry_first=1), slice(1, 3), id="no artifact"),
        pytest.param(Faults(double_entry_first=1), slice(3), id="twice"),
    ],
)
def test_an_entry_that_cannot_count_is_left_out_and_the_page_is_not_whole(
    emulate: Emulate, faults: Faults, left: slice
) -> None:
    emulator, api = emulate(faults=faults)
    expected = seeded(emulator, 3)
    spoiled, healed = api.list(ALL), api.list(ALL)
    assert (ids(spoiled), spoiled.is_whole, spoiled.is_last) == (expected[left], False, False)
    assert (ids(healed), healed.is_whole, healed.is_last) == (expected, True, True)


@pytest.mark.parametrize(
    "faults",
    [
        *(
            pytest.param({"truncate_first": 1, "truncate_how": how}, id=f"cut, {how}")
            for how in ("length", "close", "gzip", "chunked")
        ),
        pytest.param({"reset_first": 1}, id="reset"),
        pytest.param({"error_first": 1}, id="503"),
        pytest.param({"html_first": 1}, id="a login page"),
        pytest.param({"empty_200_first": 1}, id="nothing"),
        pytest.param({"wrong_json_shape_first": 1}, id="another shape"),
        pytest.param({"slow_body_first": 1, "drip_seconds": 0.2}, id="too slow"),
    ],
)
def test_a_page_that_breaks_is_trouble_and_is_not_asked_for_again(
    emulate: Emulate, open_api: OpenApi, key: str, faults: dict[str, Any]
) -> None:
    emulator, _ = emulate(faults=Faults(**faults))
    expected = seeded(emulator, 3)
    api = open_api(emulator.api_url, timeout_s=0.5)
    with pytest.raises(errors.RecallTrouble) as caught:
        api.list(ALL)
    assert isinstance(caught.value, errors.BadAnswer) == ("wrong_json_shape_first" in faults)
    refused(caught.value, key)
    assert len(statuses(emulator)) == 1
    assert ids(api.list(ALL)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"list_refused": True}, errors.Forbidden, id="403 in JSON"),
        pytest.param({"faults": Faults(waf_every=1)}, errors.Forbidden, id="403, a page"),
        pytest.param({"keys": {"another": "default"}}, errors.KeyRefused, id="401"),
        pytest.param({"faults": Faults(payment_required_every=1)}, errors.CreditExhausted, id="402"),
        pytest.param({"list_limit": 0}, errors.Throttled, id="429"),
    ],
)
def test_a_refusal_of_the_workspace_is_the_same_as_for_a_transcript(
    emulate: Emulate, key: str, options: dict[str, Any], expected: type[errors.RecallError]
) -> None:
    emulator, api = emulate(**options)
    with pytest.raises(expected) as caught:
        api.list(ALL)
    refused(caught.value, key)
    assert type(caught.value) is expected
    assert len(statuses(emulator)) == 1


def test_a_429_says_how_long(emulate: Emulate) -> None:
    _, api = emulate(list_limit=1)
    api.list(ALL)
    with pytest.raises(errors.Throttled) as caught:
        api.list(ALL)
    assert 58 <= (caught.value.retry_after_s or 0) <= 60


def test_a_list_that_is_refused_leaves_retrieve_alone(emulate: Emulate) -> None:
    emulator, api = emulate(list_refused=True)
    transcript_id = emulator.add(Scenario())
    assert api.retrieve(transcript_id)[0].status == "done"


@pytest.mark.parametrize("cursor", ["bm9uZQ==", "%25"])
def test_a_cursor_nobody_knows_is_a_bad_answer(emulate: Emulate, cursor: str) -> None:
    emulator, api = emulate()
    with pytest.raises(errors.BadAnswer, match="does not know this page"):
        api.list(ALL, f"{emulator.api_url}{LIST}?cursor={cursor}")
    assert statuses(emulator) == [404]


def test_a_status_that_cannot_be_listed_is_a_bad_answer(emulate: Emulate) -> None:
    _, api = emulate()
    with pytest.raises(errors.BadAnswer, match="answered 400"):
        api.list(Selection("deleted"))


MISSING = [
    (404, NOT_FOUND, True, errors.BadAnswer, "does not know this page"),
    (404, b"", True, errors.BadAnswer, "does not know this page"),
    (410, NOT_FOUND, True, errors.BadAnswer, "does not know this page"),
    (400, NOT_FOUND, True, errors.BadAnswer, "answered 400"),
    (404, HTML, True, errors.RecallTrouble, "Check SYNCD_API_URL"),
    (404, NOT_FOUND, False, errors.RecallTrouble, "Check SYNCD_API_URL"),
    (404, b"", False, errors.RecallTrouble, "Check SYNCD_API_URL"),
    (404, HTML, False, errors.RecallTrouble, "Check SYNCD_API_URL"),
    (301, b"", False, errors.RecallTrouble, "Check SYNCD_API_URL"),
]


@pytest.mark.parametrize(("status", "body", "has_cursor", "expected", "words"), MISSING)
def test_a_404_is_never_about_a_transcript(
    serve: Serve, open_api: OpenApi, key: str, status: int, body: bytes, has_cursor: bool, expected: Any, words: str
) -> None:
    server = serve(response(status, body))
    next_url = f"{server.url}{CURSOR}" if has_cursor else None
    with pytest.raises(errors.RecallTrouble, match=words) as caught:
        open_api(server.url).list(ALL, next_url)
    refused(caught.value, key)
    assert (type(caught.value), len(server.requests)) == (expected, 1)


@pytest.mark.parametrize(
    ("body", "expected", "words"),
    [
        pytest.param(b"", errors.RecallTrouble, "is empty", id="nothing"),
        pytest.param(HTML, errors.RecallTrouble, "is not JSON", id="a page of HTML"),
        pytest.param(PAGE[:-1], errors.RecallTrouble, "is not JSON", id="cut off"),
        pytest.param(b"[" * 100_000, errors.RecallTrouble, "nested deeper", id="bottomless"),
        pytest.param(b"null", errors.BadAnswer, "no list of results", id="null"),
        pytest.param(json.dumps(sample()).encode(), errors.BadAnswer, "no list of results", id="a transcript"),
        pytest.param(b'{"results": {}}', errors.BadAnswer, "no list of results", id="no list"),
    ],
)
def test_a_200_without_a_page_is_trouble(
    serve: Serve, open_api: OpenApi, key: str, body: bytes, expected: type[errors.RecallError], words: str
) -> None:
    with pytest.raises(expected, match=words) as caught:
        open_api(serve(response(body=body)).url).list(ALL)
    assert type(caught.value) is expected
    assert "no page of the list" in refused(caught.value, key)


def test_a_page_may_be_larger_than_any_transcript_but_has_its_limit(
    serve: Serve, open_api: OpenApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = PAGE[:-1] + b" " * module.ARTIFACT_LIMIT + b"}"
    server = serve(response(body=packed(large), content_encoding="gzip"))
    assert len(open_api(server.url).list(ALL).entries) == 1
    monkeypatch.setattr(module, "PAGE_LIMIT", 2**20)
    server = serve(response(body=bomb(4 * 2**20), content_encoding="gzip"))
    with pytest.raises(errors.RecallTrouble, match="larger than 1048576 bytes"):
        open_api(server.url).list(ALL)


def test_the_request_names_what_is_selected_and_carries_the_key(serve: Serve, open_api: OpenApi, key: str) -> None:
    server = serve(response(body=PAGE))
    after = datetime(2025, 6, 10, 20, 0, tzinfo=UTC)
    api = open_api(f"{server.url}/proxy")
    api.list(Selection("a&b", after, after + timedelta(seconds=0.5)))
    api.list(ALL)
    assert server.targets == [
        f"/proxy{LIST}?status_code=a%26b&created_at_after=2025-06-10T20%3A00%3A00.000000Z"
        "&created_at_before=2025-06-10T20%3A00%3A00.500000Z",
        f"/proxy{LIST}",
    ]
    assert f"Authorization: Token {key}\r\n".encode() in server.requests[0]


def test_a_link_to_the_next_page_goes_out_byte_for_byte(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=PAGE))
    target = f"{LIST}?a=b'()*+,;=/?:@!$&[]-._~%2b%2B%zz&&cursor="
    open_api(server.url).list(Selection("processing"), f"{server.url}{target}")
    assert server.targets == [target]


def test_what_is_too_late_to_send_is_not_sent(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=PAGE))
    with pytest.raises(errors.RecallTrouble) as caught:
        open_api(server.url).list(ALL, send_by=time.monotonic() - 0.001)
    assert (caught.value.was_sent, server.requests) == (False, [])
    open_api(server.url).list(ALL, send_by=time.monotonic() + 5)
