"""The views over what the providers were told, and what they heard."""

from syncd.db.tables.descriptions.description import Description

PROVIDERS_VIEWS: dict[str, Description] = {
    "recall.transcription_options": Description(
        "What the provider of each transcript was told, under names that all providers share. Null: its settings do "
        "not say; no default is guessed.",
        {
            "transcript_id": "The transcript.",
            "provider": "The provider key.",
            "flavour": "seed: settings named by Recall, as until July 2025; pass_through: by the provider.",
            "language": "Language of the recording, as the provider names it; auto where it says so.",
            "languages": "Languages to choose from, where more than one was named.",
            "has_language_detection": "Whether the provider was to find out the language.",
            "model": "The model, as the provider names it.",
            "has_diarization": "Whether the provider was to tell speakers apart by their voices.",
            "speakers_expected": "How many speakers to expect; a maximum where the provider knows no other number.",
            "has_punctuation": "Whether it was to punctuate.",
            "has_profanity_filter": "Whether it was to mask profanity.",
            "has_pii_redaction": "Whether it was to redact personal data.",
            "pii_policies": "Which kinds of personal data, as the provider names them.",
            "vocabulary_size": "How many words and phrases it was told to listen for.",
            "has_separate_streams": "Whether Recall was to transcribe each participant's audio by itself.",
            "provider_config": "All settings as they were given, credentials replaced by null.",
        },
    ),
    "recall.provider_words": Description(
        "What was said as the provider itself heard it, one row for each word. The transcript is where is_final.",
        {
            "transcript_id": "The transcript.",
            "provider": "The provider key.",
            "part": "The message that says it: provider_parts.position.",
            "position": "Place of the word in the message, from 0.",
            "text": "The word as the provider writes it, with its punctuation; a phrase where it tells no words.",
            "start_s": "Start, seconds from the start of the recording; null where unknown.",
            "end_s": "End, seconds from the start of the recording; null where unknown.",
            "confidence": "How sure the provider was of the word, from 0 to 1; null where it does not say.",
            "speaker_label": "The provider's own label of who spoke; channel N where it only tells channels apart.",
            "is_final": "Whether no later message corrects or repeats it; the final words say everything once.",
            "participant_name": "Whose audio was heard, where Recall sent each participant's by itself.",
        },
    ),
}
