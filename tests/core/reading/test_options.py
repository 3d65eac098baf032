"""The settings of every provider, in both flavours, under shared names."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recall_emulator.configs import PROVIDER_KEYS, config_of
from recall_emulator.configs.pass_through import PASS_THROUGH_CONFIGS
from recall_emulator.configs.seed import SEED_CONFIGS
from syncd.core.reading.options import Options, read_options
from syncd.core.reading.options.sources import ANYBODY, VENDOR_SETTINGS, Sources, sources_of
from tests.core.reading.strategies import JSON, TEXT, shaped_like
from tests.core.samples import PROVIDERS, only

DOCUMENT = Path(__file__).parents[3] / "docs" / "transcription-options.md"
Said = dict[str, Any]

# What each config of the emulator says, written by hand from the reference; what is not here is not said.
CHUNKED: Said = {
    "language": "en_us", "has_language_detection": False, "model": "universal", "has_diarization": True,
    "speakers_expected": 3, "has_punctuation": True, "has_profanity_filter": False, "has_pii_redaction": False,
    "pii_policies": (), "vocabulary_size": 2,
}  # fmt: skip
DEEPGRAM: Said = {
    "flavour": "seed", "language": "en", "model": "nova-3", "has_diarization": True, "has_punctuation": True,
    "has_profanity_filter": False, "has_pii_redaction": False, "pii_policies": (), "vocabulary_size": 1,
}  # fmt: skip
SEED: dict[str, Said] = {
    "assembly_ai_async": CHUNKED | {"flavour": "seed"},
    "assembly_ai_async_chunked": CHUNKED,
    "assembly_ai_streaming": {"flavour": "seed", "vocabulary_size": 1},
    "deepgram_async": DEEPGRAM | {"has_language_detection": False},
    "deepgram_streaming": DEEPGRAM,
    "gladia_v1_async": {
        "flavour": "seed", "language": "english", "has_language_detection": True, "has_diarization": True,
        "speakers_expected": 3,
    },
    "gladia_v1_streaming": {
        "flavour": "seed", "language": "english", "has_language_detection": False, "model": "accurate",
    },
    "gladia_v2_async": {
        "flavour": "seed", "language": "en", "languages": ("en", "de"), "has_language_detection": True,
        "has_diarization": True, "speakers_expected": 3, "has_punctuation": True, "vocabulary_size": 1,
    },
    "gladia_v2_streaming": {"flavour": "seed", "language": "en", "model": "solaria-1", "vocabulary_size": 1},
    "rev_async": {
        "language": "en", "has_language_detection": False, "has_diarization": True, "has_punctuation": True,
        "has_profanity_filter": False, "vocabulary_size": 1,
    },
    "rev_streaming": {
        "language": "en", "model": "machine_v2", "has_diarization": True, "has_profanity_filter": False,
    },
    "speechmatics_async": {
        "flavour": "seed", "language": "auto", "languages": ("en", "de"), "has_language_detection": True,
        "model": "enhanced", "vocabulary_size": 1,
    },
    "speechmatics_streaming": {
        "language": "en", "model": "enhanced", "has_diarization": True, "speakers_expected": 8,
        "has_punctuation": True, "vocabulary_size": 1,
    },
    "aws_transcribe_streaming": {
        "flavour": "seed", "language": "en-US", "languages": ("en-US", "de-DE"), "has_language_detection": False,
        "model": "meetings", "has_diarization": True, "has_pii_redaction": True, "pii_policies": ("PHONE",),
    },
    "meeting_captions": {},
}  # fmt: skip
PASS_THROUGH: dict[str, Said] = {
    "recallai_async": {"language": "en_us", "has_profanity_filter": False, "vocabulary_size": 1},
    "recallai_streaming": {
        "language": "auto", "has_language_detection": True, "has_profanity_filter": False, "vocabulary_size": 1,
    },
    "assembly_ai_async": {"has_language_detection": True, "model": "universal", "has_diarization": True},
    "assembly_ai_async_chunked": {"flavour": None, "language": "en"},
    "assembly_ai_v3_streaming": {
        "language": "en", "has_language_detection": False, "model": "universal-streaming-english",
        "has_punctuation": True, "vocabulary_size": 1,
    },
    "deepgram_async": {
        "languages": ("en", "de"), "has_language_detection": True, "model": "nova-3", "has_diarization": True,
        "has_pii_redaction": True, "pii_policies": ("pci",), "vocabulary_size": 1,
    },
    "deepgram_streaming": {"language": "en", "model": "nova-3", "has_diarization": True, "has_punctuation": True},
    "gladia_v2_async": {"language": "en", "has_diarization": True, "vocabulary_size": 2},
    "gladia_v2_streaming": {"language": "en", "model": "solaria-1", "vocabulary_size": 0},
    "rev_async": {"language": "en", "model": "0", "speakers_expected": 3},
    "rev_streaming": {"language": "en", "model": "machine"},
    "speechmatics_async": {
        "language": "en", "languages": ("en", "de"), "model": "enhanced", "has_diarization": True,
        "vocabulary_size": 1,
    },
    "speechmatics_streaming": {
        "language": "en", "model": "enhanced", "has_diarization": True, "vocabulary_size": 1,
    },
    "google_speech_v2_async": {
        "languages": ("en-US", "de-DE"), "model": "long", "has_diarization": True, "speakers_expected": 6,
        "vocabulary_size": 1,
    },
    "aws_transcribe_async": {
        "language": "en-US", "has_diarization": True, "speakers_expected": 4, "has_pii_redaction": True,
    },
    "aws_transcribe_streaming": {"languages": ("en-US", "de-DE"), "has_language_detection": True},
    "elevenlabs_async": {
        "language": "en", "model": "scribe_v2", "has_diarization": True, "speakers_expected": 3, "vocabulary_size": 1,
    },
    "elevenlabs_streaming": {"language": "en", "model": "scribe_v2_realtime"},
    "meeting_captions": {},
    "zoom_rtms": {},
}  # fmt: skip

# Shapes of the reference that no config of the emulator has.
SHAPES: list[tuple[str, Any, Said]] = [
    ("assembly_ai_async", {"redact_pii": True, "redact_pii_policies": ["person_name", "phone_number"]},
     {"has_pii_redaction": True, "pii_policies": ("person_name", "phone_number")}),
    ("assembly_ai_async", {"word_boost": ["a", "b"], "keyterms_prompt": ["c"]}, {"vocabulary_size": 3}),
    ("assembly_ai_async", {"language_code": None, "language": "en"}, {"flavour": "seed", "language": "en"}),
    ("assembly_ai_async", {"speakers_expected": 0, "punctuate": None}, {}),
    ("assembly_ai_v3_streaming", {"language_detection": "true", "format_turns": "false"},
     {"flavour": "pass_through", "has_language_detection": True, "has_punctuation": False}),
    ("deepgram_async", {"detect_language": True, "redact": True, "tag": True},
     {"flavour": "pass_through", "has_language_detection": True, "has_pii_redaction": True}),
    ("deepgram_async", {"redact": ["pci", "numbers"], "keywords": ["a:1"], "keyterm": ["b", "c"], "summarize": "v2"},
     {"flavour": "pass_through", "has_pii_redaction": True, "pii_policies": ("pci", "numbers"),
      "vocabulary_size": 3}),
    ("deepgram_async", {"smart_format": True, "punctuate": False}, {"has_punctuation": True}),
    ("deepgram_async", {"smart_format": False}, {}),
    ("deepgram_async", {"smart_format": False, "punctuate": False}, {"has_punctuation": False}),
    ("deepgram_streaming", {"diarize": "false", "profanity_filter": "true", "punctuate": "false"},
     {"flavour": "pass_through", "has_diarization": False, "has_profanity_filter": True, "has_punctuation": False}),
    ("deepgram_streaming", {"diarize": "false", "punctuate": True},
     {"has_diarization": False, "has_punctuation": True}),  # signs of both flavours
    ("gladia_v1_async", {"toggle_diarization": "false", "diarization_max_speakers": 5},
     {"flavour": "seed", "has_diarization": False, "speakers_expected": 5}),
    ("gladia_v2_async", {"custom_vocabulary": False, "custom_vocabulary_config": {"vocabulary": ["a"]}},
     {"flavour": "pass_through", "vocabulary_size": 0}),
    ("gladia_v2_async", {"custom_vocabulary": "true"}, {"flavour": "seed"}),
    ("gladia_v2_async", {"custom_vocabulary": "a, b"}, {"flavour": "seed", "vocabulary_size": 2}),
    ("gladia_v2_async", {"punctuation_enhanced": False}, {}),
    ("gladia_v2_streaming",
     {"realtime_processing": {"custom_vocabulary": True, "custom_vocabulary_config": {"vocabulary": ["a", "b"]}}},
     {"flavour": "pass_through", "vocabulary_size": 2}),
    ("rev_async", {"skip_diarization": True, "skip_punctuation": True, "enable_redaction": True},
     {"flavour": "pass_through", "has_diarization": False, "has_punctuation": False, "has_pii_redaction": True}),
    ("rev_async", {"skip_postprocessing": True, "skip_punctuation": False}, {"has_punctuation": False}),
    ("rev_async", {"custom_vocabularies": [{"phrases": ["a", "b"]}, {"phrases": ["c"]}]}, {"vocabulary_size": 3}),
    ("rev_async", {"transcriber": 17}, {"flavour": "pass_through", "model": "17"}),
    ("speechmatics_async", {"transcription_config": {"diarization": "none", "language": "auto"}},
     {"flavour": "pass_through", "language": "auto", "has_language_detection": True, "has_diarization": False}),
    ("speechmatics_streaming", {"punctuation_overrides": {"permitted_marks": []}}, {"has_punctuation": False}),
    ("speechmatics_async",
     {"transcription_config": {"punctuation_overrides": {"permitted_marks": ["all"]},
                               "speaker_diarization_config": {"max_speakers": 4}}},
     {"flavour": "pass_through", "speakers_expected": 4, "has_punctuation": True}),
    ("google_speech_v2_async",
     {"config": {"languageCodes": ["auto"],
                 "features": {"enableAutomaticPunctuation": True, "profanityFilter": False}}},
     {"flavour": "pass_through", "language": "auto", "has_language_detection": True, "has_punctuation": True,
      "has_profanity_filter": False}),
    ("aws_transcribe_async",
     {"IdentifyLanguage": False, "IdentifyMultipleLanguages": True, "LanguageOptions": ["en-US", "fr-FR"],
      "ModelSettings": {"LanguageModelName": "meetings"}, "ContentRedaction": {"PiiEntityTypes": ["NAME", "EMAIL"]}},
     {"flavour": "pass_through", "languages": ("en-US", "fr-FR"), "has_language_detection": True, "model": "meetings",
      "pii_policies": ("NAME", "EMAIL")}),
    ("meeting_captions", {"language_code": "fr-FR"}, {"flavour": "pass_through", "language": "fr-FR"}),
    ("soniox_async", {"model": "stt-async", "language_hints": ["en", "de"], "keyterms": ["a"]},
     {"languages": ("en", "de"), "model": "stt-async", "vocabulary_size": 1}),
    ("somebody_async", {"language_code": "auto", "diarize": "true", "redact_pii": False, "punctuate": "false"},
     {"language": "auto", "has_language_detection": True, "has_diarization": True, "has_pii_redaction": False,
      "has_punctuation": False}),
    # a vendor's new key is read like its old ones
    ("assembly_ai_v4_streaming", {"speech_model": "next"}, {"model": "next"}),
]  # fmt: skip


@pytest.mark.parametrize("provider", SEED_CONFIGS)
def test_the_seed_flavour_says(provider: str) -> None:
    assert read_options(provider, config_of(provider, "seed"), None) == Options(**SEED[provider])


@pytest.mark.parametrize("provider", PASS_THROUGH_CONFIGS)
def test_the_pass_through_flavour_says(provider: str) -> None:
    said: Said = {"flavour": "pass_through"} | PASS_THROUGH[provider]
    assert read_options(provider, config_of(provider, "pass_through"), None) == Options(**said)


@pytest.mark.parametrize(("provider", "config", "said"), SHAPES)
def test_a_shape_of_the_reference_says(provider: str, config: Any, said: Said) -> None:
    assert read_options(provider, config, None) == Options(**said)


def test_each_of_the_23_keys_has_a_home() -> None:
    shared = {key for key in PROVIDER_KEYS if sources_of(key) is ANYBODY}
    assert len(PROVIDER_KEYS) == 23
    assert shared == {"meeting_captions", "zoom_rtms"}  # one has a language, the other nothing at all


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_settings_of_the_page_are_read(provider: str) -> None:
    config = only(provider)["provider"][provider]
    said = set(read_options(provider, config, None).document()) - {"flavour"}
    assert bool(said) == bool(config)  # meeting captions have none


def test_every_source_of_a_vendor_is_a_setting_that_a_config_or_a_shape_has() -> None:
    given_configs = [(key, config) for known in (SEED_CONFIGS, PASS_THROUGH_CONFIGS) for key, config in known.items()]
    given_configs += [(provider, config) for provider, config, _ in SHAPES]
    given_configs += [(provider, only(provider)["provider"][provider]) for provider in PROVIDERS]
    unseen = set()
    for vendor, sources in VENDOR_SETTINGS.items():
        configs = [config for key, config in given_configs if key.startswith(vendor)]
        unseen |= {path for path in paths_of(sources) if not any(stands_in(config, path) for config in configs)}
    assert unseen == set()


def paths_of(sources: Sources) -> set[str]:
    return {path for row in sources.values() for source in row for path in source.paths}


def stands_in(config: Any, path: str) -> bool:
    for name in path.split("."):
        if not isinstance(config, dict) or name not in config:
            return False
        config = config[name]
    return True


def test_the_page_names_every_source_in_its_place() -> None:
    """docs/transcription-options.md and the tables are the same, cell by cell."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1:-1] for line in lines if line.startswith("|")]
    header = [cell.strip(" `") for cell in rows[0]]
    documented = {
        row[0].strip(" `"): {
            field: set(re.findall(r"`([^`]+)`", cell)) for field, cell in zip(header[1:], row[1:], strict=True)
        }
        for row in rows[2:]
    }
    expected = {
        f"{vendor}*": {
            field: {path for source in sources.get(field, ()) for path in source.paths} for field in header[1:]
        }
        for vendor, sources in (VENDOR_SETTINGS | {"": ANYBODY}).items()
    }
    assert documented == expected
    assert header[1:] == list(ANYBODY)


