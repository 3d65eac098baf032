-- Growth: what is asked often costs the same, however many transcripts have come to their end.
drop function if exists recall.chunks(integer, uuid, text);
