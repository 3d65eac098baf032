-- One passage for each utterance of a transcript that is not too long for one, in the utterance's language.
insert into recall.passages (
    transcript_id, position, passage, first_word, last_word, first_character, character_count,
    search_config, search_vector, parser_version
)
select
    utterance.transcript_id, utterance.position, 0, 0, utterance.word_count - 1, 0, length(utterance.text),
    language.search_config,
    to_tsvector(language.search_config::regconfig, recall.search_text(utterance.text)),
    utterance.parser_version
from recall.transcripts as transcript
join recall.utterances as utterance on utterance.transcript_id = transcript.transcript_id
cross join lateral (
    select coalesce(
        recall.search_config(utterance.language_code),
        recall.search_config(transcript.options ->> 'language'),
        'simple'
    ) as search_config
    offset 0  -- reckoned once
) as language
where transcript.transcript_id = :transcript_id
  and utterance.text <> ''
  and length(utterance.text) <= :most_characters
