-- The utterances of a transcript that are too long for one passage, each with the configuration of its language.
select
    utterance.position,
    utterance.words,
    utterance.parser_version,
    coalesce(
        recall.search_config(utterance.language_code),
        recall.search_config(transcript.options ->> 'language'),
        'simple'
    ) as search_config
from recall.transcripts as transcript
join recall.utterances as utterance on utterance.transcript_id = transcript.transcript_id
where transcript.transcript_id = :transcript_id
  and length(utterance.text) > :most_characters
order by utterance.position
