-- How far behind Recall the tables are: what waits and for how long, what arrived and how late, what may be lost.
create or replace view recall.sync_freshness with (security_invoker = true) as
select
    served.workspace,
    pending.pending_count,
    pending.pending_under_1h_count,
    pending.pending_1h_to_1d_count,
    pending.pending_1d_to_7d_count,
    pending.pending_over_7d_count,
    pending.oldest_pending_s,
    arrived.loaded_last_hour_count,
    arrived.loaded_last_day_count,
    arrived.lag_p50_s,
    arrived.lag_p95_s,
    (select max(transcript.loaded_at) from recall.transcripts as transcript
        where transcript.workspace = served.workspace) as last_success_at,
    (select max(transcript.observed_at) from recall.transcripts as transcript
        where transcript.workspace = served.workspace) as last_observed_at,
    pending.about_to_be_lost_count,
    pending.next_loss_at
from (
    select workspace from recall.workspaces
    union
    -- one that no daemon has served yet
    select workspace from recall.transcripts where payload_state in ('pending', 'shelved')
) as served
cross join lateral (
    select
        count(*) as pending_count,
        count(*) filter (where waiting.age < interval '1 hour') as pending_under_1h_count,
        count(*) filter (where waiting.age >= interval '1 hour' and waiting.age < interval '24 hours')
            as pending_1h_to_1d_count,
        count(*) filter (where waiting.age >= interval '24 hours' and waiting.age < interval '168 hours')
            as pending_1d_to_7d_count,
        count(*) filter (where waiting.age >= interval '168 hours') as pending_over_7d_count,
        round(extract(epoch from max(waiting.age)), 1)::double precision as oldest_pending_s,
        count(*) filter (where waiting.lost_at < statement_timestamp() + interval '24 hours') as about_to_be_lost_count,
        min(waiting.lost_at) as next_loss_at
    from (
        select
            greatest(statement_timestamp() - transcript.first_seen_at, interval '0') as age,
            -- once its bytes are stored (shelved) nothing can be lost
            case when transcript.payload_state = 'pending' then coalesce(
                transcript.expires_at,
                coalesce(transcript.created_at, transcript.first_seen_at) + interval '7 days'
            ) end as lost_at
        from recall.transcripts as transcript
        where transcript.workspace = served.workspace
          and transcript.payload_state in ('pending', 'shelved')
    ) as waiting
) as pending
cross join lateral (
    select
        count(*) filter (where late.loaded_at > statement_timestamp() - interval '1 hour') as loaded_last_hour_count,
        count(*) as loaded_last_day_count,
        round((percentile_cont(0.5) within group (order by late.lag_s))::numeric, 1)::double precision as lag_p50_s,
        round((percentile_cont(0.95) within group (order by late.lag_s))::numeric, 1)::double precision as lag_p95_s
    from (
        select
            transcript.loaded_at,
            greatest(0, extract(epoch from transcript.loaded_at - transcript.status_updated_at))::double precision
                as lag_s
        from recall.transcripts as transcript
        where transcript.workspace = served.workspace
          and transcript.loaded_at > statement_timestamp() - interval '24 hours'
    ) as late
) as arrived;
