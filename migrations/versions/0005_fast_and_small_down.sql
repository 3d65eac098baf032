-- Growth.
drop view if exists recall.sync_freshness;
drop function if exists recall.chunks(integer, uuid, text), recall.chunks_of(uuid, integer), recall.may_hold(integer),
    recall.freshness_of(text);
drop index recall.transcripts_metadata, recall.transcripts_no_content_status, recall.transcripts_no_content_observed,
    recall.events_occurred_at;
alter table syncd.budgets drop column due_from;
