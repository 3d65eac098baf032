drop function if exists recall.erase_transcripts(uuid[], text, text);
drop function if exists recall.untrack(uuid);
drop table recall.erasures;
