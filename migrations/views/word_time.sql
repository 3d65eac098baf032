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
