"""The transcripts of the demo: a morning of meetings, most of which go well."""

from dataclasses import replace
from random import Random
from uuid import UUID

from recall_emulator import Scenario

PROVIDERS = (
    "deepgram_async",
    "assembly_ai_async",
    "recallai_async",
    "gladia_v2_async",
    "speechmatics_async",
    "rev_async",
    "aws_transcribe_streaming",
    "meeting_captions",
    "elevenlabs_async",
    "google_speech_v2_async",
)
MEETING_TOPICS = ("renewal", "launch", "incident", "hiring", "interview")
TEAMS = {"renewal": "sales", "launch": "product", "incident": "platform", "hiring": "people", "interview": "product"}
MEETING_COUNT = 36
FINISHED_COUNT = 12
"""How many are finished before the demo begins."""
LATEST_S = 18.0
"""When the last one finishes, seconds after the start."""


def morning(seed: int) -> list[Scenario]:
    """The transcripts of the demo; the same seed gives the same meetings."""
    rng = Random(seed)  # noqa: S311  a story, not a secret
    scenarios = [_meeting(rng, number) for number in range(MEETING_COUNT)]
    scenarios[5] = replace(scenarios[5], is_empty=True)
    scenarios[8] = replace(scenarios[8], recording_id=scenarios[6].recording_id)  # transcribed by two providers
    scenarios[17] = replace(scenarios[17], end="failed", sub_code="zoom_host_disabled_meeting_captions")
    scenarios[23] = replace(scenarios[23], end="failed", sub_code="provider_connection_failed")
    scenarios[29] = replace(scenarios[29], end="deleted")
    return scenarios


def _meeting(rng: Random, number: int) -> Scenario:
    is_finished = number < FINISHED_COUNT
    topic = MEETING_TOPICS[number % len(MEETING_TOPICS)]
    age_s = rng.uniform(120.0, 3600.0) if is_finished else rng.uniform(0.0, 60.0)
    rest_s = -rng.uniform(1.0, 60.0) if is_finished else rng.uniform(1.0, LATEST_S)
    return Scenario(
        transcript_id=UUID(int=rng.getrandbits(128), version=4),
        recording_id=UUID(int=rng.getrandbits(128), version=4),
        created=-age_s,
        finishes_after=age_s + rest_s,
        provider=PROVIDERS[number % len(PROVIDERS)],
        topic=topic,
        metadata={"title": f"{topic.capitalize()} {number + 1}", "team": TEAMS[topic]},
        words=rng.choice((150, 400, 900, 2500)),
        speakers=rng.randint(2, 5),
        has_provider_data=number % 10 != 7,
        seed=rng.getrandbits(32),
    )
