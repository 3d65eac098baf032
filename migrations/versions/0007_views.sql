-- The views of utterances as they are from revision 0007 on.
-- A time of a word, in seconds, from recall.utterance_data: of its start at its place from 1, of its end word_count later.
-- Postgres puts this body into the query that asks for it, which takes a single expression without SET.
create or replace function recall.word_time(
    start_s double precision, word_times bytea, word_count integer, place integer
) returns double precision
language sql
immutable
parallel safe
return (
    round(start_s * 1e6::double precision)::bigint
    + case
        when octet_length(word_times) = 6 * word_count
            then 65536 * get_byte(word_times, 3 * place - 3)
                + 256 * get_byte(word_times, 3 * place - 2)
                + get_byte(word_times, 3 * place - 1)
        else 16777216 * get_byte(word_times, 4 * place - 4)
            + 65536 * get_byte(word_times, 4 * place - 3)
            + 256 * get_byte(word_times, 4 * place - 2)
            + get_byte(word_times, 4 * place - 1)
    end
) / 1e6::double precision;
-- What was said: one row for each uninterrupted turn of one participant, from recall.utterance_data.
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
            select recall.word_time(said.start_s, said.word_times, said.word_count, word.place)
            from generate_series(1, said.word_count) as word (place)
            order by word.place
        )
        else coalesce(said.word_starts_s, array_fill(null::double precision, array[said.word_count]))
    end as word_starts_s,
    case
        when said.word_times is not null then array(
            select recall.word_time(said.start_s, said.word_times, said.word_count, said.word_count + word.place)
            from generate_series(1, said.word_count) as word (place)
            order by word.place
        )
        else coalesce(said.word_ends_s, array_fill(null::double precision, array[said.word_count]))
    end as word_ends_s,
    said.parser_version
from recall.utterance_data as said
left join recall.participants as participant
    on participant.transcript_id = said.transcript_id and participant.position = said.participant_position;
