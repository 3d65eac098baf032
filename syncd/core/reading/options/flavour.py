"""Two flavours of settings: as Recall named them itself until July 2025, and as passed through to the provider."""

from enum import StrEnum

from syncd.core.reading.document import Json

__all__ = ["Flavour", "flavour_of"]


class Flavour(StrEnum):
    """Who named the settings."""

    SEED = "seed"
    PASS_THROUGH = "pass_through"  # noqa: S105 - a name, no password


_SEED_ONLY = {"assembly_ai_streaming", "gladia_v1_async", "gladia_v1_streaming"}
_PASS_THROUGH_ONLY = {
    "assembly_ai_v3_streaming", "aws_transcribe_async", "elevenlabs_async", "elevenlabs_streaming",
    "google_speech_v2_async", "recallai_async", "recallai_streaming", "zoom_rtms",
}  # fmt: skip

Signs = dict[str, type | tuple[type, ...]]


def _named(*keys: str) -> Signs:
    """Signs that need only be there, with any value."""
    return dict.fromkeys(keys, object)


_DEEPGRAM_FLAGS = (
    "punctuate", "filler_words", "profanity_filter", "diarize", "smart_format", "numerals", "interim_results",
    "ner", "log_data", "mip_opt_out",
)  # fmt: skip
# What only one of the flavours has: a name, or a type under a name that both have.
_SEED: dict[str, Signs] = {
    "assembly_ai_async": _named("language"),
    "deepgram_async": {"summarize": bool},
    "deepgram_streaming": dict.fromkeys(_DEEPGRAM_FLAGS, bool),
    "gladia_v2_async": {"custom_vocabulary": str},
    "gladia_v2_streaming": _named(
        "languages", "code_switching", "audio_enhancer", "speech_threshold", "custom_vocabulary",
        "custom_vocabulary_config", "sentiment_analysis",
    ),
    "speechmatics_async": _named(
        "language", "domain", "output_locale", "operating_point", "additional_vocab", "enable_entities"
    ),
    "aws_transcribe_streaming": _named("language_identification"),
}  # fmt: skip
_PASS_THROUGH: dict[str, Signs] = {
    "assembly_ai_async": _named(
        "multichannel", "prompt", "webhook_url", "webhook_auth_header_name", "webhook_auth_header_value"
    ),
    "deepgram_async": _named("callback", "utterances", "utt_split", "extra")
    | {"summarize": str, "detect_language": (list, str), "redact": (bool, str), "keywords": str, "tag": (list, str)},
    "deepgram_streaming": _named("dictation", "extra", "utterance_end_ms", "vad_events")
    | dict.fromkeys((*_DEEPGRAM_FLAGS, "endpointing"), str),
    "gladia_v2_async": _named("callback_url", "callback_config", "custom_metadata", "language_config")
    | {"custom_vocabulary": bool},
    "gladia_v2_streaming": _named(
        "language_config", "pre_processing", "realtime_processing", "post_processing", "messages_config",
        "callback_config",
    ),
    "rev_async": _named(
        "strict_custom_vocabulary", "add_data_labels", "enable_redaction", "speaker_channels_count", "speakers_count",
        "alternatives_count", "deletion_length_penalty", "chunk_size", "transcriber", "verbatim", "rush",
        "segments_to_transcribe", "test_mode", "speaker_names", "predict_topics", "top_nwords", "forced_alignment",
        "enable_fusion", "domain", "diarization_type", "summarization_config", "captions_config",
        "translation_config",
    ),
    "rev_streaming": _named("audio_options._rate", "audio_options._layout"),
    "speechmatics_async": _named(
        "transcription_config", "alignment_config", "tracking", "output_config", "translation_config",
        "summarization_config", "sentiment_analysis_config", "topic_detection_config", "auto_chapters_config",
        "audio_events_config",
    ),
    "speechmatics_streaming": _named("transcription_config"),
    "aws_transcribe_streaming": _named(
        "identify_language", "region", "enable_partial_results_stabilization", "content_identification_type",
        "vocabulary_filter_name",
    ),
    "meeting_captions": _named("language_code"),
}  # fmt: skip


def flavour_of(provider: str, config: Json) -> Flavour | None:
    """Which flavour it is; None where nothing tells, or signs of both are there."""
    is_seed = provider in _SEED_ONLY or _shows(config, _SEED.get(provider, {}))
    is_passed = provider in _PASS_THROUGH_ONLY or _shows(config, _PASS_THROUGH.get(provider, {}))
    if is_seed == is_passed:
        return None
    return Flavour.SEED if is_seed else Flavour.PASS_THROUGH


def _shows(config: Json, signs: Signs) -> bool:
    return isinstance(config, dict) and any(key in config and isinstance(config[key], signs[key]) for key in signs)
