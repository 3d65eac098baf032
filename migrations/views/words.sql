-- One row for each word, from the parallel arrays of recall.utterances.
create or replace view recall.words with (security_invoker = true) as
select
    utterance.transcript_id,
    utterance.position,
    (word.ordinality - 1)::integer as word_position,
    utterance.participant_id,
    utterance.speaker,
    word.text,
    word.start_s,
    word.end_s
from recall.utterances as utterance
cross join lateral unnest(utterance.words, utterance.word_starts_s, utterance.word_ends_s)
    with ordinality as word (text, start_s, end_s, ordinality);
