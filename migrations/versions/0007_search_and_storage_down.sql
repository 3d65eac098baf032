-- Heartbeats without the connection of the process.
drop view if exists recall.sync_freshness, recall.sync_daemons;
alter table syncd.processes drop column listener_pid;

-- Times of words as arrays of integers again.
drop view if exists recall.words, recall.transcript_texts, recall.utterances;
create function pg_temp.unpacked(word_times bytea, word_count integer) returns integer[] language sql immutable
return case when word_times is not null then array(
    select round(1e6 * recall.word_time(0, word_times, word_count, place))::integer
    from generate_series(1, 2 * word_count) as place
    order by place
) end;
alter table recall.utterance_data
    alter column word_times type integer[] using pg_temp.unpacked(word_times, word_count);
drop function pg_temp.unpacked(bytea, integer);
drop function recall.word_time(double precision, bytea, integer, integer);
