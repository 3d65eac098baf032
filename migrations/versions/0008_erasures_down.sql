drop function if exists recall.erase_transcripts(uuid[], text, text);
drop function if exists recall.untrack(uuid);
drop function if exists recall.retry(uuid[], text, text, timestamptz, boolean);
drop table recall.erasures;
