"""Which reader reads which provider."""

from collections.abc import Callable
from types import MappingProxyType

from syncd.core.reading.vendors import (
    assembly,
    aws,
    captions,
    deepgram,
    elevenlabs,
    gladia,
    google,
    rev,
    speechmatics,
)
from syncd.core.reading.vendors.heard import Answer, Message

Reader = Callable[[Message], Answer]
"""Reads one message; None where it is not one of its vendor. Never raises."""

_VENDORS: tuple[tuple[str, Reader], ...] = (
    ("deepgram", deepgram.read),
    ("assembly_ai", assembly.read),
    ("aws_transcribe", aws.read),
    ("google_speech", google.read),
    ("rev", rev.read),
    ("speechmatics", speechmatics.read),
    ("gladia", gladia.read),
    ("elevenlabs", elevenlabs.read),
)
_WITHOUT_VENDOR: MappingProxyType[str, tuple[Reader, ...]] = MappingProxyType(
    {
        "meeting_captions": (captions.read,),
        "zoom_rtms": (captions.read,),
        # undocumented; their settings mirror those of AssemblyAI
        "recallai_async": (assembly.read, captions.read),
        "recallai_streaming": (assembly.read, captions.read),
    }
)


def readers(provider: str | None) -> tuple[Reader, ...]:
    """The provider's own reader, then those of the others: a message is read by the first that knows its shape."""
    key = provider or ""
    own = _WITHOUT_VENDOR.get(key) or tuple(read for vendor, read in _VENDORS if key.startswith(vendor))
    return own + tuple(read for _, read in _VENDORS if read not in own)
