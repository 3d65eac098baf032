from collections.abc import Callable

import httpx
import pytest

from recall_emulator import Emulator, Scenario

Emulate = Callable[..., Emulator]
Ask = Callable[..., httpx.Response]


@pytest.mark.parametrize("shown", ["Token demo-key", "demo-key", "token demo-key"])
def test_both_forms_of_the_header_are_accepted(emulate: Emulate, ask: Ask, shown: str) -> None:
    emulator = emulate()
    assert ask(emulator, emulator.add(Scenario()), key=shown).status_code == 200


@pytest.mark.parametrize("shown", ["Token wrong", "wrong", "Bearer demo-key"])
def test_a_wrong_key_is_an_invalid_token(emulate: Emulate, ask: Ask, shown: str) -> None:
    answer = ask(emulate(), key=shown)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})


def test_no_key_is_refused(emulate: Emulate, ask: Ask) -> None:
    assert ask(emulate(), key=None).status_code == 401


def test_a_refused_key_is_401_until_it_is_accepted_again(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    emulator.refuse_key("demo-key")
    assert ask(emulator, transcript_id).status_code == 401
    emulator.accept_key("demo-key")
    assert ask(emulator, transcript_id).status_code == 200


def test_a_workspace_does_not_see_the_transcripts_of_another(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate(keys={"a": "one", "b": "two"})
    transcript_id = emulator.add(Scenario(workspace="one"))
    assert ask(emulator, transcript_id, key="a").status_code == 200
    refused = ask(emulator, transcript_id, key="b")
    assert (refused.status_code, refused.json()) == (404, {"detail": "Not found."})
    assert ask(emulator, key="b").json()["results"] == []


def test_the_request_log_tells_who_asked_for_what(emulate: Emulate, ask: Ask) -> None:
    emulator = emulate()
    transcript_id = emulator.add(Scenario())
    ask(emulator, transcript_id)
    ask(emulator, key=None)
    retrieve, listing = emulator.requests()
    assert (retrieve.listener, retrieve.method, retrieve.route) == ("api", "GET", "retrieve")
    assert (retrieve.transcript_id, retrieve.workspace, retrieve.key) == (transcript_id, "default", "demo-key")
    assert (retrieve.status, retrieve.has_authorization) == (200, True)
    assert retrieve.user_agent is not None
    assert retrieve.user_agent.startswith("python-httpx")
    assert (listing.route, listing.status, listing.has_authorization, listing.key) == ("list", 401, False, None)
    assert retrieve.at <= listing.at
    assert retrieve.monotonic <= listing.monotonic
