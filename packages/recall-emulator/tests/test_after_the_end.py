"""What happens to a finished transcript by itself, and how the emulator tells of it."""

import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

import httpx
import pytest

from recall_emulator import Emulator, EmulatorOptions, Faults, Scenario
from recall_emulator.changes import NOT_CONTENT
from recall_emulator.documents import Json

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]
Links = Callable[..., dict[str, str]]

RECORDING = uuid.UUID("0b5f4a4e-3c1d-4b55-8a3e-5f0f6f2f7a10")
NO_LINKS = {"download_url": None, "provider_data_download_url": None}
WITH_EMAILS = {"seed": 1, "words": 300, "speakers": 9}


def finished(**fields: Any) -> Scenario:  # each of its own type
    return Scenario(created=-900.0, finishes_after=100.0, **fields)


def told(emulator: Emulator, transcript_id: uuid.UUID) -> list[tuple[str, Json]]:
    return [(each.what, each.value) for each in emulator.changes() if each.transcript_id == transcript_id]


def recording(emulator: Emulator, client: httpx.Client, recording_id: object = RECORDING) -> dict[str, Json]:
    url = f"{emulator.api_url}/api/v1/recording/{recording_id}/"
    found: dict[str, Json] = client.get(url, headers={"Authorization": "demo-key"}).json()
    return found


# Retention


@pytest.mark.parametrize(
    ("provider", "expires_after", "code"),
    [  # created 900 s ago and finished 800 s ago
        ("rev_async", 890.0, "deleted"),
        ("rev_async", 910.0, "done"),
        ("deepgram_streaming", 790.0, "deleted"),
        ("deepgram_streaming", 890.0, "done"),
        ("rev_async", 0.0, "deleted"),
    ],
)
def test_a_recording_expires_so_long_after_it_was_done(
    emulate: Emulate, ask: Ask, client: httpx.Client, provider: str, expires_after: float, code: str
) -> None:
    emulator = emulate()
    first = emulator.add(finished(provider=provider, recording_id=RECORDING, expires_after=expires_after))
    second = emulator.add(finished(provider=provider, recording_id=RECORDING))
    shown = recording(emulator, client)
    assert [ask(emulator, each).json()["status"]["code"] for each in (first, second)] == [code, code]
    assert shown["status"]["code"] == code
    age = datetime.fromisoformat(shown["expires_at"]) - datetime.fromisoformat(shown["completed_at"])
    assert age.total_seconds() == expires_after
    if code == "deleted":
        assert ask(emulator, first).json()["status"]["updated_at"] == shown["expires_at"]
    assert emulator.expected(first).artifact["status"]["code"] == "deleted"
    assert (emulator.expected(first).transcript is None) == (expires_after == 0)


def test_retention_can_be_changed_for_all_transcripts_of_a_recording(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    ids = [emulator.add(finished(recording_id=RECORDING, artifact="extra")) for _ in range(2)]
    emulator.change(ids[0], expires_after=600.0)
    assert {ask(emulator, each).json()["status"]["code"] for each in ids} == {"deleted"}
    assert len({ask(emulator, each).json()["expires_at"] for each in ids}) == 1
    emulator.change(ids[0], expires_after=None)
    assert {ask(emulator, each).json()["status"]["code"] for each in ids} == {"done"}


def test_with_zero_data_retention_done_comes_without_links_for_ever(
    emulate: Emulate, ask: Ask, links: Links, client: httpx.Client
) -> None:
    emulator = emulate()
    kept, transcript_id = emulator.add(Scenario()), emulator.add(Scenario(is_stored=False))
    url = links(emulator, kept)["download_url"]
    document = ask(emulator, transcript_id).json()
    assert (document["status"]["code"], document["data"]) == ("done", NO_LINKS)
    expected = emulator.expected(transcript_id)
    assert (expected.artifact, expected.transcript, expected.provider_data) == (document, None, None)
    emulator.change(kept, is_stored=False)
    assert client.get(url).status_code == 404


# Late arrivals


def test_a_late_provider_link_is_null_at_first(
    emulate: Emulate, ask: Ask, links: Links, client: httpx.Client
) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(provider_link_delay=600.0))
    data = ask(emulator, transcript_id).json()["data"]
    assert (data["provider_data_download_url"], data["download_url"] is None) == (None, False)
    emulator.change(transcript_id, provider_link_delay=0.0)
    content = client.get(links(emulator, transcript_id)["provider_data_download_url"]).content
    assert content == emulator.expected(transcript_id).provider_data


