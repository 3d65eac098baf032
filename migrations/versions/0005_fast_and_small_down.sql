-- Growth.
drop function if exists recall.chunks(integer, uuid, text), recall.chunks_of(uuid, integer), recall.may_hold(integer);
