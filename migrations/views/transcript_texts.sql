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
