"""Where each provider says what: a table for each vendor. docs/transcription-options.md shows the same."""

from collections.abc import Callable
from dataclasses import dataclass

from syncd.core.reading.document import Json
from syncd.core.reading.options import coercion as to
from syncd.core.reading.values import child, flag, positive_integer, setting_name, setting_names


@dataclass(frozen=True, slots=True)
class Source:
    """Settings that may say one thing, and how to read what stands there. The first that says something counts."""

    read: Callable[[Json], Json]
    paths: tuple[str, ...]

    def answer(self, config: Json) -> Json:
        """What the settings say; None for nothing."""
        found = (child(config, *path.split(".")) for path in self.paths)
        said = [answer for value in found if (answer := self.read(value)) is not None]
        if not said:
            return None
        return sum(said) if self.read is to.count else said[0]


Sources = dict[str, tuple[Source, ...]]


def sources_of(provider: str) -> Sources:
    """The table for a provider key; one that nobody knows is asked by the names that most of them use."""
    return next((sources for vendor, sources in VENDOR_SETTINGS.items() if provider.startswith(vendor)), ANYBODY)


def _say(read: Callable[[Json], Json], *paths: str) -> tuple[Source, ...]:
    return (Source(read, paths),)


def _any(*paths: str) -> tuple[Source, ...]:
    """Flags of which one that is set is enough."""
    return _say(to.yes, *paths) + _say(flag, *paths)


def _below(parent: str, sources: Sources) -> Sources:
    """The same settings one level down, where they were not said above."""
    inner = {
        name: tuple(Source(source.read, tuple(f"{parent}.{path}" for path in source.paths)) for source in rows)
        for name, rows in sources.items()
    }
    return {name: rows + inner[name] for name, rows in sources.items()}


_GLADIA_LISTS = ("language_config.languages", "languages", "code_switching_config.languages")
_GLADIA_VOCABULARIES = ("custom_vocabulary", "realtime_processing.custom_vocabulary")
_SPEECHMATICS = _below(
    "transcription_config",
    {
        "language": _say(setting_name, "language"),
        "has_language_detection": _say(to.automatic, "language"),
        "model": _say(setting_name, "operating_point"),
        "has_diarization": _say(to.chosen, "diarization"),
        "speakers_expected": _say(positive_integer, "speaker_diarization_config.max_speakers"),
        "has_punctuation": _say(to.chosen, "punctuation_overrides.permitted_marks"),
        "vocabulary_size": _say(to.count, "additional_vocab"),
    },
)

