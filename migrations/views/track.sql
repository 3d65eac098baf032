-- Begin to track a transcript: its row for the analyst, its place in the queue, and a hint to the daemons.
-- Runs with its owner's rights, so that whoever may call it needs no right on the queue.
create or replace function recall.track(transcript_id uuid, workspace text default null) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    chosen text := coalesce(
        track.workspace,
        (select min(served.workspace) from syncd.workspaces as served having count(*) = 1),
        'default'
    );
    is_wanted boolean;
    -- a distributed table takes times as values, and no volatile function
    asked_at constant timestamptz := clock_timestamp();
begin
    if not exists (select from syncd.workspaces as served where served.workspace = chosen) then
        raise warning 'no daemon has served the workspace "%" yet', chosen
            using hint = 'The transcript waits until one does; tracking it again may name another workspace.';
    end if;
    if track.transcript_id is null then
        raise exception 'a transcript id is missing' using errcode = 'null_value_not_allowed';
    end if;
    if exists (select from recall.erasures as gone where gone.transcript_id = track.transcript_id) then
        raise notice 'the transcript % was erased, and is not tracked again', track.transcript_id;
        return false;
    end if;
    insert into recall.transcripts (transcript_id, workspace, first_seen_at)
    values (track.transcript_id, chosen, asked_at)
    on conflict (transcript_id) do nothing;
    is_wanted := found;
    -- where the insert waited for somebody who was erasing it, only a statement after it sees the erasure
    if is_wanted and exists (
        select from recall.erasures as gone where gone.transcript_id = track.transcript_id
    ) then
        delete from recall.transcripts as known where known.transcript_id = track.transcript_id;
        return false;
    end if;
    if not is_wanted then
        -- these ends are worth another try; all the others are final, and pending ones are on their way
        update recall.transcripts as known
        set payload_state = 'pending', payload_reason = null, workspace = chosen, deleted_at = null,
            -- a file of the provider that was loaded stays; any other end is open again
            provider_data_state = case when known.provider_data_state in ('loaded', 'empty', 'none')
                then known.provider_data_state end,
            provider_data_reason = case when known.provider_data_state in ('loaded', 'empty', 'none')
                then known.provider_data_reason end
        where known.transcript_id = track.transcript_id
          and known.payload_state in (
              select state.payload_state from recall.payload_states as state where state.is_worth_another_try
          );
        is_wanted := found;
    end if;
    if not is_wanted and track.workspace is not null then
        -- filed under another workspace, perhaps by mistake, and never seen there: it belongs where it is wanted now
        update recall.transcripts as known set workspace = chosen
        where known.transcript_id = track.transcript_id and known.workspace <> chosen
          and known.status is null and known.payload_state = 'pending';
        if found then
            update syncd.queue as waiting set workspace = chosen, due_at = asked_at
            where waiting.transcript_id = track.transcript_id;
            perform pg_notify('syncd_wake', chosen);
        end if;
    end if;
    if is_wanted then
        insert into syncd.queue (
            transcript_id, workspace, stage, due_at, tracked_at, pending_until, is_observed, created_at, provider
        )
        select
            track.transcript_id, chosen, 'poll', asked_at, asked_at,
            asked_at + interval '30 days', known.status is not null, known.created_at, known.provider
        from recall.transcripts as known
        where known.transcript_id = track.transcript_id
        -- where its end was told while another file of it is still worked on, its row begins anew: the lease is lost
        on conflict (transcript_id) do update set
            workspace = excluded.workspace, stage = excluded.stage, due_at = excluded.due_at,
            tracked_at = excluded.tracked_at, pending_until = excluded.pending_until,
            is_observed = excluded.is_observed, attempts = 0, not_found_count = 0, forbidden_count = 0,
            unconfirmed = '{}', absent_at = null, last_error = null, last_error_at = null,
            lease_token = null, lease_holder = null, lease_until = null;
        perform pg_notify('syncd_wake', chosen);
    end if;
    return is_wanted;
end
$$;
