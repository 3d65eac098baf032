-- One row for each word, unfolded from recall.utterance_data.
create or replace view recall.words with (security_invoker = true) as
select
    said.transcript_id,
    said.position,
    (word.ordinality - 1)::integer as word_position,
    participant.participant_id,
    participant.name as speaker,
    word.text,
    case
        when said.word_times is null then word.start_s
        else recall.word_time(said.start_s, said.word_times, said.word_count, word.ordinality::integer)
    end as start_s,
    case
        when said.word_times is null then word.end_s
        else recall.word_time(
            said.start_s, said.word_times, said.word_count, said.word_count + word.ordinality::integer
        )
    end as end_s
from recall.utterance_data as said
left join recall.participants as participant
    on participant.transcript_id = said.transcript_id and participant.position = said.participant_position
cross join lateral unnest(
    coalesce(said.words, string_to_array(said.text, ' ')), said.word_starts_s, said.word_ends_s
) with ordinality as word (text, start_s, end_s, ordinality);
