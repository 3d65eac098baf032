"""The configuration object that an artifact shows under its provider key, in both flavours."""

import copy

from recall_emulator.configs.pass_through import PASS_THROUGH_CONFIGS
from recall_emulator.configs.seed import SEED_CONFIGS
from recall_emulator.documents import Json
from recall_emulator.scenario import Flavour

SEED_ASYNC_KEYS = (
    "assembly_ai_async", "deepgram_async", "gladia_v1_async", "gladia_v2_async", "rev_async", "speechmatics_async",
)  # fmt: skip
OAS_ASYNC_KEYS = (
    "assembly_ai_async", "deepgram_async", "gladia_v2_async", "rev_async", "speechmatics_async", "recallai_async",
    "google_speech_v2_async", "aws_transcribe_async", "elevenlabs_async",
)  # fmt: skip
PROVIDER_KEYS: tuple[str, ...] = tuple({**SEED_CONFIGS, **PASS_THROUGH_CONFIGS})
UNKNOWN_PROVIDER = "vendor_of_tomorrow_async"
"""A key that no document names, for a vendor that is still to come."""


def config_of(provider: str, flavour: Flavour) -> dict[str, Json]:
    """Return a configuration for a provider key; where a flavour never knew the key, the other flavour's."""
    first, second = SEED_CONFIGS, PASS_THROUGH_CONFIGS
    if flavour == "pass_through":
        first, second = second, first
    return copy.deepcopy(first.get(provider, second.get(provider, {"language": "en"})))
