"""Transcription providers, as far as they decide when to poll. Their settings and files stay opaque here.

Theory of operation: `*_async` providers begin after the meeting; of all others the transcript exists, unfinished,
from the start of the meeting. Recall adds keys over time, so an unknown one is stored like any other and treated by
its name.

Sources: keys from Recall's Retrieve Transcript page and API definitions (docs/recall-api.md).
Numbers: give-up times are the slowest finish on record, several times over, for a transcript given up too early is
lost.
"""

from datetime import timedelta

_HOUR = timedelta(hours=1)
_GIVE_UP = {
    "rev_async": 7 * 24 * _HOUR,  # humans may be writing it
    "google_speech_v2_async": 72 * _HOUR,  # dynamic batching may take a day
    "aws_transcribe_async": 72 * _HOUR,  # jobs may queue for a day
}
_GIVE_UP_ASYNC = 48 * _HOUR
_GIVE_UP_LIVE = 48 * _HOUR


def is_live(provider: str | None) -> bool:
    """Whether the transcript exists, unfinished, for as long as its meeting lasts."""
    return provider is None or not provider.endswith("_async")


def give_up_after(provider: str | None) -> timedelta:
    """How long after its creation a transcript may stay unfinished before it is called abandoned."""
    return _GIVE_UP.get(provider or "", _GIVE_UP_LIVE if is_live(provider) else _GIVE_UP_ASYNC)