def test_separate_streams_are_recalls_own_setting() -> None:
    assert read_options("rev_async", {}, True).has_separate_streams is True
    assert read_options(None, None, False) == Options(has_separate_streams=False)


def test_a_document_holds_what_was_said() -> None:
    said = read_options("recallai_streaming", {"language_code": "auto", "key_terms": []}, None)
    assert said.document() == {
        "flavour": "pass_through", "language": "auto", "has_language_detection": True, "vocabulary_size": 0,
    }  # fmt: skip
    assert Options().document() == {}


SETTINGS = {path.split(".")[0]: JSON for sources in VENDOR_SETTINGS.values() for path in paths_of(sources)}


@given(st.sampled_from(PROVIDER_KEYS) | TEXT, shaped_like(SETTINGS), st.none() | st.booleans())
def test_any_json_can_be_read(provider: str, config: Any, has_separate_streams: bool | None) -> None:
    said = read_options(provider, config, has_separate_streams)
    assert said.speakers_expected is None or 1 <= said.speakers_expected < 2**31
    assert said.vocabulary_size is None or said.vocabulary_size >= 0
    assert said.languages is None or len(said.languages) > 1


@given(st.sampled_from(PROVIDER_KEYS), st.data())
def test_any_value_under_a_known_name_can_be_read(provider: str, data: st.DataObject) -> None:
    config: dict[str, Any] = {}
    for path in sorted(paths_of(sources_of(provider))):
        *parents, name = path.split(".")
        inner = config
        for parent in parents:
            inner = inner.setdefault(parent, {})
            if not isinstance(inner, dict):
                break
        else:
            inner[name] = data.draw(JSON)
    assert isinstance(read_options(provider, config, None), Options)
