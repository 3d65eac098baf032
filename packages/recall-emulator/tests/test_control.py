from collections.abc import Callable
from typing import Any

import httpx
import pytest

from recall_emulator import Emulator

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]


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


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "transcripts", {"wrods": 5}, 400),
        ("POST", "transcripts", {"transcript_id": "seven"}, 400),
        ("POST", "transcripts", {"hostile": "unheard_of"}, 400),
        ("POST", "transcripts", {"faults": {"no_such": 1}}, 400),
        ("GET", "expected/6c1a2f3e-0000-4000-8000-000000000000", None, 404),
        ("GET", "expected/seven", None, 400),
        ("GET", "nothing", None, 404),
    ],
)
def test_what_it_cannot_do_it_says(
    emulate: Emulate, client: httpx.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = client.request(method, f"{emulate().api_url}/_emulator/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]
