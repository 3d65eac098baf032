-- Heartbeats without the connection of the process.
drop view if exists recall.sync_freshness, recall.sync_daemons, syncd.live_processes;
alter table syncd.processes drop column listener_pid;

-- Times of words as arrays of integers again.
drop view if exists recall.words, recall.transcript_texts, recall.utterances;
create function syncd.unpacked(word_times bytea, word_count integer) returns integer[] language sql immutable
return case when word_times is not null then array(
    select round(1e6 * recall.word_time(0, word_times, word_count, place))::integer
    from generate_series(1, 2 * word_count) as place
    order by place
) end;
alter table recall.utterance_data
    alter column word_times type integer[] using syncd.unpacked(word_times, word_count);
drop function syncd.unpacked(bytea, integer);
drop function recall.word_time(double precision, bytea, integer, integer);

-- The former word for a file whose bytes are stored.
update recall.transcripts
set payload_state = case payload_state when 'stored' then 'shelved' else payload_state end,
    provider_data_state = case provider_data_state when 'stored' then 'shelved' else provider_data_state end
where payload_state = 'stored' or provider_data_state = 'stored';
drop index recall.transcripts_undecided, recall.transcripts_no_content_status, recall.transcripts_no_content_observed;
create index transcripts_undecided on recall.transcripts (workspace, first_seen_at)
    where payload_state in ('pending', 'shelved');
create index transcripts_no_content_status on recall.transcripts (status_updated_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
create index transcripts_no_content_observed on recall.transcripts (observed_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
