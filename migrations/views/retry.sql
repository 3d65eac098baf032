-- Gives transcripts that ended in a state worth another try just that, all or chosen; answers their ids. An argument that
-- is null chooses nothing. With dry_run it answers the same and changes nothing.
create or replace function recall.retry(
    transcript_ids uuid[] default null,
    state text default null,
    reason text default null,
    since timestamptz default null,
    dry_run boolean default false
) returns setof uuid
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    chosen record;
begin
    -- in the order of ids, as everybody locks them
    for chosen in
        select known.transcript_id, known.workspace
        from recall.transcripts as known
        join recall.payload_states as ended on ended.payload_state = known.payload_state
        where ended.is_worth_another_try
          and (retry.transcript_ids is null or known.transcript_id = any (retry.transcript_ids))
          -- those that Recall has deleted only where they are asked for
          and (retry.state is null or known.payload_state = retry.state)
          and (known.payload_state <> 'deleted' or retry.state is not null or retry.transcript_ids is not null)
          and (retry.reason is null or strpos(lower(known.payload_reason), lower(retry.reason)) > 0)
          and (retry.since is null or exists (
              select from recall.events as told
              where told.transcript_id = known.transcript_id and told.kind = 'failed' and told.occurred_at >= retry.since
          ))
        order by known.transcript_id
    loop
        if retry.dry_run or recall.track(chosen.transcript_id, chosen.workspace) then
            return next chosen.transcript_id;
        end if;
    end loop;
end
$$;

revoke execute on function recall.retry(uuid[], text, text, timestamptz, boolean) from public;
