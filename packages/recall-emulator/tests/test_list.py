import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.documents import Json

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]

KEY = {"Authorization": "Token demo-key"}


def seeded(emulator: Emulator, count: int) -> list[str]:
    return [str(emulator.add(Scenario(created=-10.0 * n))) for n in range(count)]


def ids(document: dict[str, Json]) -> list[str]:
    return [artifact["id"] for artifact in document["results"]]


MOST_PAGES = 1000


def pages(client: httpx.Client, url: str | None, direction: str = "next") -> list[list[str]]:
    read: list[list[str]] = []
    while url:
        assert len(read) < MOST_PAGES
        document = client.get(url, headers=KEY).json()
        read.append(ids(document))
        url = document[direction]
    return read


def test_the_list_holds_full_artifacts(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    document = ask(emulator).json()
    assert (document["next"], document["previous"]) == (None, None)
    retrieved = ask(emulator, transcript_id).json()
    [listed] = document["results"]
    assert listed["data"].pop("download_url").startswith(emulator.files_url)
    assert listed["data"].pop("provider_data_download_url").startswith(emulator.files_url)
    retrieved["data"] = {}
    assert listed == retrieved


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_following_next_reads_everything_once_newest_first(emulate: Emulate, client: httpx.Client, size: int) -> None:
    emulator = emulate(page_size=size)
    expected = seeded(emulator, 7)
    read = pages(client, f"{emulator.api_url}/api/v1/transcript/")
    assert [each for page in read for each in page] == expected
    assert {len(page) for page in read[:-1]} <= {size}


def test_previous_leads_back(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(page_size=3)
    expected = seeded(emulator, 7)
    last = f"{emulator.api_url}/api/v1/transcript/"
    for _ in range(2):  # three pages
        last = client.get(last, headers=KEY).json()["next"]
    back = pages(client, last, "previous")
    assert back == [expected[6:], expected[3:6], expected[:3]]


def test_the_order_can_be_oldest_first_or_random(emulate: Emulate, ask: Ask) -> None:
    oldest, shuffled = emulate(page_order="oldest"), emulate(page_order="random")
    assert ids(ask(oldest).json()) == []
    expected = seeded(oldest, 5)
    assert ids(ask(oldest).json()) == expected[::-1]
    expected = seeded(shuffled, 30)
    found = ids(ask(shuffled).json())
    assert sorted(found) == sorted(expected)
    assert found not in (expected, expected[::-1])


def test_what_is_created_between_pages_moves_nothing(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(page_size=2)
    expected = seeded(emulator, 4)
    first = client.get(f"{emulator.api_url}/api/v1/transcript/", headers=KEY).json()
    emulator.add(Scenario(created=0.0))
    assert ids(first) + [each for page in pages(client, first["next"]) for each in page] == expected


def test_it_filters_by_status(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    wanted = {
        "done": emulator.add(Scenario()),
        "failed": emulator.add(Scenario(end="failed")),
        "processing": emulator.add(Scenario(finishes_after=None)),
    }
    emulator.add(Scenario(end="deleted"))
    emulator.add(Scenario(end="not_found"))
    for code, transcript_id in wanted.items():
        assert ids(ask(emulator, status_code=code).json()) == [str(transcript_id)]
    assert len(ids(ask(emulator).json())) == 4


def test_it_filters_by_recording(emulate: Emulate, ask: Ask) -> None:
    emulator, recording_id = emulate(), uuid.uuid4()
    found = {str(emulator.add(Scenario(recording_id=recording_id))) for _ in range(2)}
    emulator.add(Scenario())
    assert set(ids(ask(emulator, recording_id=recording_id).json())) == found


def test_it_filters_by_creation_both_bounds_included(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    seeded(emulator, 5)
    artifacts = ask(emulator).json()["results"]
    newer, older = artifacts[1]["created_at"], artifacts[3]["created_at"]
    found = ids(ask(emulator, created_at_after=older, created_at_before=newer).json())
    assert found == [artifact["id"] for artifact in artifacts[1:4]]


def test_filters_survive_paging(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(page_size=1)
    for _ in range(2):
        emulator.add(Scenario())
        emulator.add(Scenario(end="failed"))
    read = pages(client, f"{emulator.api_url}/api/v1/transcript/?status_code=failed")
    assert len(read) == 2


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ({"status_code": "deleted"}, 400, "status_code"),
        ({"status_code": "nonsense"}, 400, "status_code"),
        ({"created_at_after": "yesterday"}, 400, "created_at_after"),
        ({"recording_id": "7"}, 400, "recording_id"),
        ({"cursor": "%%%"}, 404, "detail"),
        ({"cursor": "bm9uZQ=="}, 404, "detail"),
    ],
)
def test_a_bad_query_is_refused_by_its_field(
    emulate: Emulate, ask: Ask, query: dict[str, str], status: int, field: str
) -> None:
    answer = ask(emulate(), **query)
    assert (answer.status_code, list(answer.json())) == (status, [field])


def test_next_may_lead_to_a_foreign_host(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(page_size=1, faults=Faults(foreign_next="http://evil.example"))
    seeded(emulator, 2)
    document = ask(emulator).json()
    assert urlsplit(document["next"]).netloc == "evil.example"


@pytest.mark.parametrize("size", [1, 2, 100])
def test_next_may_lead_to_the_same_page_for_ever(emulate: Emulate, client: httpx.Client, size: int) -> None:
    emulator = emulate(page_size=size, faults=Faults(looping_next=True))
    expected = seeded(emulator, 2)
    url, seen = f"{emulator.api_url}/api/v1/transcript/?status_code=done", []
    for _ in range(4):
        document = client.get(url, headers=KEY).json()
        seen.append(ids(document))
        url = document["next"]
    assert seen == [expected[:size]] * 4
    assert "status_code=done" in url


def test_an_entry_may_be_a_string(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(odd_entry_first=1))
    expected = seeded(emulator, 3)
    odd, *rest = ask(emulator).json()["results"]
    assert isinstance(odd, str)
    assert [artifact["id"] for artifact in rest] == expected[1:]
    assert ids(ask(emulator).json()) == expected
    assert [request.fault for request in emulator.requests()] == ["odd_entry", None]


def test_an_empty_page_may_hold_a_string(emulate: Emulate, ask: Ask) -> None:
    [odd] = ask(emulate(faults=Faults(odd_entry_every=1))).json()["results"]
    assert isinstance(odd, str)


def test_an_entry_may_be_there_twice(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(double_entry_every=2))
    expected = seeded(emulator, 3)
    assert [ids(ask(emulator).json()) for _ in range(2)] == [expected, [*expected, expected[0]]]


def test_faults_of_the_list_leave_retrieve_and_refusals_alone(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(odd_entry_every=1, double_entry_every=1))
    transcript_id = emulator.add(Scenario())
    assert ask(emulator, transcript_id).json()["id"] == str(transcript_id)
    assert ask(emulator, status_code="nonsense").status_code == 400
    assert [request.fault for request in emulator.requests()] == [None, None]


def test_a_page_may_be_cut_in_the_middle(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(truncate_first=1))
    seeded(emulator, 3)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(emulator)
    assert len(ids(ask(emulator).json())) == 3


def test_the_list_may_lag_behind_retrieve(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_lag_seconds=600.0)
    finished = emulator.add(Scenario(created=-900.0, finishes_after=800.0))
    gone = emulator.add(Scenario(created=-2000.0, end="not_found", finishes_after=1800.0))
    young = emulator.add(Scenario(created=-300.0))
    listed = ask(emulator).json()["results"]
    assert [(each["id"], each["status"]["code"]) for each in listed] == [
        (str(finished), "processing"),
        (str(gone), "processing"),
    ]
    assert listed[0]["data"] == {"download_url": None, "provider_data_download_url": None}
    assert [ask(emulator, each).status_code for each in (finished, gone, young)] == [200, 404, 200]
    assert ids(ask(emulator, status_code="done").json()) == []


def test_links_of_a_list_that_lags_are_fresh(emulate: Emulate, ask: Ask, client: httpx.Client) -> None:
    emulator = emulate(list_lag_seconds=600.0, link_seconds=300.0)
    emulator.add(Scenario(created=-900.0))
    [listed] = ask(emulator).json()["results"]
    assert client.get(listed["data"]["download_url"]).status_code == 200


def test_the_list_may_be_refused_while_retrieve_is_not(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_refused=True, list_limit=0)
    _, answer = ask(emulator), ask(emulator)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/json")
    assert list(answer.json()) == ["detail"]
    assert ask(emulator, emulator.add(Scenario())).status_code == 200
    assert ask(emulator, key=None).status_code == 401


def test_the_bounds_of_creation_may_be_left_out(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(list_bounds="exclusive")
    seeded(emulator, 5)
    artifacts = ask(emulator).json()["results"]
    newer, older = artifacts[1]["created_at"], artifacts[3]["created_at"]
    found = ids(ask(emulator, created_at_after=older, created_at_before=newer).json())
    assert found == [artifacts[2]["id"]]
