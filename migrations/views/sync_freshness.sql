-- The row of recall.sync_freshness for one workspace. A function, so that Postgres does not compile the query first (jit):
-- the view's estimated cost is that of all workspaces there could be, its real one a few milliseconds.
create or replace function recall.freshness_of(workspace text) returns table (
    pending_count bigint,
    pending_under_1h_count bigint,
    pending_1h_to_1d_count bigint,
    pending_1d_to_7d_count bigint,
    pending_over_7d_count bigint,
    oldest_pending_s double precision,
    loaded_last_hour_count bigint,
    loaded_last_day_count bigint,
    lag_p50_s double precision,
    lag_p95_s double precision,
    last_success_at timestamptz,
    last_observed_at timestamptz,
    about_to_be_lost_count bigint,
    next_loss_at timestamptz
)
language sql
stable
parallel safe
rows 1
set jit = off
set search_path = pg_catalog, pg_temp
as $$
    select
        pending.pending_count,
        pending.under_1h_count,
        pending.under_1d_count - pending.under_1h_count,
        pending.under_7d_count - pending.under_1d_count,
        pending.pending_count - pending.under_7d_count,
        round(extract(epoch from pending.oldest), 1)::double precision,
        arrived.last_hour_count,
        arrived.last_day_count,
        round(late.lag_s[1]::numeric, 1)::double precision,
        round(late.lag_s[2]::numeric, 1)::double precision,
        (select max(transcript.loaded_at) from recall.transcripts as transcript
            where transcript.workspace = freshness_of.workspace),
        (select max(transcript.observed_at) from recall.transcripts as transcript
            where transcript.workspace = freshness_of.workspace),
        pending.about_to_be_lost_count,
        pending.next_loss_at
    from (
        select
            count(*) as pending_count,
            count(*) filter (where waiting.age < interval '1 hour') as under_1h_count,
            count(*) filter (where waiting.age < interval '24 hours') as under_1d_count,
            count(*) filter (where waiting.age < interval '168 hours') as under_7d_count,
            max(waiting.age) as oldest,
            count(*) filter (where waiting.lost_at < statement_timestamp() + interval '24 hours')
                as about_to_be_lost_count,
            min(waiting.lost_at) as next_loss_at
        from (
            select
                greatest(statement_timestamp() - transcript.first_seen_at, interval '0') as age,
                -- once its bytes are stored nothing can be lost
                case when transcript.payload_state = 'pending' then coalesce(
                    transcript.expires_at,
                    coalesce(transcript.created_at, transcript.first_seen_at) + interval '7 days'
                ) end as lost_at
            from recall.transcripts as transcript
            where transcript.workspace = freshness_of.workspace
              and transcript.payload_state in ('pending', 'stored')
        ) as waiting
    ) as pending
    cross join (
        select
            count(*) filter (where transcript.loaded_at > statement_timestamp() - interval '1 hour') as last_hour_count,
            count(*) as last_day_count
        from recall.transcripts as transcript
        where transcript.workspace = freshness_of.workspace
          and transcript.loaded_at > statement_timestamp() - interval '24 hours'
    ) as arrived
    cross join (
        select percentile_cont(array[0.5, 0.95]) within group (order by newest.lag_s) as lag_s
        from (
            select
                greatest(0, extract(epoch from transcript.loaded_at - transcript.status_updated_at))::double precision
                    as lag_s
            from recall.transcripts as transcript
            where transcript.workspace = freshness_of.workspace
              and transcript.loaded_at > statement_timestamp() - interval '24 hours'
            order by transcript.loaded_at desc
            limit 10000
        ) as newest
    ) as late
$$;

-- How far behind Recall the tables are: what waits and for how long, what arrived and how late, what may be lost.
create or replace view recall.sync_freshness with (security_invoker = true) as
with recursive waiting (workspace) as (
    -- those of the pending ones, one after another, by the index transcripts_undecided
    select min(workspace) from recall.transcripts where payload_state in ('pending', 'stored')
    union all
    select (
        select min(transcript.workspace) from recall.transcripts as transcript
        where transcript.payload_state in ('pending', 'stored') and transcript.workspace > waiting.workspace
    )
    from waiting
    where waiting.workspace is not null
)
select
    served.workspace,
    coalesce(daemons.live_count, 0) as live_daemon_count,
    daemons.seen_at as daemon_seen_at,
    freshness.*,
    registered.discovery_cut_short_at,
    registered.discovery_cut_short_reason
from (
    select workspace from recall.workspaces
    union
    -- one that no daemon has served yet
    select workspace from waiting where workspace is not null
) as served
left join recall.sync_daemons as daemons on daemons.workspace = served.workspace
left join recall.workspaces as registered on registered.workspace = served.workspace
cross join lateral recall.freshness_of(served.workspace) as freshness;
