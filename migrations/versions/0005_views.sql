-- The views of utterances as they are from revision 0005 to 0006.
create or replace view recall.utterances with (security_invoker = true) as
select
    said.transcript_id,
    said.position,
    said.participant_position,
    participant.participant_id,
    participant.name as speaker,
    said.start_s,
    said.end_s,
    said.started_at,
    said.ended_at,
    said.text,
    said.language_code,
    said.word_count,
    coalesce(said.words, string_to_array(said.text, ' ')) as words,
    case
        when said.word_times is not null then array(
            select (round(said.start_s * 1e6::double precision)::bigint + word.microsecond) / 1e6::double precision
            from unnest(said.word_times[:said.word_count]) with ordinality as word (microsecond, number)
            order by word.number
        )
        else coalesce(said.word_starts_s, array_fill(null::double precision, array[said.word_count]))
    end as word_starts_s,
    case
        when said.word_times is not null then array(
            select (round(said.start_s * 1e6::double precision)::bigint + word.microsecond) / 1e6::double precision
            from unnest(said.word_times[said.word_count + 1:]) with ordinality as word (microsecond, number)
            order by word.number
        )
        else coalesce(said.word_ends_s, array_fill(null::double precision, array[said.word_count]))
    end as word_ends_s,
    said.parser_version
from recall.utterance_data as said
left join recall.participants as participant
    on participant.transcript_id = said.transcript_id and participant.position = said.participant_position;
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
