"""PATCH and DELETE of transcripts and recordings, as a client of Recall sends them."""

import json
import uuid
from collections.abc import Callable

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.documents import Json

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]
Links = Callable[..., dict[str, str]]
Send = Callable[..., httpx.Response]

RECORDING = uuid.UUID("0b5f4a4e-3c1d-4b55-8a3e-5f0f6f2f7a10")
NOT_FOUND = (404, {"detail": "Not found."})


@pytest.fixture
def send(client: httpx.Client) -> Send:
    """Send a call about one transcript or recording, with a key."""

    def call(
        emulator: Emulator,
        method: str,
        identity: object,
        body: Json = None,
        kind: str = "transcript",
        key: str = "demo-key",
    ) -> httpx.Response:
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"{emulator.api_url}/api/v1/{kind}/{identity}/"
        return client.request(method, url, headers={"Authorization": f"Token {key}"}, content=content)

    return call


def pair(emulator: Emulator, **fields: Json) -> list[uuid.UUID]:
    """Add two transcripts of one recording."""
    return [emulator.add(Scenario(recording_id=RECORDING, words=20, **fields)) for _ in range(2)]


def test_new_metadata_takes_the_place_of_the_old_everywhere(emulate: Emulate, ask: Ask, send: Send) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(metadata={"a": "b"}))
    before = ask(emulator, transcript_id).json()
    answer = send(emulator, "PATCH", transcript_id, {"metadata": {"c": "d", "e": None}, "id": "ignored"})
    after = ask(emulator, transcript_id).json()
    assert (answer.status_code, after["metadata"]) == (200, {"c": "d", "e": None})
    assert after["status"] == before["status"]
    [listed] = ask(emulator).json()["results"]
    for document in (after, answer.json(), listed, before | {"metadata": after["metadata"]}):
        assert all(document["data"].values())
        assert document | {"data": None} == after | {"data": None}
    assert emulator.expected(transcript_id).artifact["metadata"] == {"c": "d", "e": None}
    assert [request.route for request in emulator.requests()] == ["retrieve", "update", "retrieve", "list"]


def test_metadata_of_a_recording_is_shown_by_all_of_its_transcripts(emulate: Emulate, ask: Ask, send: Send) -> None:
    emulator = emulate()
    ids = pair(emulator, recording_metadata={"a": "b"})
    other = emulator.add(Scenario())
    answer = send(emulator, "PATCH", RECORDING, {"metadata": {"c": "d"}}, "recording")
    assert (answer.status_code, answer.json()["id"], answer.json()["metadata"]) == (200, str(RECORDING), {"c": "d"})
    assert [ask(emulator, each).json()["recording"]["metadata"] for each in (*ids, other)] == [{"c": "d"}] * 2 + [{}]
    assert {each["id"]: each["recording"]["metadata"] for each in ask(emulator).json()["results"]} == {
        **{str(each): {"c": "d"} for each in ids},
        str(other): {},
    }
    assert emulator.requests()[0].recording_id == RECORDING


@pytest.mark.parametrize("kind", ["transcript", "recording"])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", {"detail": "JSON parse error"}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ({"metadata": None}, {"metadata": ["This field may not be null."]}),
        ({"metadata": "a"}, {"metadata": ['Expected a dictionary of items but got type "str".']}),
        ({"metadata": {"a": 1, "b": "c"}}, {"metadata": {"a": ["Not a valid string."]}}),
        (
            {"metadata": {"a": "x" * 501}},
            {"metadata": {"a": ["Ensure this field has no more than 500 characters."]}},
        ),
    ],
)
def test_metadata_that_it_cannot_hold_is_refused(
    emulate: Emulate, ask: Ask, send: Send, kind: str, body: Json, told: Json
) -> None:
    emulator = emulate()
    ids = pair(emulator, metadata={"a": "b"}, recording_metadata={"a": "b"})
    answer = send(emulator, "PATCH", ids[0] if kind == "transcript" else RECORDING, body, kind)
    assert (answer.status_code, answer.json()) == (400, told)
    document = ask(emulator, ids[0]).json()
    assert (document["metadata"], document["recording"]["metadata"]) == ({"a": "b"}, {"a": "b"})


@pytest.mark.parametrize("body", [None, {}, {"status": "done"}])
def test_a_patch_without_metadata_changes_nothing(emulate: Emulate, send: Send, body: Json) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(metadata={"a": "b", "long": "x" * 500}))
    answer = send(emulator, "PATCH", transcript_id, body)
    assert (answer.status_code, answer.json()["metadata"]) == (200, {"a": "b", "long": "x" * 500})


@pytest.mark.parametrize(
    ("deleted_as", "retrieved", "listed"),
    [("deleted", "deleted", ["deleted"]), ("unlisted", "deleted", []), ("not_found", None, [])],
)
@pytest.mark.parametrize("kind", ["transcript", "recording"])
def test_what_is_deleted_loses_its_files_and_is_shown_as_the_option_says(
    emulate: Emulate, ask: Ask, send: Send, links: Links, client: httpx.Client,
    kind: str, deleted_as: str, retrieved: str | None, listed: list[str],
) -> None:  # fmt: skip
    emulator = emulate(deleted_as=deleted_as)
    ids = (
        pair(emulator, metadata={"a": "b"}) if kind == "recording" else [emulator.add(Scenario(metadata={"a": "b"}))]
    )
    given = links(emulator, ids[-1])
    deleted = send(emulator, "DELETE", RECORDING if kind == "recording" else ids[0], kind=kind)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "content-length" not in deleted.headers
    for each in ids:
        answer = ask(emulator, each)
        if retrieved is None:
            assert (answer.status_code, answer.json()) == NOT_FOUND
            assert emulator.expected(each).artifact == {}
        else:
            assert (answer.json()["status"]["code"], answer.json()["metadata"]) == (retrieved, {"a": "b"})
            assert answer.json()["data"] == {"download_url": None, "provider_data_download_url": None}
            assert emulator.expected(each).artifact == answer.json()
    assert [each["status"]["code"] for each in ask(emulator).json()["results"]] == listed * len(ids)
    assert ask(emulator, status_code="done").json()["results"] == []
    assert [client.get(url).status_code for url in given.values()] == [404, 404]
    again = send(emulator, "DELETE", RECORDING if kind == "recording" else ids[0], kind=kind)
    assert again.status_code == (404 if retrieved is None else 204)


