-- Erases transcripts with all their rows and their place in the queue, tells so, and answers a receipt for each.
-- An id that is not known is kept from being tracked from then on. Erase many in one call: it writes its events last.
create or replace function recall.erase_transcripts(
    transcript_ids uuid[], reason text default null, selected_by text default 'transcript'
) returns setof recall.erasures
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    asked_at constant timestamptz := clock_timestamp();
    unknown uuid[];
    erased uuid[];
    workspaces text[];
begin
    -- An id that is not known gets a row first: whoever tracks it just now comes before or after all of this.
    with placed as (
        insert into recall.transcripts (transcript_id, workspace, first_seen_at)
        select distinct each.transcript_id, coalesce(
            (select min(served.workspace) from syncd.workspaces as served having count(*) = 1), 'default'
        ), asked_at
        from unnest(erase_transcripts.transcript_ids) as each (transcript_id)
        where each.transcript_id is not null
          and not exists (select from recall.erasures as gone where gone.transcript_id = each.transcript_id)
        order by 1
        on conflict (transcript_id) do nothing
        returning transcript_id
    )
    select coalesce(array_agg(placed.transcript_id), '{}') into unknown from placed;
    -- in the order of ids, and a transcript before its row in the queue, as everybody locks them
    perform from recall.transcripts as known where known.transcript_id = any (erase_transcripts.transcript_ids)
    order by known.transcript_id for update;
    insert into recall.erasures (
        transcript_id, workspace, recording_id, selected_by, reason, row_count, word_count, byte_count, digests,
        erased_at, erased_by
    )
    select
        known.transcript_id, known.workspace, known.recording_id, erase_transcripts.selected_by,
        erase_transcripts.reason,
        case when known.transcript_id = any (unknown) then 0 else 1 end
        + (select count(*) from recall.status_history as told where told.transcript_id = known.transcript_id)
        + (select count(*) from recall.participants as spoke where spoke.transcript_id = known.transcript_id)
        + (select count(*) from recall.utterance_data as said where said.transcript_id = known.transcript_id)
        + (select count(*) from recall.passages as indexed where indexed.transcript_id = known.transcript_id)
        + (select count(*) from recall.provider_parts as part where part.transcript_id = known.transcript_id)
        + (select count(*) from syncd.queue as waiting where waiting.transcript_id = known.transcript_id)
        + files.row_count,
        coalesce(known.word_count, 0), files.byte_count, files.digests, asked_at, session_user
    from recall.transcripts as known
    cross join lateral (
        select
            count(*) as row_count, coalesce(sum(stored.byte_count), 0) as byte_count,
            coalesce(jsonb_object_agg(stored.kind, stored.sha256), '{}') as digests
        from recall.payloads as stored where stored.transcript_id = known.transcript_id
    ) as files
    where known.transcript_id = any (erase_transcripts.transcript_ids)
    on conflict (transcript_id) do nothing;
    with gone as (
        delete from recall.transcripts as known where known.transcript_id = any (erase_transcripts.transcript_ids)
        returning known.transcript_id, known.workspace
    )
    select coalesce(array_agg(gone.transcript_id), '{}'), coalesce(array_agg(gone.workspace), '{}')
    into erased, workspaces from gone;
    delete from syncd.queue as waiting where waiting.transcript_id = any (erased);
    return query
    select receipt.* from recall.erasures as receipt where receipt.transcript_id = any (erased)
    order by receipt.transcript_id;
    perform recall.write_events(each.transcript_id, each.workspace, array['erased'])
    from unnest(erased, workspaces) as each (transcript_id, workspace)
    where not each.transcript_id = any (unknown);
end
$$;

-- The same of ids, side by side: recall.erase(id, id), or recall.erase(variadic array(select ...)). How many were known.
create or replace function recall.erase(variadic transcript_ids uuid[]) returns integer
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*) filter (where receipt.row_count > 0)::integer
    from recall.erase_transcripts(erase.transcript_ids) as receipt
$$;

-- Ends the watch over a transcript that has not reached its end; what is here of it stays. Whether there was one.
create or replace function recall.untrack(transcript_id uuid) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    told_workspace text;
    is_open boolean;
begin
    select known.workspace, known.payload_state in ('pending', 'stored') into told_workspace, is_open
    from recall.transcripts as known where known.transcript_id = untrack.transcript_id for no key update;
    delete from syncd.queue as waiting where waiting.transcript_id = untrack.transcript_id;
    if not found then
        return false;
    end if;
    update recall.transcripts as known
    set payload_state = case when is_open then 'abandoned' else known.payload_state end,
        payload_reason = case when is_open then 'no longer tracked: recall.untrack()' else known.payload_reason end,
        provider_data_state = case
            when known.provider_data_state is null or known.provider_data_state in ('pending', 'stored')
            then 'abandoned' else known.provider_data_state end,
        provider_data_reason = case
            when known.provider_data_state is null or known.provider_data_state in ('pending', 'stored')
            then 'no longer tracked: recall.untrack()' else known.provider_data_reason end
    where known.transcript_id = untrack.transcript_id;
    if is_open then
        perform recall.write_events(untrack.transcript_id, told_workspace, array['failed']);
    end if;
    return true;
end
$$;

revoke execute on function
    recall.erase_transcripts(uuid[], text, text), recall.erase(uuid[]), recall.untrack(uuid)
from public;