@pytest.mark.parametrize("variant", ["3", "mixed"])
def test_late_emails_give_the_file_another_content_behind_the_same_path(
    emulate: Emulate, links: Links, client: httpx.Client, variant: str
) -> None:
    emulator = emulate()
    transcript_id = emulator.add(finished(email_delay=6000.0, variant=variant, **WITH_EMAILS))
    url = links(emulator, transcript_id)["download_url"]
    early = client.get(url)
    emulator.change(transcript_id, email_delay=0.0)
    late = client.get(url)
    assert client.get(url, headers={"If-None-Match": early.headers["ETag"]}).status_code == 200
    assert late.content == emulator.expected(transcript_id).transcript
    people = [[each["participant"] for each in answer.json()] for answer in (early, late)]
    assert {each.get("email") for each in people[0]} == {None}
    assert any(each.get("email") for each in people[1])
    assert [each | {"email": None} for each in people[0]] == [each | {"email": None} for each in people[1]]


def test_emails_that_are_too_late_for_a_deletion_are_not_expected() -> None:
    emulator = Emulator()
    contents = [
        emulator.expected(emulator.add(finished(email_delay=9.0, deleted_after=after, **WITH_EMAILS))).transcript
        or b""
        for after in (8.0, 10.0)
    ]
    assert [b"@example.com" in content for content in contents] == [False, True]


# Pages that lie


