import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Script, mixed_world
from recall_emulator.corpus import TOPICS

Emulate = Callable[..., Emulator]


def test_fifty_scripts_cover_every_provider_variant_and_end() -> None:
    scripts = mixed_world(50, 10, 0)
    assert {script.provider for script in scripts} >= set(PROVIDER_KEYS) | {"vendor_of_tomorrow_async"}
    assert {script.variant for script in scripts} == {"L", "1", "2", "3", "mixed"}
    assert {script.flavour for script in scripts} == {"seed", "pass_through"}
    assert {script.end for script in scripts} == {"done", "failed", "deleted", "not_found", "quarantined"}
    assert any(script.is_empty for script in scripts)
    assert any(script.finishes_after is None for script in scripts)
    assert any(script.deleted_after is not None for script in scripts)
    assert any(script.hostile == "nul" for script in scripts)
    assert any(not script.has_provider_data for script in scripts)


def test_they_finish_within_the_time_asked_for() -> None:
    ends = [s.created + s.finishes_after for s in mixed_world(60, 10, 0) if s.finishes_after is not None]
    assert all(0 <= end <= 10.001 for end in ends)
    assert max(ends) > 5


def test_the_same_seed_gives_the_same_world() -> None:
    assert mixed_world(50, 10, 3) == mixed_world(50, 10, 3)
    assert mixed_world(50, 10, 3) != mixed_world(50, 10, 4)


def test_a_smaller_world_is_the_beginning_of_a_larger_one() -> None:
    assert mixed_world(50, 10, 3)[:20] == mixed_world(20, 10, 3)


def test_every_one_of_them_can_be_told_and_listed(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(page_size=1000)
    scripts = mixed_world(100, 0, 0)
    for script in scripts:
        emulator.add(script)
        emulator.truth(script.transcript_id)
    listed = client.get(f"{emulator.api_url}/api/v1/transcript/", headers={"Authorization": "demo-key"}).json()
    assert len(listed["results"]) == sum(script.end != "not_found" for script in scripts)


def test_the_same_seed_gives_the_same_bytes() -> None:
    # Variant 1 has no absolute times, which follow the clock.
    scripts = [replace(script, variant="1") for script in mixed_world(25, 0, 0)]
    told = []
    for _ in range(2):
        emulator = Emulator(EmulatorOptions(seed=1))
        told.append([emulator.truth(emulator.add(script)).transcript for script in scripts])
    assert told[0] == told[1]


def test_people_in_it_talk_plausibly() -> None:
    emulator = Emulator()
    script = next(s for s in mixed_world(50, 0, 0) if s.variant == "3" and s.end == "done" and not s.hostile)
    content = emulator.truth(emulator.add(script)).transcript
    assert content is not None
    elements = json.loads(content)
    texts = [" ".join(word["text"] for word in element["words"]) for element in elements]
    assert all(" " in element["participant"]["name"] for element in elements)
    assert not any("{" in text for text in texts)


def test_a_meeting_keeps_to_its_topic() -> None:
    emulator = Emulator()
    content = emulator.truth(emulator.add(Script(topic="incident", words=60, variant="1"))).transcript
    assert content is not None
    said = " ".join(word["text"] for element in json.loads(content) for word in element["words"])
    assert any(sentence.split(" {")[0] in said for sentence in TOPICS["incident"])
    with pytest.raises(ValueError, match="unknown topic"):
        emulator.add(Script(topic="weather"))
