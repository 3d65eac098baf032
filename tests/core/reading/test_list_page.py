from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.artifact import Links
from syncd.core.reading.document import Document, read_document, storable
from syncd.core.reading.list_page import NoPage, Page, Selection, list_url, next_page, read_page
from tests.core.reading.strategies import shaped_like
from tests.core.samples import sample

BASE = "https://us-east-1.recall.ai"
LIST = f"{BASE}/api/v1/transcript/"
NEXT = f"{LIST}?status_code=done&cursor=cD0x%3D%3D"
DONE = Selection("done")
MOMENT = datetime(2025, 6, 10, 20, 0, tzinfo=UTC)


def entry(number: int, **changes: Any) -> dict[str, Any]:
    return sample(id=str(UUID(int=number)), **changes)


def read(body: Any, base_url: str = BASE, selection: Selection = DONE) -> Page:
    return read_page(Document(body, is_altered=False), base_url, selection)


def numbers(page: Page) -> list[int]:
    return [artifact.transcript_id.int for artifact, _ in page.entries]


@pytest.mark.parametrize(
    ("selection", "parameters"),
    [
        pytest.param(Selection(None), {}, id="anything"),
        pytest.param(Selection("processing"), {"status_code": "processing"}, id="a status"),
        pytest.param(
            Selection(None, MOMENT, MOMENT + timedelta(microseconds=5)),
            {"created_at_after": "2025-06-10T20:00:00.000000Z", "created_at_before": "2025-06-10T20:00:00.000005Z"},
            id="a range",
        ),
        pytest.param(
            Selection("done", created_after=MOMENT.astimezone(timezone(timedelta(hours=-5)))),
            {"status_code": "done", "created_at_after": "2025-06-10T20:00:00.000000Z"},
            id="another zone",
        ),
    ],
)
def test_a_selection_names_only_what_it_asks_for(selection: Selection, parameters: dict[str, str]) -> None:
    assert selection.parameters() == parameters


@pytest.mark.parametrize(
    ("base_url", "selection", "url"),
    [
        pytest.param(BASE, Selection(None), LIST, id="anything"),
        pytest.param(BASE, Selection("a&b=c d"), f"{LIST}?status_code=a%26b%3Dc+d", id="a status to encode"),
        pytest.param(
            "http://127.0.0.1:9001/proxy",
            Selection(None, created_before=MOMENT),
            "http://127.0.0.1:9001/proxy/api/v1/transcript/?created_at_before=2025-06-10T20%3A00%3A00.000000Z",
            id="a proxy and a time",
        ),
    ],
)
def test_the_url_of_the_first_page_is_encoded(base_url: str, selection: Selection, url: str) -> None:
    assert list_url(base_url, selection) == url
    assert next_page(url, base_url, selection) is None


def test_a_page_holds_artifacts_with_their_links_in_the_order_of_the_answer() -> None:
    linked = entry(2, data={"download_url": "https://s/f?Signature=canary", "provider_data_download_url": None})
    page = read({"next": NEXT, "previous": None, "results": [entry(3), linked, entry(1)]})
    assert numbers(page) == [3, 2, 1]
    assert page.entries[1][1] == Links("https://s/f?Signature=canary", None)
    assert (page.next_url, page.is_whole, page.is_last) == (NEXT, True, False)
    assert "canary" not in repr(page)


@pytest.mark.parametrize("body", [{}, {"next": None, "count": 0, "more": {}}, {"next": ""}, {"next": False}])
def test_a_page_without_next_is_the_last(body: dict[str, Any]) -> None:
    page = read({"results": []} | body)
    assert page == Page((), None)
    assert page.is_last


NO_RESULTS: list[Any] = [{"results": None}, {"results": {}}, {"results": "text"}, {"results": 5}]


@pytest.mark.parametrize("body", [None, "text", 5, [], [sample()], {}, sample(), {"next": NEXT}, *NO_RESULTS])
def test_without_a_list_of_results_it_is_no_page(body: Any) -> None:
    with pytest.raises(NoPage, match="no list of results"):
        read(body)


@pytest.mark.parametrize("odd", [None, "text", 5, [], {}, [entry(2)], sample(id=None), sample(status="done")])
def test_what_is_no_artifact_is_left_out_and_the_page_is_not_whole(odd: Any) -> None:
    page = read({"next": None, "results": [entry(1), odd, entry(3)]})
    assert numbers(page) == [1, 3]
    assert (page.is_whole, page.is_last) == (False, False)


def test_of_an_id_that_comes_twice_the_first_is_kept_and_the_page_is_not_whole() -> None:
    again = sample(id=str(UUID(int=15)).upper(), status={"code": "done"})
    page = read({"next": NEXT, "results": [entry(15), entry(2), again]})
    assert numbers(page) == [15, 2]
    assert page.entries[0][0].status == "processing"
    assert (page.next_url, page.is_whole) == (NEXT, False)


