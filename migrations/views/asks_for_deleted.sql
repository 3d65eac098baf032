-- Whether whoever asks wants to see what Recall has deleted, too: `set recall.include_deleted = on`. Postgres puts this
-- into the query, so it costs nothing for each row.
create or replace function recall.asks_for_deleted() returns boolean
language sql
stable
parallel safe
begin atomic
    select coalesce(pg_catalog.current_setting('recall.include_deleted', true) in ('on', 'true', 'yes', '1'), false);
end;
