import json
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from recall_emulator import Emulator, EmulatorOptions, Scenario
from recall_emulator.control import Control
from recall_emulator.documents import Json
from recall_emulator.http1 import Call
from recall_emulator.state import State
from recall_emulator.store import TranscriptStore

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]

KNOWN = UUID("5a0e8f5e-0000-4000-8000-000000000001")
RECORDING = UUID("7d2b3a4f-0000-4000-8000-000000000000")
OTHER = UUID("6c1a2f3e-0000-4000-8000-000000000000")


def test_a_transcript_can_be_added_over_http(emulate: Emulate, ask: Ask, client: httpx.Client) -> None:
    emulator = emulate()
    fields = {"provider": "rev_async", "metadata": {"a": "b"}, "payload": "[]", "faults": {"error_first": 1}}
    added = client.post(f"{emulator.api_url}/_emulator/transcripts", json=fields)
    assert added.status_code == 201
    identity = added.json()["id"]
    assert ask(emulator, identity).status_code == 503
    document = ask(emulator, identity).json()
    assert (document["id"], document["metadata"]) == (identity, {"a": "b"})
    expected = client.get(f"{emulator.api_url}/_emulator/expected/{identity}").json()
    assert expected["transcript"] == "[]"
    assert expected["artifact"]["provider"]["rev_async"]
    asked = client.get(f"{emulator.api_url}/_emulator/requests").json()
    assert [(each["status"], each["transcript_id"]) for each in asked] == [(503, identity), (200, identity)]


