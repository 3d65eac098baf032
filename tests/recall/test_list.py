"""The list: pages, selections, and what is sent."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recall_emulator import Faults, Scenario
from syncd import errors
from syncd.core.reading.list_page import Page, Selection
from syncd.recall import api as module
from syncd.recall.api import RecallApi
from tests.recall.lists import ALL, LIST, PAGE, Emulate, OpenApi, Serve, ids, seeded, statuses
from tests.recall.raw_server import LONGEST_WAIT_S, bomb, packed, response


def pages(api: RecallApi, selection: Selection = ALL, most: int = 200) -> Iterator[Page]:
    url = None
    for _ in range(most):
        page = api.list(selection, url)
        yield page
        url = page.next_url
        if url is None:
            return


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


def test_a_transcript_created_between_two_pages_moves_no_other(emulate: Emulate) -> None:
    emulator, api = emulate(page_size=2)
    expected = seeded(emulator, 4)
    first = api.list(ALL)
    emulator.add(Scenario())
    rest = api.list(ALL, first.next_url)
    assert ids(first) + ids(rest) == expected


@pytest.mark.parametrize(
    ("status", "scenario"),
    [("done", {}), ("failed", {"end": "failed"}), ("processing", {"finishes_after": None})],
)
def test_all_pages_keep_the_selected_status(emulate: Emulate, status: str, scenario: dict[str, Any]) -> None:
    emulator, api = emulate(page_size=1)
    for other in ({}, {"end": "failed"}, {"finishes_after": None}):
        if other != scenario:
            emulator.add(Scenario(**other))
    expected = seeded(emulator, 2, **scenario)
    assert [ids(page) for page in pages(api, Selection(status))] == [[each] for each in expected]


@pytest.mark.parametrize(("bounds", "found"), [("inclusive", slice(1, 4)), ("exclusive", slice(2, 3))])
def test_a_selection_by_creation_may_include_its_bounds(emulate: Emulate, bounds: str, found: slice) -> None:
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


def test_a_page_whose_next_is_itself_is_whole_and_not_the_last(emulate: Emulate) -> None:
    emulator, api = emulate(page_size=2, faults=Faults(looping_next=True))
    expected = seeded(emulator, 3)
    assert [ids(page) for page in pages(api, most=4)] == [expected[:2]] * 4
    assert len(statuses(emulator)) == 4


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


def test_the_request_contains_selection_and_key(serve: Serve, open_api: OpenApi, key: str) -> None:
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


def test_the_cursor_of_the_next_page_is_sent_byte_for_byte(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=PAGE))
    target = f"{LIST}?status_code=processing&cursor=b'()*+,;=/?:@!$[]-._~%2b%2B%zz"
    open_api(server.url).list(Selection("processing"), f"{server.url}{target}&token=canary")
    assert server.targets == [target]


def test_a_call_that_is_too_late_is_not_sent(serve: Serve, open_api: OpenApi) -> None:
    server = serve(response(body=PAGE))
    with pytest.raises(errors.RecallTrouble) as caught:
        open_api(server.url).list(ALL, send_by=time.monotonic() - 0.001)
    assert (caught.value.was_sent, server.requests) == (False, [])
    open_api(server.url).list(ALL, send_by=time.monotonic() + LONGEST_WAIT_S)


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        pytest.param(Faults(odd_entry_first=1), slice(1, 3), id="no artifact"),
        pytest.param(Faults(double_entry_first=1), slice(3), id="twice"),
    ],
)
def test_a_page_with_an_entry_left_out_is_not_whole(emulate: Emulate, faults: Faults, left: slice) -> None:
    emulator, api = emulate(faults=faults)
    expected = seeded(emulator, 3)
    spoiled, healed = api.list(ALL), api.list(ALL)
    assert (ids(spoiled), spoiled.is_whole, spoiled.is_last) == (expected[left], False, False)
    assert (ids(healed), healed.is_whole, healed.is_last) == (expected, True, True)


def test_a_foreign_next_is_followed_on_our_own_origin(emulate: Emulate, serve: Serve) -> None:
    other = serve(response(body=PAGE))
    emulator, api = emulate(page_size=2, faults=Faults(foreign_next=other.url))
    expected = seeded(emulator, 5)
    assert [ids(page) for page in pages(api)] == [expected[:2], expected[2:4], expected[4:]]
    assert other.connection_count == 0
