import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from recall_emulator import Emulator, Faults, Scenario
from recall_emulator.documents import Json

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NOT_FOUND = (404, {"detail": "Not found."})


def test_a_done_transcript_has_all_fields_of_the_reference_page(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    scenario = Scenario(metadata={"title": "Weekly"}, recording_metadata={"room": "4"}, has_separate_streams=True)
    document = ask(emulator, emulator.add(scenario)).json()
    assert list(document) == [
        "id",
        "recording",
        "created_at",
        "status",
        "metadata",
        "data",
        "diarization",
        "provider",
    ]
    assert document["id"] == str(scenario.transcript_id)
    assert document["recording"]["metadata"] == {"room": "4"}
    assert document["metadata"] == {"title": "Weekly"}
    assert document["diarization"] == {"use_separate_streams_when_available": True}
    assert document["status"]["code"] == "done"
    assert STAMP.fullmatch(document["created_at"])
    assert STAMP.fullmatch(document["status"]["updated_at"])
    assert [key for key, value in document["provider"].items() if value is not None] == ["deepgram_async"]


@pytest.mark.parametrize("end", ["failed", "deleted", "quarantined"])
def test_links_are_null_unless_done(emulate: Emulate, ask: Ask, end: str) -> None:
    emulator = emulate()
    document = ask(emulator, emulator.add(Scenario(end=end, sub_code="because"))).json()
    assert (document["status"]["code"], document["status"]["sub_code"]) == (end, "because")
    assert document["data"] == {"download_url": None, "provider_data_download_url": None}


def test_the_status_advances_while_the_emulator_runs(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(retrieve_limit=100_000)
    before = time.time()
    transcript_id = emulator.add(Scenario(finishes_after=0.2))
    earliest, latest = before + 0.2, time.time() + 0.2
    asked_at = 0.0
    while asked_at < latest:
        asked_at = time.time()
        code = ask(emulator, transcript_id).json()["status"]["code"]
        assert code == "done" or asked_at < latest
        assert code == "processing" or time.time() >= earliest


@pytest.mark.parametrize("path", ["3f0c9a52-6d1e-4b7a-9c55-0d8e2a41b7f6", "not-a-uuid", "..%2f", "a" * 10_000])
def test_an_unknown_id_is_not_found(emulate: Emulate, ask: Ask, path: object) -> None:
    answer = ask(emulate(), path)
    assert (answer.status_code, answer.json()) == NOT_FOUND


@pytest.mark.parametrize("scenario", [Scenario(end="not_found"), Scenario(created=60)])
def test_a_transcript_before_its_creation_or_after_its_removal_is_not_found(
    emulate: Emulate, ask: Ask, scenario: Scenario
) -> None:
    emulator = emulate()
    answer = ask(emulator, emulator.add(scenario))
    assert (answer.status_code, answer.json()) == NOT_FOUND


def test_an_id_in_capitals_is_the_same_id(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    assert ask(emulator, str(emulator.add(Scenario())).upper()).status_code == 200


def test_a_missing_slash_is_redirected(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    answer = client.get(f"{emulator.api_url}/api/v1/transcript/{transcript_id}?a=b")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/api/v1/transcript/{transcript_id}/?a=b"


@pytest.mark.parametrize("body", [b"null", iter([b"nu", b"ll"])])
def test_a_get_with_a_body_meets_the_firewall(
    emulate: Emulate, client: httpx.Client, body: bytes | Iterator[bytes]
) -> None:
    emulator = emulate()
    url = f"{emulator.api_url}/api/v1/transcript/"
    answer = client.request("GET", url, headers={"Authorization": "demo-key"}, content=body)
    assert answer.status_code == 403
    assert "Request blocked." in answer.text
    assert answer.headers["Content-Type"].startswith("text/html")


def test_other_methods_are_not_allowed(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate()
    answer = client.delete(f"{emulator.api_url}/api/v1/transcript/", headers={"Authorization": "demo-key"})
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "DELETE" not allowed.'})


def provider_of(document: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in document["provider"].items() if value is not None}


def test_the_artifact_comes_in_all_its_forms(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    ids = {
        form: emulator.add(Scenario(artifact=form))
        for form in ("seed", "oas", "extra", "two_keys", "unknown_key", "null_data", "short_times")
    }
    forms = {form: ask(emulator, transcript_id).json() for form, transcript_id in ids.items()}
    assert "gladia_v1_async" in forms["seed"]["provider"]
    assert "elevenlabs_async" in forms["oas"]["provider"]
    assert "gladia_v1_async" not in forms["oas"]["provider"]
    assert "expires_at" in forms["extra"]
    assert "bot" in forms["extra"]["recording"]["source"]
    assert len(provider_of(forms["two_keys"])) == 2
    assert "deepgram_async" not in provider_of(forms["unknown_key"])
    assert forms["null_data"]["data"] is None
    assert "." not in forms["short_times"]["created_at"]


def test_null_metadata_stays_null(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    document = ask(emulator, emulator.add(Scenario(metadata=None, recording_metadata=None))).json()
    assert document["metadata"] is None
    assert "metadata" not in document["recording"]


def test_what_is_expected_is_the_last_artifact_without_links(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario(metadata={"a": "b"}))
    document = ask(emulator, transcript_id).json()
    document["data"] = {"download_url": None, "provider_data_download_url": None}
    assert emulator.expected(transcript_id).artifact == document


def test_it_is_known_what_can_never_be_downloaded(emulate: Emulate) -> None:
    emulator = emulate()
    gone = emulator.expected(emulator.add(Scenario(end="not_found")))
    assert (gone.artifact, gone.transcript, gone.provider_data) == ({}, None, None)
    failed = emulator.expected(emulator.add(Scenario(end="failed")))
    assert (failed.artifact["status"]["code"], failed.transcript) == ("failed", None)
    endless = emulator.expected(emulator.add(Scenario(finishes_after=None)))
    assert (endless.artifact["status"]["code"], endless.transcript) == ("processing", None)
    deleted = emulator.expected(emulator.add(Scenario(deleted_after=9)))
    assert deleted.artifact["status"]["code"] == "deleted"
    assert deleted.transcript is not None


def test_an_id_can_be_added_only_once(emulate: Emulate) -> None:
    emulator = emulate()
    scenario = Scenario()
    emulator.add(scenario)
    with pytest.raises(ValueError, match="already"):
        emulator.add(scenario)


def test_latency_holds_every_answer_back(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(latency_seconds=0.05)
    begun = time.monotonic()
    ask(emulator)
    assert time.monotonic() - begun >= 0.05


def test_many_connections_are_served_at_once(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(faults=Faults(slow_body_every=1, drip_seconds=600, listener="api"))
    url = f"{emulator.api_url}/api/v1/transcript/{emulator.add(Scenario())}/"
    with ExitStack() as stack:  # each of them would take hours to be read
        answers = [
            stack.enter_context(client.stream("GET", url, headers={"Authorization": "demo-key"})) for _ in range(20)
        ]
        assert [answer.status_code for answer in answers] == [200] * 20


def test_stopping_ends_open_connections(emulate: Emulate) -> None:
    emulator = emulate()
    with httpx.Client(trust_env=False, timeout=60) as client:
        client.get(f"{emulator.api_url}/api/v1/transcript/")
        emulator.stop()
        with pytest.raises(httpx.TransportError):
            client.get(f"{emulator.api_url}/api/v1/transcript/")
    emulator.stop()