def test_a_transcript_can_be_changed_later(emulate: Emulate, ask: Ask, client: httpx.Client) -> None:
    emulator = emulate()
    identity = emulator.add(Scenario(finishes_after=None, words=20))
    first, content = ask(emulator, identity).json(), emulator.expected(identity).transcript
    url = f"{emulator.api_url}/_emulator/transcripts/{identity}"
    changes = {"finishes_after": 0.0, "metadata": {"a": "b"}, "words": 30}
    assert client.patch(url, json=changes).status_code == 200
    document = ask(emulator, identity).json()
    assert (document["created_at"], document["status"]["code"]) == (first["created_at"], "done")
    assert (first["status"]["code"], document["metadata"]) == ("processing", {"a": "b"})
    assert emulator.expected(identity).transcript != content


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "transcripts", {"wrods": 5}, 400, "unknown fields: wrods; known are"),
        (
            "POST",
            "transcripts",
            {"transcript_id": "seven"},
            400,
            'transcript_id must hold a UUID; "seven" is not an id.',
        ),
        ("POST", "transcripts", {"transcript_id": 7}, 400, "transcript_id must be an id"),
        ("POST", "transcripts", {"transcript_id": None}, 400, "transcript_id must be an id"),
        ("POST", "transcripts", {"transcript_id": str(KNOWN)}, 400, "was added already"),
        ("POST", "transcripts", {"recording_id": str(RECORDING), "workspace": "two"}, 400, "of another workspace."),
        ("POST", "transcripts", {"hostile": "unheard_of"}, 400, "hostile must be one of"),
        ("POST", "transcripts", {"provider": "rev"}, 400, "provider must be one of"),
        ("POST", "transcripts", {"finishes_after": "y"}, 400, "finishes_after must be a number"),
        ("POST", "transcripts", {"words": -1}, 400, "words must be a whole number from 0"),
        ("POST", "transcripts", {"variant": {}}, 400, "variant must be one of L, 1, 2, 3, mixed"),
        ("POST", "transcripts", {"payload": 5}, 400, "payload must be a string"),
        ("POST", "transcripts", {"faults": "x"}, 400, "faults must be a JSON object"),
        ("POST", "transcripts", {"faults": {"no_such": 1}}, 400, "faults has unknown fields: no_such; known are"),
        ("POST", "transcripts", {"faults": {"retry_after_seconds": "x"}}, 400, "faults.retry_after_seconds must be"),
        ("POST", "transcripts", [], 400, "the body must be a JSON object"),
        ("POST", "transcripts", None, 400, "the body must be a JSON object"),
        ("POST", "transcripts", 5, 400, "the body must be a JSON object"),
        ("PATCH", f"transcripts/{KNOWN}", [], 400, "the body must be a JSON object"),
        ("PATCH", f"transcripts/{KNOWN}", {"wrods": 5}, 400, "unknown fields: wrods"),
        ("PATCH", f"transcripts/{KNOWN}", {"transcript_id": str(OTHER)}, 400, "transcript_id cannot be changed"),
        ("PATCH", f"transcripts/{KNOWN}", {"workspace": "two"}, 400, "has transcripts of another workspace."),
        ("PATCH", f"transcripts/{KNOWN}", {"created": -9}, 400, "created cannot be changed"),
        ("PATCH", f"transcripts/{KNOWN}", {"recording_id": str(OTHER)}, 400, "recording_id cannot be changed"),
        ("DELETE", f"transcripts/{OTHER}", "", 404, f"No transcript {OTHER}."),
        ("DELETE", "transcripts/seven", "", 400, '"seven" is not an id.'),
        ("DELETE", f"recordings/{KNOWN}", "", 404, f"No recording {KNOWN}."),
        ("PUT", "faults", {"no_such": 1}, 400, "faults has unknown fields: no_such; known are"),
        ("PUT", "faults", [], 400, "faults must be a JSON object"),
        ("GET", "changes?since=then", "", 400, "since must be seconds since the epoch"),
        ("PATCH", f"transcripts/{KNOWN}", {"topic": "unheard_of"}, 400, "topic must be one of"),
        ("PATCH", f"transcripts/{KNOWN}", {"speakers": 0}, 400, "speakers must be a whole number from 1"),
        ("PATCH", f"transcripts/{OTHER}", {"end": "failed"}, 404, f"No transcript {OTHER}."),
        ("PATCH", "transcripts/seven", {"end": "failed"}, 400, '"seven" is not an id.'),
        ("GET", f"expected/{OTHER}", "", 404, f"No transcript {OTHER}."),
        ("GET", "expected/seven", "", 400, '"seven" is not an id.'),
        ("GET", "nothing", "", 404, "Not found."),
    ],
)
def test_what_it_cannot_do_it_says(
    emulate: Emulate, client: httpx.Client, method: str, path: str, body: Json, status: int, told: str
) -> None:
    emulator = emulate()
    emulator.add(Scenario(transcript_id=KNOWN, recording_id=RECORDING))
    emulator.add(Scenario(recording_id=RECORDING))
    answer = client.request(method, f"{emulator.api_url}/_emulator/{path}", content=json.dumps(body))
    assert answer.status_code == status
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"payload": "\\ud83d"}'])
def test_a_body_that_is_no_scenario_is_refused_in_a_sentence(
    emulate: Emulate, client: httpx.Client, body: bytes
) -> None:
    answer = client.post(f"{emulate().api_url}/_emulator/transcripts", content=body)
    assert answer.status_code == 400
    assert " must be " in answer.json()["detail"]


def test_the_list_stays_whole_after_a_refused_change(emulate: Emulate, ask: Ask, client: httpx.Client) -> None:
    emulator = emulate()
    identity = emulator.add(Scenario())
    url = f"{emulator.api_url}/_emulator/transcripts/{identity}"
    assert client.patch(url, json={"finishes_after": "y", "metadata": {"a": "b"}}).status_code == 400
    [entry] = ask(emulator).json()["results"]
    assert (entry["id"], entry["status"]["code"], entry["metadata"]) == (str(identity), "done", {})


def test_an_error_of_its_own_is_not_told_as_an_id_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(TranscriptStore, "newest", find)
    call = Call("GET", f"/_emulator/expected/{OTHER}", "", {}, b"", has_body=False, keeps_alive=True)
    with pytest.raises(KeyError, match="a bug"):
        Control(State(EmulatorOptions())).answer(call)
