-- The names of revision 0003, and its triggers.
drop function if exists recall.erase(uuid[]), recall.write_events(uuid, text, text[]);
alter table syncd.queue rename column last_seen_at to looked_at;
alter table syncd.queue rename column absent_from_done_at to passed_at;
alter table syncd.queue rename column absent_at to left_at;
alter table syncd.queue rename column listed_at to shown_at;
alter table syncd.queue rename column unconfirmed to suspects;
alter table syncd.queue rename column expired_lease_count to rescued_count;
alter table syncd.queue rename column threshold_s to patience_s;
alter table syncd.budgets rename column threshold_s to patience_s;
alter table syncd.budgets rename column gain to trim;
alter table syncd.budgets rename column repriced_at to steered_at;
alter table syncd.list_states rename column scan_hits to walk_hits;
alter table syncd.list_states rename column scan_paused_until to walk_rests_until;
alter table syncd.list_states rename column scan_url to walk_url;
alter table syncd.list_states rename column discover_paused_until to discover_rests_until;
alter table syncd.list_states rename column is_discovery_incomplete to is_discovery_flawed;
alter table syncd.list_states rename column paused_until to rests_until;
alter table syncd.list_states rename column pause_reason to rest_reason;
alter index syncd.queue_absent rename to queue_left;
alter index syncd.list_states_pkey rename to sweeps_pkey;
alter table syncd.list_states rename to sweeps;
-- Writes recall.events when a transaction that changed recall.transcripts commits: one event for each thing that has
-- become true of a row, whatever number of statements it took. Runs with its owner's rights, so that whoever may write
-- a transcript needs none on the events.
create or replace function recall.write_events() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    id constant uuid := coalesce(old.transcript_id, new.transcript_id);
    this constant xid := pg_current_xact_id()::xid;
    silent constant text := coalesce(current_setting('recall.silent', true), '');
    ready constant text[] := array['loaded', 'empty'];
    failed constant text[] := array['failed', 'missing', 'abandoned', 'unavailable', 'too_large', 'unreadable'];
    was_ready constant boolean := coalesce(old.payload_state = any (ready), false);
    was_deleted constant boolean := coalesce(
        old.payload_state = 'deleted' or (was_ready and old.status = 'deleted'), false
    );
    known recall.transcripts;
    is_ready boolean;
    is_deleted boolean;
    kinds text[];
begin
    -- the first of this transaction's changes of a row saw it as it was before them all, and so speaks for all of them
    if exists (select from recall.events as told where told.transcript_id = id and told.xmin = this)
        or position(id::text in silent) > 0 then
        return null;
    end if;
    select * into known from recall.transcripts as transcript where transcript.transcript_id = id;
    if found then
        is_ready := known.payload_state = any (ready);
        is_deleted := known.payload_state = 'deleted' or (is_ready and coalesce(known.status = 'deleted', false));
        kinds := array_remove(array[
            case when is_ready and not was_ready then 'ready' end,
            case when known.payload_state = any (failed)
                and known.payload_state is distinct from old.payload_state then 'failed' end,
            case when is_deleted and not was_deleted then 'deleted' end,
            case when is_ready and was_ready and is_deleted = was_deleted and (
                old.content_sha256 <> known.content_sha256  -- null: loaded before there were digests
                or (old.payload_state, old.utterance_count, old.word_count, old.metadata, old.recording_metadata)
                    is distinct from (known.payload_state, known.utterance_count, known.word_count, known.metadata,
                        known.recording_metadata)
            ) then 'changed' end
        ], null);
    else
        kinds := case when tg_op = 'INSERT' then '{}' else array['erased'] end;
    end if;
    if kinds = '{}' then
        if new is distinct from known then  -- there and back again: the changes to come must not speak for themselves
            perform set_config('recall.silent', silent || ' ' || id, true);
        end if;
        return null;
    end if;
    -- Whoever holds this lock is committing, takes no other lock any more, and gives it back when what it wrote can be
    -- seen: so ids grow in order of commit, and nothing with a lower id can appear behind a reader.
    -- A table that readers have no right on, so that none of them can hold it.
    lock table syncd.event_order in exclusive mode;
    insert into recall.events (transcript_id, workspace, kind, occurred_at)
    select id, coalesce(known.workspace, old.workspace), told.kind, clock_timestamp()
    from unnest(kinds) with ordinality as told (kind, place) order by told.place;
    notify recall_events;
    return null;
end
$$;
create constraint trigger transcripts_inserted after insert on recall.transcripts
    deferrable initially deferred for each row
    when (new.payload_state not in ('pending', 'shelved'))
    execute function recall.write_events();
create constraint trigger transcripts_updated after update on recall.transcripts
    deferrable initially deferred for each row
    when (
        -- every column that recall.write_events() compares, or it would not see the row as it was
        (old.payload_state <> new.payload_state
            and not (old.payload_state in ('pending', 'shelved') and new.payload_state in ('pending', 'shelved')))
        or (new.payload_state in ('loaded', 'empty')
            and (old.status, old.metadata, old.recording_metadata, old.content_sha256, old.utterance_count,
                    old.word_count)
                is distinct from (new.status, new.metadata, new.recording_metadata, new.content_sha256,
                    new.utterance_count, new.word_count))
    )
    execute function recall.write_events();
create constraint trigger transcripts_deleted after delete on recall.transcripts
    deferrable initially deferred for each row
    execute function recall.write_events();
