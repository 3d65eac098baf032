"""The list: refusals, broken pages, and links that are not followed."""

import json
from typing import Any

import pytest

from recall_emulator import Faults, Scenario
from syncd import errors
from syncd.core.reading.list_page import Selection
from tests.core.samples import sample
from tests.recall.lists import ALL, LIST, PAGE, Emulate, OpenApi, Serve, ids, seeded, statuses
from tests.recall.printed import printed
from tests.recall.raw_server import response

CURSOR = f"{LIST}?cursor=canary"


HTML = b"\n<!DOCTYPE html><html><h1>403 ERROR</h1>Request blocked.</html>"


NOT_FOUND = b'{"detail":"Not found."}'


@pytest.mark.parametrize("path", ["/api/v1/bot/", "/api/v1/transcript/", ""])
def test_the_cursor_of_a_link_to_another_place_is_sent_to_our_own(
    serve: Serve, open_api: OpenApi, key: str, path: str
) -> None:
    own, other = serve(response(body=PAGE)), serve(response(body=PAGE))
    open_api(own.url).list(ALL, f"{other.url}{path}?cursor=x")
    assert (own.targets, other.connection_count) == ([f"{LIST}?cursor=x"], 0)


@pytest.mark.parametrize("link", ["", "canary", "{own}/api/v1/transcript/", "{own}/?canary canary"])
def test_a_link_without_a_cursor_is_refused_before_anything_is_sent(
    serve: Serve, open_api: OpenApi, key: str, link: str
) -> None:
    own = serve(response(body=PAGE))
    with pytest.raises(errors.BadAnswer, match="holds no cursor") as caught:
        open_api(own.url).list(ALL, link.format(own=own.url))
    printed(caught.value, key)
    assert (caught.value.was_sent, own.connection_count) == (False, 0)


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
    ],
)
def test_a_page_that_breaks_is_trouble_and_is_not_asked_for_again(
    emulate: Emulate, key: str, faults: dict[str, Any]
) -> None:
    emulator, api = emulate(faults=Faults(**faults))
    expected = seeded(emulator, 3)
    with pytest.raises(errors.RecallTrouble) as caught:
        api.list(ALL)
    assert isinstance(caught.value, errors.BadAnswer) == ("wrong_json_shape_first" in faults)
    printed(caught.value, key)
    assert len(statuses(emulator)) == 1
    assert ids(api.list(ALL)) == expected


def test_a_page_that_comes_too_slowly_is_trouble(emulate: Emulate, open_api: OpenApi, key: str) -> None:
    emulator, _ = emulate(faults=Faults(slow_body_first=1, drip_seconds=0.2))
    seeded(emulator, 3)
    with pytest.raises(errors.RecallTrouble) as caught:
        open_api(emulator.api_url, timeout_s=0.5).list(ALL)
    assert not isinstance(caught.value, errors.BadAnswer)
    printed(caught.value, key)
    assert len(statuses(emulator)) <= 1  # none, if that alone took too long


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
    printed(caught.value, key)
    assert type(caught.value) is expected
    assert len(statuses(emulator)) == 1


def test_a_429_says_how_long(emulate: Emulate) -> None:
    _, api = emulate(list_limit=1)
    api.list(ALL)
    with pytest.raises(errors.Throttled) as caught:
        api.list(ALL)
    assert 0 < (caught.value.retry_after_s or 0) <= 60


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
    printed(caught.value, key)
    assert (type(caught.value), len(server.requests)) == (expected, 1)


@pytest.mark.parametrize(
    ("body", "expected", "words"),
    [
        pytest.param(b"", errors.RecallTrouble, "is empty", id="nothing"),
        pytest.param(HTML, errors.ApiBlocked, "login page", id="a page of HTML"),
        pytest.param(PAGE[:-1], errors.RecallTrouble, "is not JSON", id="cut off"),
        pytest.param(b"[" * 100_000, errors.RecallTrouble, "is not JSON", id="too deep"),
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
    assert "no page of the list" in printed(caught.value, key) or expected is errors.ApiBlocked