VENDOR_SETTINGS: dict[str, Sources] = {
    "assembly_ai_": {
        "language": _say(setting_name, "language_code", "language"),
        "has_language_detection": _say(flag, "language_detection"),
        "model": _say(setting_name, "speech_model"),
        "has_diarization": _say(flag, "speaker_labels"),
        "speakers_expected": _say(positive_integer, "speakers_expected"),
        "has_punctuation": _say(flag, "punctuate", "format_turns"),
        "has_profanity_filter": _say(flag, "filter_profanity"),
        "has_pii_redaction": _say(flag, "redact_pii"),
        "pii_policies": _say(setting_names, "redact_pii_policies"),
        "vocabulary_size": _say(to.count, "word_boost", "keyterms_prompt"),
    },
    "deepgram_": {
        "language": _say(setting_name, "language"),
        "languages": _say(to.several, "detect_language"),
        "has_language_detection": _say(to.chosen, "detect_language"),
        "model": _say(setting_name, "model"),
        "has_diarization": _say(flag, "diarize"),
        # smart formatting punctuates, whatever the other flag says; without it the other flag decides
        "has_punctuation": _say(to.yes, "smart_format") + _say(flag, "punctuate"),
        "has_profanity_filter": _say(flag, "profanity_filter"),
        "has_pii_redaction": _say(to.chosen, "redact"),
        "pii_policies": _say(setting_names, "redact"),
        "vocabulary_size": _say(to.count, "keywords", "keyterm"),
    },
    "gladia_v1_": {
        "language": _say(setting_name, "language"),
        "has_language_detection": _say(to.behaviour, "language_behaviour"),
        "model": _say(setting_name, "model_type"),
        "has_diarization": _say(flag, "toggle_diarization"),
        "speakers_expected": _say(positive_integer, "diarization_num_speakers", "diarization_max_speakers"),
    },
    "gladia_v2_": {
        "language": _say(setting_name, "language") + _say(to.single, *_GLADIA_LISTS),
        "languages": _say(to.several, *_GLADIA_LISTS),
        "has_language_detection": _say(flag, "detect_language"),
        "model": _say(setting_name, "model"),
        "has_diarization": _say(flag, "diarization"),
        "speakers_expected": _say(
            positive_integer, "diarization_config.number_of_speakers", "diarization_config.max_speakers"
        ),
        # without the enhancement there is punctuation all the same
        "has_punctuation": _say(to.yes, "punctuation_enhanced"),
        "vocabulary_size": _say(to.switched_off, *_GLADIA_VOCABULARIES)
        + _say(to.count, *(f"{path}_config.vocabulary" for path in _GLADIA_VOCABULARIES))
        + _say(to.count, "custom_vocabulary"),
    },
    "rev_": {
        "language": _say(setting_name, "language"),
        "has_language_detection": _say(flag, "detect_language"),
        "model": _say(setting_name, "transcriber", "model"),
        "has_diarization": _say(to.negated, "skip_diarization") + _say(flag, "enable_speaker_switch"),
        "speakers_expected": _say(positive_integer, "speakers_count"),
        # punctuation is a part of postprocessing
        "has_punctuation": _say(to.no, "skip_postprocessing") + _say(to.negated, "skip_punctuation"),
        "has_profanity_filter": _say(flag, "filter_profanity"),
        "has_pii_redaction": _say(flag, "enable_redaction"),
        "vocabulary_size": _say(to.count, "custom_vocabularies"),
    },
    "speechmatics_": {
        **_SPEECHMATICS,
        "languages": _say(to.several, "language_identification_config.expected_languages"),
    },
    "recallai_": {
        "language": _say(setting_name, "language_code"),
        "has_language_detection": _say(to.automatic, "language_code"),
        "has_profanity_filter": _say(flag, "filter_profanity"),
        "vocabulary_size": _say(to.count, "key_terms"),
    },
    "google_speech_": {
        "language": _say(to.single, "config.languageCodes"),
        "languages": _say(to.several, "config.languageCodes"),
        "has_language_detection": _say(to.automatic, "config.languageCodes"),
        "model": _say(setting_name, "config.model"),
        "has_diarization": _say(to.present, "config.features.diarizationConfig"),
        "speakers_expected": _say(positive_integer, "config.features.diarizationConfig.maxSpeakerCount"),
        "has_punctuation": _say(flag, "config.features.enableAutomaticPunctuation"),
        "has_profanity_filter": _say(flag, "config.features.profanityFilter"),
        "vocabulary_size": _say(to.count, "config.adaptation.phraseSets"),
    },
    "aws_transcribe_": {
        "language": _say(setting_name, "language_code", "LanguageCode"),
        "languages": _say(to.several, "language_options", "LanguageOptions"),
        "has_language_detection": _any(
            "language_identification", "identify_language", "identify_multiple_languages",
            "IdentifyLanguage", "IdentifyMultipleLanguages",
        ),
        "model": _say(setting_name, "language_model_name", "ModelSettings.LanguageModelName"),
        "has_diarization": _say(flag, "show_speaker_label", "Settings.ShowSpeakerLabels"),
        "speakers_expected": _say(positive_integer, "Settings.MaxSpeakerLabels"),
        "has_pii_redaction": _say(to.chosen, "content_redaction_type", "ContentRedaction.RedactionType"),
        "pii_policies": _say(setting_names, "pii_entity_types", "ContentRedaction.PiiEntityTypes"),
    },
    "elevenlabs_": {
        "language": _say(setting_name, "language_code"),
        "model": _say(setting_name, "model_id"),
        "has_diarization": _say(flag, "diarize"),
        "speakers_expected": _say(positive_integer, "num_speakers"),
        "vocabulary_size": _say(to.count, "keyterms"),
    },
}  # fmt: skip

ANYBODY: Sources = {
    "language": _say(setting_name, "language_code", "language") + _say(to.single, "languages", "language_codes"),
    "languages": _say(to.several, "languages", "language_codes", "language_options", "language_hints"),
    "has_language_detection": _say(to.chosen, "language_detection", "detect_language", "identify_language")
    + _say(to.automatic, "language_code", "language"),
    "model": _say(setting_name, "model", "model_id", "speech_model"),
    "has_diarization": _say(to.chosen, "diarize", "diarization", "speaker_labels"),
    "speakers_expected": _say(positive_integer, "speakers_expected", "num_speakers", "max_speakers"),
    "has_punctuation": _say(flag, "punctuate", "punctuation"),
    "has_profanity_filter": _say(flag, "profanity_filter", "filter_profanity"),
    "has_pii_redaction": _say(to.chosen, "redact_pii", "pii_redaction", "redact"),
    "pii_policies": _say(setting_names, "redact_pii_policies", "pii_policies", "redact"),
    "vocabulary_size": _say(
        to.count, "key_terms", "keyterms", "keyterm", "keywords", "custom_vocabulary", "additional_vocab"
    ),
}
