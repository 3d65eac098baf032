drop function if exists recall.erase_transcripts(uuid[], text, text);
drop function if exists recall.untrack(uuid);
drop function if exists recall.retry(uuid[], text, text, timestamptz, boolean);
drop table recall.erasures;
drop view if exists recall.latest_transcripts, recall.talk_time;
drop function if exists recall.chunks(integer, uuid, text), recall.asks_for_deleted();
alter table recall.transcripts drop column deleted_at;