USABLE = [
    pytest.param(NEXT, "status_code=done&cursor=cD0x%3D%3D", id="our own"),
    pytest.param(
        f"{LIST}?cursor=a'b()*+,;=/?:@!$[]-._~%2b%2B", "cursor=a'b()*+,;=/?:@!$[]-._~%2b%2B", id="all signs"
    ),
    pytest.param(f"{LIST}?cursor=a é{{}}|\t", "cursor=a%20%C3%A9%7B%7D%7C", id="signs that a URL has escaped"),
    pytest.param(f"{LIST}?cursor=a\ud800b", "cursor=a?b", id="what is no sign at all"),
    pytest.param(f"{NEXT}#x?cursor=b", "status_code=done&cursor=cD0x%3D%3D", id="a fragment"),
    pytest.param(f"{NEXT}\n", "status_code=done&cursor=cD0x%3D%3D", id="a line break after"),
    pytest.param("cursor=x", "cursor=x", id="a cursor alone"),
    pytest.param(
        f"{LIST}?cursor=x&token=canary&page=2&created_at_after=2025", "cursor=x", id="what nobody asked for"
    ),
    pytest.param(f"{LIST}?cursor=x&status_code=failed", "status_code=done&cursor=x", id="another selection"),
    pytest.param("http://us-east-1.recall.ai/api/v1/transcript/?cursor=x", "cursor=x", id="behind what ends TLS"),
    pytest.param("http://10.0.0.7:8000/api/v1/transcript/?cursor=x", "cursor=x", id="an inner name"),
    pytest.param("https://evil.example/steal/?cursor=x", "cursor=x", id="another place"),
    pytest.param("https://user@us-east-1.recall.ai/?cursor=x", "cursor=x", id="a user name"),
    pytest.param("/api/v1/transcript/?cursor=x", "cursor=x", id="relative"),
    pytest.param("?cursor=x", "cursor=x", id="a query alone"),
]
ANYWHERE = ("https://us-east-1.recall.ai", "http://[::1]:9001", "https://us-east-1.recall.ai/proxy")


@pytest.mark.parametrize(("link", "query"), USABLE)
@pytest.mark.parametrize("base_url", ANYWHERE)
def test_of_next_only_the_cursor_is_used_and_our_own_origin_is_kept(link: str, query: str, base_url: str) -> None:
    page = read({"next": link, "results": []}, base_url)
    assert (page.next_url, page.flaw) == (f"{base_url}/api/v1/transcript/?{query}", None)
    assert (page.is_whole, page.is_last) == (True, False)
    assert next_page(page.next_url, base_url, DONE) == page.next_url


UNUSABLE = [
    pytest.param(LIST, id="no query"),
    pytest.param(f"{LIST}?", id="an empty query"),
    pytest.param(f"{LIST}?page=2", id="a number of a page"),
    pytest.param(f"{LIST}?status_code=done&cursor=", id="a selection alone"),
    pytest.param(f"{LIST}#?cursor=x", id="a cursor in the fragment"),
    pytest.param(NEXT.replace("cursor", "cur\tsor"), id="a tab inside"),
    pytest.param(f"{LIST}?cursor={'x' * 8001}", id="too long"),
    pytest.param(5, id="a number"),
    pytest.param(True, id="true"),
    pytest.param([NEXT], id="a list"),
]


@pytest.mark.parametrize("link", UNUSABLE)
def test_any_other_next_is_dropped_and_the_page_is_not_whole(link: Any) -> None:
    page = read({"next": link, "results": [entry(1)]})
    assert numbers(page) == [1]
    assert (page.next_url, page.is_whole, page.is_last) == (None, False, False)
    assert page.flaw == "the link to a next page holds no cursor"


@pytest.mark.parametrize(("sub_code", "is_altered"), [(rb"a", False), (rb"\u0000", True)])
def test_what_was_replaced_anywhere_on_the_page_marks_each_artifact(sub_code: bytes, is_altered: bool) -> None:
    entries = [b'{"id": "%s", "status": {"code": "done"}}' % str(UUID(int=n)).encode() for n in (1, 2)]
    content = b'{"more": "%s", "results": [%s]}' % (sub_code, b", ".join(entries))
    page = read_page(read_document(content), BASE, DONE)
    assert [artifact.is_altered for artifact, _ in page.entries] == [is_altered] * 2


ENTRY = shaped_like(
    {
        "id": st.integers(0, 3).map(lambda n: str(UUID(int=n))),
        "status": shaped_like({"code": st.sampled_from(["done", "processing"])}),
    }
)
LINK = st.sampled_from([NEXT, LIST, *(param.values[0] for param in UNUSABLE)]) | st.text().map(lambda t: LIST + t)


@given(value=shaped_like({"results": st.lists(ENTRY, max_size=5), "next": LINK}), base_url=st.just(BASE) | st.text())
def test_any_json_is_a_page_or_says_that_it_is_none(value: Any, base_url: str) -> None:
    try:
        page = read(storable(value), base_url)
    except NoPage:
        return
    assert len(set(numbers(page))) == len(page.entries) <= len(value["results"])
    assert page.next_url is None or page.next_url.startswith(f"{base_url}/api/v1/transcript/?")
    assert page.next_url is None or page.next_url.rpartition("cursor=")[2].isascii()
    assert not page.is_last or (page.is_whole and not value.get("next"))
