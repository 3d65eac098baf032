"""Which reader reads which provider."""

from collections.abc import Callable
from types import MappingProxyType

import msgspec

from syncd.core.reading.vendors import (
    assembly,
    aws,
    aws_live,
    captions,
    deepgram,
    deepgram_typed,
    elevenlabs,
    gladia,
    google,
    rev,
    speechmatics,
)
from syncd.core.reading.vendors.heard import Answer, Message

Reader = Callable[[Message], Answer]
"""Reads one message; None where it is not one of its vendor. Never raises."""

TypedReader = Callable[[msgspec.Raw], Answer]
"""Reads a message in its envelope, JSON text without secrets; None for all but the usual shape. Never raises."""

_VENDORS: tuple[tuple[str, Reader], ...] = (
    ("deepgram", deepgram.read_message),
    ("assembly_ai", assembly.read_message),
    ("aws_transcribe", aws.read_message),
    ("google_speech", google.read_message),
    ("rev", rev.read_message),
    ("speechmatics", speechmatics.read_message),
    ("gladia", gladia.read_message),
    ("elevenlabs", elevenlabs.read_message),
)
_WITHOUT_VENDOR: MappingProxyType[str, tuple[Reader, ...]] = MappingProxyType(
    {
        "meeting_captions": (captions.read_message,),
        "zoom_rtms": (captions.read_message,),
        # undocumented; their settings mirror those of AssemblyAI
        "recallai_async": (assembly.read_message, captions.read_message),
        "recallai_streaming": (assembly.read_message, captions.read_message),
    }
)


_TYPED: tuple[tuple[str, TypedReader], ...] = (
    ("aws_transcribe_streaming", aws_live.read_live),
    ("deepgram", deepgram_typed.read_typed),
)


def typed_reader(provider: str | None) -> TypedReader | None:
    """The provider's reader of messages by their types, if it has one."""
    return next((read for vendor, read in _TYPED if (provider or "").startswith(vendor)), None)


def readers(provider: str | None) -> tuple[Reader, ...]:
    """The provider's own reader, then those of the others: a message is read by the first that knows its shape."""
    key = provider or ""
    own = _WITHOUT_VENDOR.get(key) or tuple(read for vendor, read in _VENDORS if key.startswith(vendor))
    return own + tuple(read for _, read in _VENDORS if read not in own)
