"""Scenarios with something of everything, for demos and tests."""

from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import Any

from recall_emulator import corpus
from recall_emulator.configs import PROVIDER_KEYS, UNKNOWN_PROVIDER
from recall_emulator.meeting import filled
from recall_emulator.scenario import Flavour, Scenario, Variant
from recall_emulator.seeded import seeded_random, seeded_uuid

_OLDEST_SECONDS = 600.0
_VARIANTS: tuple[Variant, ...] = ("3", "2", "3", "1", "mixed", "3", "L")
_FLAVOURS: tuple[Flavour, ...] = ("seed", "pass_through")

# Every second transcript is an ordinary one; the others go through these in turn.
_VARIATIONS: tuple[MappingProxyType[str, Any], ...] = tuple(  # fields of a Scenario, each of its own type
    MappingProxyType(variation)
    for variation in (
        {"end": "failed", "sub_code": "provider_connection_failed"},
        {"is_empty": True},
        {"has_separate_streams": True},
        {"end": "not_found"},
        {"deleted_after": 10.0},
        {"has_provider_data": False},
        {"artifact": "oas"},
        {"artifact": "extra"},
        {"hostile": "nul"},
        {"provider": UNKNOWN_PROVIDER},
        {"finishes_after": None},
        {"download_link_delay": 2.0},
        {"end": "deleted"},
        {"hostile": "cjk_rtl_emoji"},
        {"end": "quarantined"},
        {"metadata": None},
        {"hostile": "null_participant"},
        {"artifact": "two_keys"},
        {"end": "failed", "sub_code": "zoom_host_disabled_meeting_captions"},
        {"hostile": "not_json"},
        {"artifact": "unknown_key"},
        {"hostile": "machine_speakers"},
        {"hostile": "lone_surrogate"},
        {"artifact": "short_times"},
        {"hostile": "missing_times"},
    )
)


def mixed_scenarios(count: int, over_seconds: float, seed: int) -> list[Scenario]:
    """Return `count` scenarios of all kinds that finish within `over_seconds` of being added.

    All were created in the ten minutes before. From about fifty scenarios on, every provider key, payload variant,
    flavour and end is among them. The same seed gives the same scenarios, ids included.
    """
    return [_scenario(index, over_seconds, seed) for index in range(count)]


def _scenario(index: int, over_seconds: float, seed: int) -> Scenario:
    random = seeded_random("mixture", seed, index)
    topic = random.choice(sorted(corpus.TOPICS))
    age = round(random.uniform(1.0, _OLDEST_SECONDS), 3)
    plain = Scenario(
        transcript_id=seeded_uuid("mixture", seed, index),
        created=-age,
        finishes_after=round(age + random.uniform(0.0, over_seconds), 3),
        provider=PROVIDER_KEYS[index % len(PROVIDER_KEYS)],
        flavour=_FLAVOURS[(index // len(PROVIDER_KEYS) + index) % len(_FLAVOURS)],
        variant=_VARIANTS[index % len(_VARIANTS)],
        words=random.choice((60, 120, 250, 400, 700)),
        speakers=random.randint(2, 5),
        topic=topic,
        metadata=_metadata(random, topic),
        recording_metadata={"source": "calendar", "room": str(random.randint(1, 9))},
    )
    if index % 2 == 0:
        return plain
    return replace(plain, **_VARIATIONS[index // 2 % len(_VARIATIONS)])


def _metadata(random: Random, topic: str) -> dict[str, str]:
    title = filled(random, corpus.TITLES[topic])
    return {"title": title, "team": random.choice(("sales", "product", "platform", "people"))}
