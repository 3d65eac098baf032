-- The text search configuration for each language code of a transcript; null stands for utterances without one.
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
),
noted as (
    insert into recall.search_configs (search_config)
    select distinct chosen.search_config from chosen
    on conflict do nothing
)
select chosen.language_code, chosen.search_config from chosen
