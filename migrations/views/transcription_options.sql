-- What the provider of each transcript was told, under names that all providers share; the raw settings beside it.
create or replace view recall.transcription_options with (security_invoker = true) as
select
    transcript.transcript_id,
    transcript.provider,
    said.flavour,
    said.language,
    said.languages,
    said.has_language_detection,
    said.model,
    said.has_diarization,
    said.speakers_expected,
    said.has_punctuation,
    said.has_profanity_filter,
    said.has_pii_redaction,
    said.pii_policies,
    said.vocabulary_size,
    transcript.has_separate_streams,
    transcript.provider_config
from recall.transcripts as transcript
cross join lateral jsonb_to_record(coalesce(transcript.options, '{}')) as said (
    flavour text,
    language text,
    languages text[],
    has_language_detection boolean,
    model text,
    has_diarization boolean,
    speakers_expected integer,
    has_punctuation boolean,
    has_profanity_filter boolean,
    has_pii_redaction boolean,
    pii_policies text[],
    vocabulary_size integer
)
where transcript.observed_at is not null;
