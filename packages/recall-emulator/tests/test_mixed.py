import json
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from recall_emulator import PROVIDER_KEYS, Emulator, EmulatorOptions, Scenario, mixed_scenarios
from recall_emulator.corpus import TOPICS

Emulate = Callable[..., Emulator]


def test_fifty_scenarios_cover_every_provider_variant_and_end() -> None:
    scenarios = mixed_scenarios(50, 10, 0)
    assert {scenario.provider for scenario in scenarios} >= set(PROVIDER_KEYS) | {"vendor_of_tomorrow_async"}
    assert {scenario.variant for scenario in scenarios} == {"L", "1", "2", "3", "mixed"}
    assert {scenario.flavour for scenario in scenarios} == {"seed", "pass_through"}
    assert {scenario.end for scenario in scenarios} == {"done", "failed", "deleted", "not_found", "quarantined"}
    assert any(scenario.is_empty for scenario in scenarios)
    assert any(scenario.finishes_after is None for scenario in scenarios)
    assert any(scenario.deleted_after is not None for scenario in scenarios)
    assert any(scenario.hostile == "nul" for scenario in scenarios)
    assert any(not scenario.has_provider_data for scenario in scenarios)


def test_they_finish_within_the_time_asked_for() -> None:
    ends = [s.created + s.finishes_after for s in mixed_scenarios(60, 10, 0) if s.finishes_after is not None]
    assert all(0 <= end <= 10.001 for end in ends)
    assert max(ends) > 5


def test_the_same_seed_gives_the_same_scenarios() -> None:
    assert mixed_scenarios(50, 10, 3) == mixed_scenarios(50, 10, 3)
    assert mixed_scenarios(50, 10, 3) != mixed_scenarios(50, 10, 4)


def test_fewer_are_the_beginning_of_more() -> None:
    assert mixed_scenarios(50, 10, 3)[:20] == mixed_scenarios(20, 10, 3)


def test_every_one_of_them_can_be_made_and_listed(emulate: Emulate, client: httpx.Client) -> None:
    emulator = emulate(page_size=1000)
    scenarios = mixed_scenarios(100, 0, 0)
    for scenario in scenarios:
        emulator.add(scenario)
        emulator.expected(scenario.transcript_id)
    listed = client.get(f"{emulator.api_url}/api/v1/transcript/", headers={"Authorization": "demo-key"}).json()
    assert len(listed["results"]) == sum(scenario.end != "not_found" for scenario in scenarios)


def test_the_same_seed_gives_the_same_bytes() -> None:
    # Variant 1 has no absolute times, which follow the clock.
    scenarios = [replace(scenario, variant="1") for scenario in mixed_scenarios(25, 0, 0)]
    contents = []
    for _ in range(2):
        emulator = Emulator(EmulatorOptions(seed=1))
        contents.append([emulator.expected(emulator.add(scenario)).transcript for scenario in scenarios])
    assert contents[0] == contents[1]


def test_people_in_it_talk_plausibly() -> None:
    emulator = Emulator()
    scenario = next(s for s in mixed_scenarios(50, 0, 0) if s.variant == "3" and s.end == "done" and not s.hostile)
    content = emulator.expected(emulator.add(scenario)).transcript
    assert content is not None
    elements = json.loads(content)
    texts = [" ".join(word["text"] for word in element["words"]) for element in elements]
    assert all(" " in element["participant"]["name"] for element in elements)
    assert not any("{" in text for text in texts)


def test_a_meeting_keeps_to_its_topic() -> None:
    emulator = Emulator()
    content = emulator.expected(emulator.add(Scenario(topic="incident", words=60, variant="1"))).transcript
    assert content is not None
    said = " ".join(word["text"] for element in json.loads(content) for word in element["words"])
    assert any(sentence.split(" {")[0] in said for sentence in TOPICS["incident"])
    with pytest.raises(ValueError, match="topic must be one of renewal"):
        emulator.add(Scenario(topic="weather"))