def test_a_transcript_is_deleted_without_its_recording(emulate: Emulate, ask: Ask, send: Send) -> None:
    emulator = emulate()
    one, two = pair(emulator)
    send(emulator, "DELETE", one)
    assert [ask(emulator, each).json()["status"]["code"] for each in (one, two)] == ["deleted", "done"]
    recording = send(emulator, "GET", RECORDING, kind="recording").json()
    assert recording["status"]["code"] == "done"
    assert recording["media_shortcuts"]["transcript"]["status"]["code"] == "deleted"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("kind", ["transcript", "recording"])
def test_what_is_not_there_or_of_another_workspace_is_left_alone(
    emulate: Emulate, ask: Ask, send: Send, method: str, kind: str
) -> None:
    emulator = emulate(keys={"a": "one", "b": "two"})
    transcript_id = emulator.add(Scenario(workspace="one", recording_id=RECORDING, metadata={"a": "b"}))
    future = emulator.add(Scenario(workspace="two", recording_id=uuid.uuid4(), created=600.0))
    known = transcript_id if kind == "transcript" else RECORDING
    for identity in (known, uuid.uuid4(), "seven", future):
        answer = send(emulator, method, identity, {"metadata": {}}, kind, key="b")
        assert (answer.status_code, answer.json()) == NOT_FOUND
    document = ask(emulator, transcript_id, key="a").json()
    assert (document["status"]["code"], document["metadata"]) == ("done", {"a": "b"})
    assert send(emulator, method, known, {"metadata": {}}, kind, key="wrong").status_code == 401


def test_other_methods_are_told_which_there_are(emulate: Emulate, send: Send) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(recording_id=RECORDING))
    for identity, kind in ((transcript_id, "transcript"), (RECORDING, "recording")):
        answer = send(emulator, "PUT", identity, {}, kind)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PATCH, DELETE")


def test_each_route_has_a_budget_of_its_own(emulate: Emulate, send: Send) -> None:
    emulator = emulate(retrieve_limit=2, other_limit=1)
    transcript_id = emulator.add(Scenario(recording_id=RECORDING))
    calls = [(method, transcript_id, "transcript") for method in ("GET", "PATCH", "DELETE")]
    calls += [(method, RECORDING, "recording") for method in ("GET", "PATCH", "DELETE")]
    first = [send(emulator, method, identity, kind=kind).status_code for method, identity, kind in calls]
    second = [send(emulator, method, identity, kind=kind).status_code for method, identity, kind in calls]
    assert first == [200, 200, 204] * 2
    assert second == [200, *[429] * 5]


def test_a_call_that_meets_a_fault_does_nothing(emulate: Emulate, ask: Ask, send: Send) -> None:
    emulator = emulate(faults=Faults(error_first=1))
    transcript_id = emulator.add(Scenario(recording_id=RECORDING))
    assert send(emulator, "DELETE", RECORDING, kind="recording").status_code == 503
    assert send(emulator, "DELETE", transcript_id).status_code == 503
    assert ask(emulator, transcript_id).json()["status"]["code"] == "done"
    assert send(emulator, "DELETE", transcript_id).status_code == 204
    assert [request.fault for request in emulator.requests()] == ["error", "error", None, None]


def test_a_recording_has_all_fields_of_the_reference_page(emulate: Emulate, send: Send) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(recording_id=RECORDING, created=-90.0, finishes_after=10.0))
    document = send(emulator, "GET", RECORDING, kind="recording").json()
    shortcut = document["media_shortcuts"].pop("transcript")
    assert (shortcut["id"], "recording" in shortcut) == (str(transcript_id), False)
    assert shortcut["data"]["download_url"].startswith(emulator.files_url)
    assert set(document.pop("media_shortcuts").values()) == {None}
    assert document.pop("started_at") == document.pop("created_at") < document["completed_at"]
    assert document["completed_at"] == document["status"].pop("updated_at") == shortcut["created_at"]
    assert list(document.pop("bot")) == ["id", "metadata"]
    del document["completed_at"]
    assert document == {
        "id": str(RECORDING),
        "expires_at": None,
        "status": {"code": "done", "sub_code": None},
        "desktop_sdk_upload": None,
        "realtime_endpoints": [],
        "metadata": {},
    }
    assert emulator.requests()[0].route == "retrieve_recording"


def test_a_recording_of_a_meeting_that_goes_on_is_processing(emulate: Emulate, send: Send) -> None:
    emulator = emulate()
    emulator.add(
        Scenario(recording_id=RECORDING, provider="deepgram_streaming", finishes_after=600.0, expires_after=5)
    )
    document = send(emulator, "GET", RECORDING, kind="recording").json()
    assert (document["status"]["code"], document["completed_at"]) == ("processing", None)
