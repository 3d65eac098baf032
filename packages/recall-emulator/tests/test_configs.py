import pytest

from recall_emulator.configs import PROVIDER_KEYS, config_of
from recall_emulator.configs.seed import SEED_CONFIGS

# The number of settings the reference page of June 2025 lists under each key.
SIZES = {
    "assembly_ai_async": 36,
    "deepgram_async": 22,
    "gladia_v1_async": 10,
    "gladia_v2_async": 27,
    "rev_async": 10,
    "speechmatics_async": 7,
    "assembly_ai_async_chunked": 22,
    "assembly_ai_streaming": 2,
    "deepgram_streaming": 22,
    "gladia_v1_streaming": 6,
    "gladia_v2_streaming": 11,
    "rev_streaming": 13,
    "aws_transcribe_streaming": 14,
    "speechmatics_streaming": 11,
    "meeting_captions": 0,
}


def test_the_seed_flavour_has_every_setting_of_the_reference_page() -> None:
    assert {key: len(config) for key, config in SEED_CONFIGS.items()} == SIZES


def test_there_are_23_known_provider_keys() -> None:
    assert len(PROVIDER_KEYS) == 23


@pytest.mark.parametrize("provider", ["deepgram_async", "rev_async", "aws_transcribe_streaming"])
def test_the_flavours_differ(provider: str) -> None:
    assert config_of(provider, "seed") != config_of(provider, "pass_through")


def test_a_config_is_a_copy() -> None:
    config_of("gladia_v2_async", "seed")["custom_vocabulary_config"].clear()
    assert config_of("gladia_v2_async", "seed")["custom_vocabulary_config"]
