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
-- Each transcript as one readable text: a line for each utterance, with its time and who spoke.
create or replace view recall.transcript_texts with (security_invoker = true) as
select transcript.transcript_id, said.text
from recall.transcripts as transcript
cross join lateral (
    select
        coalesce(string_agg(concat(line.time, line.speaker, ': ', line.text), E'\n' order by line.position), '')
            as text
    from (
        select
            utterance.position,
            case when moment.second is not null then format(
                '[%s%s:%s:%s] ',
                case when moment.second < 0 then '-' end,
                abs(moment.second) / 3600,
                lpad((abs(moment.second) / 60 % 60)::text, 2, '0'),
                lpad((abs(moment.second) % 60)::text, 2, '0')
            ) end as time,
            -- a line break inside would begin a line that looks like somebody else's
            translate(
                coalesce(
                    nullif(btrim(utterance.speaker), ''),
                    'Participant ' || nullif(btrim(utterance.participant_id), ''),
                    'Unknown speaker'
                ),
                E'\n\r\x0b\f\u0085\u2028\u2029', '       '
            ) as speaker,
            translate(utterance.text, E'\n\r\x0b\f\u0085\u2028\u2029', '       ') as text
        from recall.utterances as utterance
        cross join lateral (
            -- further away is no time of a meeting
            select case when abs(utterance.start_s) <= 1e10 then floor(utterance.start_s)::bigint end as second
        ) as moment
        where utterance.transcript_id = transcript.transcript_id
          and utterance.text <> ''
    ) as line
) as said
where transcript.payload_state in ('loaded', 'empty');
