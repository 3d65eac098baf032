-- Writes recall.events, as the last statement of the transaction that made them true: one event for each kind, in order.
-- Runs with its owner's rights, so that whoever may write a transcript needs none on the events.
create or replace function recall.write_events(transcript_id uuid, workspace text, kinds text[]) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Whoever holds this lock is about to commit, takes no other lock any more, and gives it back when what it wrote can
    -- be seen: so ids grow in the order of commits, and nothing with a lower id can appear behind a reader.
    -- A table that readers have no right on, so that none of them can hold it.
    lock table syncd.event_order in exclusive mode;
    insert into recall.events (transcript_id, workspace, kind, occurred_at)
    select write_events.transcript_id, write_events.workspace, told.kind, clock_timestamp()
    from unnest(kinds) with ordinality as told (kind, place) order by told.place;
    notify recall_events;
end
$$;

-- Postgres lets everybody execute a new function; an event is told by whoever may write the transcript, and nobody else.
revoke execute on function recall.write_events(uuid, text, text[]) from public;
