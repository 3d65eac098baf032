from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from recall_emulator import Emulator, Scenario
from recall_emulator.documents import Json

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]

KNOWN = UUID("5a0e8f5e-0000-4000-8000-000000000001")


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
    ("method", "path", "body", "status"),
    [
        ("POST", "transcripts", {"wrods": 5}, 400),
        ("POST", "transcripts", {"transcript_id": "seven"}, 400),
        ("POST", "transcripts", {"hostile": "unheard_of"}, 400),
        ("POST", "transcripts", {"faults": {"no_such": 1}}, 400),
        ("PATCH", f"transcripts/{KNOWN}", {"wrods": 5}, 400),
        ("PATCH", f"transcripts/{KNOWN}", {"transcript_id": "6c1a2f3e-0000-4000-8000-000000000000"}, 400),
        ("PATCH", f"transcripts/{KNOWN}", {"topic": "unheard_of"}, 400),
        ("PATCH", "transcripts/6c1a2f3e-0000-4000-8000-000000000000", {"end": "failed"}, 404),
        ("GET", "expected/6c1a2f3e-0000-4000-8000-000000000000", None, 404),
        ("GET", "expected/seven", None, 400),
        ("GET", "nothing", None, 404),
    ],
)
def test_what_it_cannot_do_it_says(
    emulate: Emulate, client: httpx.Client, method: str, path: str, body: Json, status: int
) -> None:
    emulator = emulate()
    emulator.add(Scenario(transcript_id=KNOWN))
    answer = client.request(method, f"{emulator.api_url}/_emulator/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
