"""What each vendor's own messages look like, by provider key. Keys without an entry have no messages."""

from collections.abc import Callable
from types import MappingProxyType

from recall_emulator.vendors import (
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
from recall_emulator.vendors.speech import Audio, Message

Vendor = Callable[[Audio], list[Message]]

VENDORS: MappingProxyType[str, Vendor] = MappingProxyType(
    {
        "assembly_ai_async": assembly.whole,
        "assembly_ai_async_chunked": assembly.chunked,
        "assembly_ai_streaming": assembly.streaming,
        "assembly_ai_v3_streaming": assembly.streaming_v3,
        "recallai_async": assembly.whole,
        "recallai_streaming": assembly.streaming_v3,
        "deepgram_async": deepgram.whole,
        "deepgram_streaming": deepgram.streaming,
        "gladia_v1_async": gladia.whole_v1,
        "gladia_v1_streaming": gladia.streaming_v1,
        "gladia_v2_async": gladia.whole_v2,
        "gladia_v2_streaming": gladia.streaming_v2,
        "rev_async": rev.whole,
        "rev_streaming": rev.streaming,
        "speechmatics_async": speechmatics.whole,
        "speechmatics_streaming": speechmatics.streaming,
        "aws_transcribe_async": aws.whole,
        "aws_transcribe_streaming": aws.streaming,
        "google_speech_v2_async": google.whole,
        "elevenlabs_async": elevenlabs.whole,
        "elevenlabs_streaming": elevenlabs.streaming,
        "meeting_captions": captions.events,
        "zoom_rtms": captions.nothing,
    }
)
