"""Transcription providers, as far as they decide when to look. Their settings and files stay opaque here.

The keys are those of the Retrieve Transcript page and of newer API definitions. Recall adds keys over time, so an
unknown one is stored like any other and treated by its name: `*_async` begins after the meeting, everything
else exists from the meeting's start.
"""

from datetime import timedelta

_HOUR = timedelta(hours=1)
# Generous on purpose: the slowest finish on record, several times over. A transcript given up too early is lost.
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
