-- The text search configuration for each language code of a transcript, and whether it is noted as being in use;
-- null stands for utterances without a code.
with chosen as (
    select
        given.language_code,
        coalesce(
            recall.search_config(given.language_code),
            recall.search_config(transcript.options ->> 'language'),
            'simple'
        ) as search_config
    from recall.transcripts as transcript
    cross join unnest(cast(:language_codes as text[])) as given (language_code)
    where transcript.transcript_id = :transcript_id
)
select
    chosen.language_code,
    chosen.search_config,
    exists (
        select from recall.search_configs as used where used.search_config = chosen.search_config
    ) as is_noted
from chosen
