-- Growth: what is asked often costs the same, however many transcripts have come to their end.
drop function if exists recall.chunks(integer, uuid, text);
-- `metadata @> '{...}'`, of the transcript or of the recording. Without fastupdate: a list of new entries that each
-- question reads to its end would make questions slower than the entries make writing.
create index transcripts_metadata on recall.transcripts
    using gin (metadata jsonb_path_ops, recording_metadata jsonb_path_ops) with (fastupdate = off)
    where metadata is not null or recording_metadata is not null;
-- The few that ended without content, newest first: by Recall's time, and by ours.
create index transcripts_no_content_status on recall.transcripts (status_updated_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
create index transcripts_no_content_observed on recall.transcripts (observed_at)
    where status = 'failed' or payload_state not in ('pending', 'shelved', 'loaded', 'empty');
create index events_occurred_at on recall.events (occurred_at);
-- Where claims begin to look, so that they do not pass the dead rows of all polls since somebody's old snapshot.
alter table syncd.budgets add column due_from timestamptz;