def test_a_short_page_leaves_out_what_follows(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(page_size=4)
    ids = [str(emulator.add(Scenario(created=-10.0 * n))) for n in range(6)]
    emulator.set_faults(Faults(short_page_every=1))
    document = ask(emulator).json()
    assert (document["next"], [each["id"] for each in document["results"]]) == (None, ids[:2])
    emulator.set_faults()
    document = ask(emulator).json()
    assert (document["next"] is None, [each["id"] for each in document["results"]]) == (False, ids[:4])
    assert [request.fault for request in emulator.requests()] == ["short_page", None]


def test_a_stale_page_shows_what_was_true_before_every_change(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(stale_page_every=2, stale_seconds=600.0))
    patched = emulator.add(finished(metadata={"a": "b"}, recording_metadata={"c": "d"}))
    deleted = emulator.add(finished())
    young = emulator.add(Scenario())
    emulator.change(patched, metadata={"new": "e"}, recording_metadata={"new": "f"})
    emulator.delete(deleted)
    now, before = ({each["id"]: each for each in ask(emulator).json()["results"]} for _ in range(2))
    assert set(now) - set(before) == {str(young)}
    assert [page[str(patched)]["metadata"] for page in (now, before)] == [{"new": "e"}, {"a": "b"}]
    assert before[str(patched)]["recording"]["metadata"] == {"c": "d"}
    assert [page[str(deleted)]["status"]["code"] for page in (now, before)] == ["deleted", "done"]
    assert before[str(deleted)]["data"]["download_url"] is not None


def test_a_foreign_page_shows_what_is_of_others(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(keys={"a": "one", "b": "two"}, faults=Faults(foreign_page_first=1))
    mine, other = (str(emulator.add(Scenario(workspace=each))) for each in ("one", "two"))
    assert [[each["id"] for each in ask(emulator, key="a").json()["results"]] for _ in range(2)] == [[other], [mine]]


def test_a_404_may_be_a_lie(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(faults=Faults(not_found_first=1))
    transcript_id = emulator.add(Scenario())
    assert [ask(emulator, transcript_id).status_code for _ in range(2)] == [404, 200]


# By the routes of the emulator


def test_faults_change_at_run_time_and_leave_those_of_a_scenario(
    emulate: Emulate, ask: Ask, client: httpx.Client
) -> None:
    emulator = emulate(faults=(Faults(error_every=1), Faults(waf_every=1)))
    plain, own = emulator.add(Scenario()), emulator.add(Scenario(faults=Faults(not_found_first=2)))
    url = f"{emulator.api_url}/_emulator/faults"
    assert [ask(emulator, each).status_code for each in (plain, own)] == [503, 404]
    assert client.put(url, json={"throttle_every": 2}).status_code == 200
    assert [ask(emulator, each).status_code for each in (plain, own, own, plain)] == [200, 404, 200, 429]
    client.put(url, json={"foreign_next": "http://evil.example", "looping_next": True})
    assert ask(emulator).json()["next"].startswith("http://evil.example/")
    assert client.put(url, json={}).status_code == 200
    assert {ask(emulator, plain).status_code for _ in range(4)} == {200}
    refused = client.put(url, json={"throttle_every": -1})
    assert (refused.status_code, "faults.throttle_every must be" in refused.json()["detail"]) == (400, True)


def test_what_its_routes_delete_is_deleted_for_clients(emulate: Emulate, ask: Ask, client: httpx.Client) -> None:
    emulator = emulate()
    url = f"{emulator.api_url}/_emulator"
    added = [client.post(f"{url}/transcripts", json={"recording_id": str(RECORDING)}).json() for _ in range(3)]
    assert {each["recording_id"] for each in added} == {str(RECORDING)}
    ids = [each["id"] for each in added]
    assert client.delete(f"{url}/transcripts/{ids[0]}").json() == {"id": ids[0]}
    assert [ask(emulator, each).json()["status"]["code"] for each in ids] == ["deleted", "done", "done"]
    assert client.delete(f"{url}/recordings/{RECORDING}").json() == {"id": str(RECORDING)}
    assert {ask(emulator, each).json()["status"]["code"] for each in ids} == {"deleted"}
    unknown = client.delete(f"{url}/recordings/{ids[0]}")
    assert (unknown.status_code, unknown.json()["detail"]) == (404, f"No recording {ids[0]}.")


# What changed when


def test_it_tells_what_changed_whoever_changed_it(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(recording_id=RECORDING, metadata={"a": "b"}))
    begun = time.time()
    headers = {"Authorization": "demo-key"}
    api, own = f"{emulator.api_url}/api/v1", f"{emulator.api_url}/_emulator"
    client.patch(f"{api}/transcript/{transcript_id}/", json={"metadata": {"c": "d"}}, headers=headers)
    client.patch(f"{api}/transcript/{transcript_id}/", json={"metadata": {"c": "d"}}, headers=headers)
    client.patch(f"{own}/transcripts/{transcript_id}", json={"recording_metadata": {"e": "f"}, "payload": "[]"})
    client.delete(f"{api}/recording/{RECORDING}/", headers=headers)
    changes = client.get(f"{own}/changes", params={"since": begun}).json()
    assert [(each["what"], each["value"]) for each in changes] == [
        ("metadata", {"c": "d"}),
        ("recording_metadata", {"e": "f"}),
        ("transcript.json", hashlib.sha256(b"[]").hexdigest()),
        ("status", "deleted"),
        ("transcript_link", False),
        ("provider_link", False),
    ]
    assert {(each["transcript_id"], each["recording_id"]) for each in changes} == {
        (str(transcript_id), str(RECORDING))
    }
    moments = [each["at"] for each in changes]
    assert moments == sorted(moments)
    assert begun <= moments[0] <= moments[-1] <= time.time()
    assert client.get(f"{own}/changes", params={"since": "then"}).status_code == 400


def test_it_tells_what_time_changes() -> None:
    emulator = Emulator(EmulatorOptions())
    late = finished(provider_link_delay=10.0, email_delay=20.0, expires_after=200.0, **WITH_EMAILS)
    transcript_id = emulator.add(late)
    content = emulator.expected(transcript_id).transcript or b""
    created_at = emulator.changes()[0].at
    assert [(round(each.at - created_at, 3), each.what, each.value) for each in emulator.changes()] == [
        (0.0, "status", "processing"),
        (100.0, "status", "done"),
        (100.0, "transcript_link", True),
        (110.0, "provider_link", True),
        (120.0, "transcript.json", hashlib.sha256(content).hexdigest()),
        (200.0, "status", "deleted"),
        (200.0, "transcript_link", False),
        (200.0, "provider_link", False),
    ]
    assert emulator.changes(since=time.time()) == []


def test_what_counts_as_no_content_are_fields_of_a_scenario() -> None:
    assert {each.name for each in fields(Scenario)} > NOT_CONTENT


def test_it_tells_of_no_change_where_the_file_stays_the_same() -> None:
    emulator = Emulator()
    transcript_id = emulator.add(finished(variant="1", email_delay=20.0, **WITH_EMAILS))
    emulator.change(transcript_id, metadata={"a": "b"})
    emulator.change(transcript_id, email_delay=30.0)
    assert [what for what, _ in told(emulator, transcript_id)] == [
        "status",
        "status",
        "transcript_link",
        "provider_link",
        "metadata",
    ]
