-- How long transcripts take, by provider, as syncd has observed it and plans with it.
-- Runs with its owner's rights, for whoever reads it has none on schema syncd; shows only what its reader may see.
create or replace view recall.sync_durations with (security_barrier = true) as
with bins as (
    select
        workspace, provider, recording_length, begin_s, finished, hazard,
        lead(begin_s) over ages as end_s,
        sum(finished) over everything as finished_in_all,
        sum(hazard * width_s) over (ages rows between unbounded preceding and current row) as cumulated_hazard
    from (
        select
            *,
            coalesce(lead(begin_s) over (partition by workspace, provider, recording_length order by bin) - begin_s, 1e9)
                as width_s
        from syncd.durations
    ) as bin
    window
        everything as (partition by workspace, provider, recording_length),
        ages as (partition by workspace, provider, recording_length order by begin_s)
),
waiting as (
    -- for each provider at each length, and in all
    select workspace, provider, coalesce(recording_length, '') as recording_length, count(*) as waiting_count
    from syncd.queue
    where stage = 'poll'
    group by grouping sets ((workspace, provider), (workspace, provider, recording_length))
    having grouping(recording_length) = 1 or recording_length is not null
),
quantiles as (
    select
        bins.workspace, bins.provider, bins.recording_length, bins.finished_in_all, wanted.share,
        -- inside a bin the hazard is constant, so the last piece is a straight line
        min(case when bins.hazard > 0 and bins.cumulated_hazard >= -ln(1 - wanted.share) then
            greatest(
                bins.begin_s,
                coalesce(bins.end_s, bins.begin_s + 1e9) - (bins.cumulated_hazard + ln(1 - wanted.share)) / bins.hazard
            )
        end) as age_s
    from bins
    cross join (values (0.5), (0.9), (0.99)) as wanted (share)
    group by bins.workspace, bins.provider, bins.recording_length, bins.finished_in_all, wanted.share
)
select
    quantile.workspace,
    quantile.provider,
    nullif(quantile.recording_length, '') as recording_length,
    round(quantile.finished_in_all::numeric, 1) as n,
    round(max(quantile.age_s) filter (where quantile.share = 0.5)::numeric, 1) as p50_s,
    round(max(quantile.age_s) filter (where quantile.share = 0.9)::numeric, 1) as p90_s,
    round(max(quantile.age_s) filter (where quantile.share = 0.99)::numeric, 1) as p99_s,
    coalesce(max(waiting.waiting_count), 0) as still_waiting
from quantiles as quantile
left join waiting
    on waiting.workspace = quantile.workspace
    and waiting.provider = quantile.provider
    and waiting.recording_length = quantile.recording_length
where recall.sees_workspace(quantile.workspace)
group by quantile.workspace, quantile.provider, quantile.recording_length, quantile.finished_in_all;
