from datetime import timedelta

import pytest

from syncd.core.polling.provider import give_up_after, is_live
from tests.core.samples import PROVIDERS

# All keys that the Retrieve Transcript page and newer definitions of the API name.
ASYNC_PROVIDERS = (
    "assembly_ai_async",
    "deepgram_async",
    "gladia_v1_async",
    "gladia_v2_async",
    "rev_async",
    "speechmatics_async",
    "recallai_async",
    "google_speech_v2_async",
    "aws_transcribe_async",
    "elevenlabs_async",
)
LIVE_PROVIDERS = (
    "assembly_ai_async_chunked",
    "assembly_ai_streaming",
    "assembly_ai_v3_streaming",
    "recallai_streaming",
    "deepgram_streaming",
    "gladia_v1_streaming",
    "gladia_v2_streaming",
    "rev_streaming",
    "aws_transcribe_streaming",
    "speechmatics_streaming",
    "elevenlabs_streaming",
    "meeting_captions",
    "zoom_rtms",
)


@pytest.mark.parametrize("provider", ASYNC_PROVIDERS)
def test_these_begin_after_the_meeting(provider: str) -> None:
    assert not is_live(provider)


@pytest.mark.parametrize("provider", LIVE_PROVIDERS)
def test_these_last_as_long_as_the_meeting(provider: str) -> None:
    assert is_live(provider)


@pytest.mark.parametrize(
    ("provider", "live"),
    [(None, True), ("brand_new", True), ("brand_new_async", False), ("brand_new_streaming", True)],
)
def test_an_unknown_provider_is_judged_by_its_name(provider: str | None, live: bool) -> None:
    assert is_live(provider) == live


def test_every_documented_provider_is_known() -> None:
    assert set(PROVIDERS) <= {*ASYNC_PROVIDERS, *LIVE_PROVIDERS}
    assert not set(ASYNC_PROVIDERS) & set(LIVE_PROVIDERS)


@pytest.mark.parametrize(
    ("provider", "days"),
    [
        ("rev_async", 7),
        ("google_speech_v2_async", 3),
        ("aws_transcribe_async", 3),
        ("deepgram_async", 2),
        ("brand_new_async", 2),
        ("meeting_captions", 2),
        (None, 2),
    ],
)
def test_each_provider_is_given_its_time(provider: str | None, days: int) -> None:
    assert give_up_after(provider) == timedelta(days=days)
