-- One row for each word, unfolded from recall.utterance_data.
create or replace view recall.words with (security_invoker = true) as
select
    utterance.transcript_id,
    utterance.position,
    (word.ordinality - 1)::integer as word_position,
    participant.participant_id,
    participant.name as speaker,
    word.text,
    -- a time that is none of a meeting may be too large for this sum, and is kept as it came
    case
        when utterance.word_times is null then word.start_s
        else (round(utterance.start_s * 1e6::double precision)::bigint + word.start_microsecond)
            / 1e6::double precision
    end as start_s,
    case
        when utterance.word_times is null then word.end_s
        else (round(utterance.start_s * 1e6::double precision)::bigint + word.end_microsecond)
            / 1e6::double precision
    end as end_s
from recall.utterance_data as utterance
left join recall.participants as participant
    on participant.transcript_id = utterance.transcript_id and participant.position = utterance.participant_position
cross join lateral unnest(
    coalesce(utterance.words, string_to_array(utterance.text, ' ')),
    utterance.word_times[:utterance.word_count],
    utterance.word_times[utterance.word_count + 1:],
    utterance.word_starts_s,
    utterance.word_ends_s
) with ordinality as word (text, start_microsecond, end_microsecond, start_s, end_s, ordinality);
